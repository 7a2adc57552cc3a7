"""What the commands share: the app they belong to, common options, and how they print."""

import inspect
import json
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Event
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from uce_core.cli.progress_lines import ProgressLines
from uce_core.files import not_writable
from uce_core.generation.progress import Cancelled
from uce_core.generation.samplers import SAMPLERS
from uce_core.problems import Problem
from uce_core.version import VERSION

app = typer.Typer(help="Erase concepts from diffusion models in closed form.", add_completion=False)
evaluate = typer.Typer(help="Measure edits and models over many images, with intervals.", no_args_is_help=True)
app.add_typer(evaluate, name="evaluate")


MANY = 200  # concepts whose texts are not encoded in a moment


def print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"uce {VERSION}")
        raise typer.Exit


def to_folder(out: Path) -> Path:
    """For an option: refused before anything is done, if files cannot be written there. Raises ValueError."""
    there = next(path for path in (out, *out.absolute().parents) if path.exists())
    if not there.is_dir():
        raise Problem("out_is_a_file", "{path} is a file: name a folder for --out.", path=there)
    if not os.access(there, os.W_OK):
        raise not_writable(str(out))
    return out


def to_file(out: Path) -> Path:
    """The same for a file."""
    if out.is_dir():
        raise Problem("out_is_a_folder", "{path} is a folder: name a file for --out.", path=out)
    to_folder(out.absolute().parent)
    return out


@app.callback()
def common(
    version: Annotated[
        bool, typer.Option("--version", callback=print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options of the program itself."""


ModelName = Annotated[str, typer.Option(help="atelier, a diffusers folder, a .safetensors file, or a hub id.")]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")]
Dtype = Annotated[str, typer.Option(help="Precision of the pipeline: auto, fp32, bf16 or fp16.")]
Offload = Annotated[
    bool, typer.Option("--offload", help="Keep parts of the model on the CPU until used: for small GPUs.")
]
Compiled = Annotated[bool, typer.Option("--compile", help="Compile the UNet: slower start, faster steps.")]
GuidanceScale = Annotated[
    float | None, typer.Option(help="How closely to follow the prompt; default: that of the model family.")
]
SamplerName = Annotated[str, typer.Option(help=f"{', '.join(SAMPLERS)}; default: the model's own.")]
Ray = Annotated[
    str, typer.Option("--ray", help="Ray cluster to use: its address, auto, or local for one of this machine.")
]
WorkerCount = Annotated[
    int, typer.Option("--workers", min=0, help="Workers on the cluster; default: one a GPU, or one for --cores.")
]
Cores = Annotated[int, typer.Option(min=1, help="CPU cores of each worker, where there are no GPUs.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def asks(run: Callable[..., None], parameters: Iterable[inspect.Parameter]) -> Callable[..., None]:
    """The function, for Typer one with these parameters, each an option by its name."""
    named = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in parameters]
    run.__signature__ = inspect.Signature(named)  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in named}
    return run


def output(as_json: bool, facts: dict[str, Any], text: str) -> None:
    typer.echo(json.dumps(facts, ensure_ascii=False) if as_json else text)


def log(as_json: bool, text: str) -> None:
    """Progress, on stderr; not for a program that reads JSON."""
    if not as_json:
        typer.echo(text, err=True)


@contextmanager
def progress(as_json: bool) -> Iterator[Callable[[float, int], None]]:
    """A bar with the time left on stderr, or lines if that is no terminal: call it with how much is done, and of how
    much."""
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    if not console.is_terminal:
        yield ProgressLines(partial(log, as_json))
        return
    with Progress(*columns, console=console, transient=True, disable=as_json) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def encoding(as_json: bool, concepts: int) -> Iterator[Callable[[float, int], None]]:
    """progress while texts are encoded, announced where that takes long."""
    if concepts > MANY:
        log(as_json, f"Encoding the texts of {concepts:,} concepts.")
    with progress(as_json) as on_text:
        yield on_text


@contextmanager
def until_interrupted() -> Iterator[Callable[[], None]]:
    """Call it now and then: after Ctrl-C it raises Cancelled, so that what was done by then can be kept."""
    asked = Event()
    before = signal.signal(signal.SIGINT, lambda *_: asked.set())

    def go_on() -> None:
        if asked.is_set():
            raise Cancelled

    try:
        yield go_on
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def stoppable(as_json: bool) -> Iterator[Callable[[float, int], None]]:
    """progress, called often, that raises Cancelled after Ctrl-C."""
    with until_interrupted() as go_on, progress(as_json) as bar:

        def on_step(done: float, total: int) -> None:
            go_on()
            bar(done, total)

        yield on_step


def plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)

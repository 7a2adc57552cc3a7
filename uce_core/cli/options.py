"""What the commands share: the app they belong to, common options, and how they print."""

import json
from typing import Annotated, Any

import typer

app = typer.Typer(help="Erase concepts from diffusion models in closed form.", add_completion=False)

ModelName = Annotated[str, typer.Option(help="atelier, a diffusers folder, or a hub id.")]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")]
Dtype = Annotated[str, typer.Option(help="auto, fp32, bf16 or fp16, of the pipeline.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def show(as_json: bool, facts: dict[str, Any], text: str) -> None:
    typer.echo(json.dumps(facts, ensure_ascii=False) if as_json else text)


def say(as_json: bool, text: str) -> None:
    """Progress, on stderr; not for a program that reads JSON."""
    if not as_json:
        typer.echo(text, err=True)


def plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)

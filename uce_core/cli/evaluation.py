"""What the commands that evaluate edits share: their options, how an evaluation is run, and what is printed of it."""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cached_property, wraps
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any

import typer

from uce_core.cli.options import (
    AsJson,
    Cores,
    Device,
    Dtype,
    GuidanceScale,
    ModelName,
    Offload,
    Ray,
    SamplerName,
    WorkerCount,
    asks,
    log,
    output,
    progress,
)
from uce_core.cli.recording import NoRecord, ids_of, keeping, recorded_line
from uce_core.cli.trackers import Tracker, log_evaluation, tracker_of
from uce_core.cluster.ray_workers import Source, ray_workers
from uce_core.edits.edit import Edit
from uce_core.evaluation.blocks import Shard
from uce_core.evaluation.candidates import Candidate, as_candidate
from uce_core.evaluation.edit_report import EditReport
from uce_core.evaluation.evaluate import Evaluation, generate_shard
from uce_core.evaluation.inputs import EvaluationInputs
from uce_core.evaluation.tables import PAPERS, summary, tables
from uce_core.evaluation.worker import Workers
from uce_core.metrics.csd import load_descriptor
from uce_core.metrics.nudenet import NudityDetector, load_detector
from uce_core.models.model import Model, load_model
from uce_core.models.sources import ATELIER
from uce_core.models.sources import folder_of as model_folder
from uce_core.problems import Problem
from uce_core.remote import folder_of, reaching
from uce_core.workflows import run_evaluation

Edits = Annotated[list[Path], typer.Option("--edit", help="Edit file; repeat to compare several.")]
Artists = Annotated[list[str], typer.Option(help="Artist to measure; default: all that the edits erase; repeatable.")]
Out = Annotated[
    str,
    typer.Option(
        metavar="FOLDER",
        help="For images, scores.csv, report.json and report.html: a path, or an address such as s3://BUCKET/PATH.",
    ),
]
Images = Annotated[int, typer.Option(min=1, help="Images per prompt, from consecutive seeds.")]
Steps = Annotated[int | None, typer.Option(help="Denoising steps; default: that of the model family.")]
Others = Annotated[int, typer.Option(min=0, help="Number of other artists to include.")]
Csd = Annotated[Path | None, typer.Option(help="CSD weights as safetensors, to measure style with CSD too.")]
NudeNet = Annotated[
    bool, typer.Option("--nudenet", help="Count exposed body parts by class with NudeNet, too; not with Atelier.")
]
Erased = Annotated[
    list[str], typer.Option("--erase", help="Artist to erase; default: the first of the catalogue; repeatable.")
]
ShardOption = Annotated[
    str, typer.Option("--shard", help="i/n: generate only the i-th of n parts of the images, without measuring.")
]
MostFailed = Annotated[
    float, typer.Option("--fail-on-error", min=0, max=1, help="Share of images that may fail without exit status 1.")
]
SingleFile = Annotated[
    bool, typer.Option("--single-file", help="Put the images into report.html, so that it can be mailed.")
]
Retained = Annotated[
    list[str], typer.Option("--retain", help="Artist to retain; default: the next of the catalogue; repeatable.")
]


def read_edits(paths: Sequence[Path], artists: Sequence[str]) -> list[Candidate]:
    """Named after their files. Raises ValueError for one that does not say which artists it erases."""
    found = [as_candidate(path.stem, Edit.load(path), artists) for path in paths]
    for path, one in zip(paths, found, strict=True):
        if not one.erased:
            raise Problem(
                "edit_file_without_artists",
                "{file} does not say which artists it erases: name them with --artist.",
                file=path.name,
            )
    return found


@dataclass(frozen=True, kw_only=True)
class How:
    """What the options say that all evaluations share. csd: file of CSD's weights. nudenet: whether NudeNet counts,
    too. shard: which part of the images is generated, "" to generate all that are not there and measure them. ray: a
    cluster's address, "" for this process alone. tracker: where figures are logged, "" for nowhere."""

    out: Out
    steps: Steps = None
    guidance_scale: GuidanceScale = None
    sampler: SamplerName = ""
    csd: Csd = None
    nudenet: NudeNet = False
    model: ModelName = "atelier"
    device: Device = "auto"
    dtype: Dtype = "auto"
    offload: Offload = False
    shard: ShardOption = ""
    ray: Ray = ""
    workers: WorkerCount = 0
    cores: Cores = 1
    most_failed: MostFailed = 0.0
    single_file: SingleFile = False
    tracker: Tracker = ""
    no_record: NoRecord = False
    as_json: AsJson = False

    def __post_init__(self) -> None:
        """What would otherwise be found wrong after hours. Raises ValueError for a shard that is none, a tracker or
        NudeNet that is not installed, NudeNet on Atelier, and a folder that cannot be reached."""
        if self.shard:
            Shard.named(self.shard)
        tracker_of(self.tracker)
        self.detector  # noqa: B018 (found now)
        self.folder  # noqa: B018 (found now)

    @cached_property
    def folder(self) -> Path:
        return folder_of(self.out)

    @property
    def detector(self) -> NudityDetector | None:
        """NudeNet's, if it counts. Raises ValueError if it is not installed, or the model is Atelier."""
        if not self.nudenet:
            return None
        if model_folder(self.model) == ATELIER:
            raise Problem(
                "nudenet_on_atelier",
                "NudeNet has nothing to count in Atelier's images, which are harmless stand-ins: leave out --nudenet, "
                "or name another model with --model.",
            )
        return load_detector()

    def load(self) -> Model:
        """Raises ValueError if it cannot be read."""
        return load_model(self.model, self.device, self.dtype, self.offload)

    @property
    def source(self) -> Source:
        """The model as each worker of a cluster loads it."""
        return Source(
            model=self.model,
            device=self.device,
            dtype=self.dtype,
            offload=self.offload,
            csd=self.csd,
            nudenet=self.nudenet,
        )


def evaluates(command: Callable[..., None]) -> Callable[..., None]:
    """For a command with a parameter how: the options of How behind its own, and what they say in how."""
    shared = inspect.signature(How).parameters

    @wraps(command)
    def run(**values: Any) -> None:
        how = How(**{name: values.pop(name) for name in shared})
        with reaching(how.folder):
            command(how=how, **values)

    own = (one for one in inspect.signature(command).parameters.values() if one.name != "how")
    return asks(run, (*own, *shared.values()))


def tables_of(reports: Sequence[EditReport], shows: Sequence[str] = tuple(PAPERS)) -> str:
    """All that is printed of each edit. shows: which of the papers' metrics."""
    parts = []
    for one in reports:
        found = "\n\n".join(table.markdown for table in tables(one, shows))
        parts.append("\n".join([f"{one.edit}\n", found, "", *map(str, summary(one))]))
    return "\n\n".join(parts)


def evaluated(
    model: Model,
    inputs: EvaluationInputs,
    how: How,
    text: Callable[[Sequence[EditReport]], str] = tables_of,
    more: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Done, and printed. text: of the reports. more: facts for JSON. Exits with 1 if too many images failed."""
    if how.shard:
        shard = Shard.named(how.shard)
        with _workers(model, inputs, how) as workers, progress(how.as_json) as on_image:
            generate_shard(model, inputs, how.folder, shard, on_image, workers)
        said = f"Shard {shard.number} of {shard.count} is generated. When all are: the same command without --shard."
        output(how.as_json, {"out": str(how.folder), "shard": how.shard}, said)
        return
    tracker, descriptor = tracker_of(how.tracker), load_descriptor(how.csd) if how.csd else None
    with _workers(model, inputs, how) as workers, progress(how.as_json) as on_image:
        keep = keeping(how.no_record)
        done = run_evaluation(
            model, inputs, how.folder, keep, descriptor, on_image, how.single_file, workers, how.detector
        )
    print_evaluation(done.found, ids_of(done.runs), how.as_json, text, more)
    if tracker:
        log_evaluation(tracker, done.found)
    failed = sum(map(len, done.found.left_out.values()))
    if failed > how.most_failed * inputs.image_count:
        typer.echo(f"{failed} of {inputs.image_count} images failed, as the report says.", err=True)
        raise typer.Exit(1)


@contextmanager
def _workers(model: Model, inputs: EvaluationInputs, how: How) -> Iterator[Workers | None]:
    """Those of a cluster, if one was asked for; at the end it is said what each has generated."""
    if not how.ray:
        yield None
        return
    image_folder = inputs.image_folder(model, how.folder.absolute())
    with ray_workers(
        how.ray, how.source, inputs, image_folder, model=model, count=how.workers, cores=how.cores
    ) as workers:
        log(how.as_json, f"Workers: {workers.count}. Each loads the model first, where there is room for it.")
        yield workers
    for name, images in workers.done.most_common():
        log(how.as_json, f"{name}: {images} images.")


def print_evaluation(
    done: Evaluation,
    runs: Sequence[str],
    as_json: bool,
    text: Callable[[Sequence[EditReport]], str],
    more: Mapping[str, Any],
) -> None:
    edits = [asdict(one) for one in done.reports]
    facts = done.plan | {"out": str(done.folder), "left_out": done.left_out, "edits": edits, "runs": runs} | dict(more)
    end = "\n".join([f"See {done.page}.", *recorded_line(runs)])
    output(as_json, facts, f"{text(done.reports)}\n\n{end}")

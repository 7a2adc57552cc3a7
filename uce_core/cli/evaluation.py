"""What the commands that evaluate edits share: their options, how an evaluation is run, and what is printed of it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from uce_core.cli.options import output, progress
from uce_core.cli.recording import ids_of, keeping, recorded_line
from uce_core.edits.edit import Edit
from uce_core.evaluation.blocks import Shard
from uce_core.evaluation.evaluate import Evaluation, EvaluationInputs, generate_shard
from uce_core.evaluation.measure import Candidate, as_candidate
from uce_core.evaluation.tables import PAPERS, summary, tables
from uce_core.metrics.csd import load_descriptor
from uce_core.models.model import Model
from uce_core.problems import Problem
from uce_core.workflows import run_evaluation

Edits = Annotated[list[Path], typer.Option("--edit", help="Edit file; repeat to compare several.")]
Artists = Annotated[list[str], typer.Option(help="Artist to measure; default: all that the edits erase; repeatable.")]
Out = Annotated[Path, typer.Option(help="Folder for images, scores.csv, report.json and report.html.")]
Images = Annotated[int, typer.Option(min=1, help="Images per prompt, from consecutive seeds.")]
Steps = Annotated[int | None, typer.Option(help="Denoising steps; default: that of the model family.")]
Others = Annotated[int, typer.Option(min=0, help="Number of other artists to include.")]
Csd = Annotated[Path | None, typer.Option(help="CSD weights as safetensors, to measure style with CSD too.")]
Erased = Annotated[
    list[str], typer.Option("--erase", help="Artist to erase; default: the first of the catalogue; repeatable.")
]
ShardOption = Annotated[
    str, typer.Option("--shard", help="i/n: generate only the i-th of n parts of the images, without measuring.")
]
MostFailed = Annotated[
    float, typer.Option("--fail-on-error", min=0, max=1, help="Share of images that may fail without exit status 1.")
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
    """Where an evaluation is done, and what is kept and said of it. csd: CSD's weights. shard: which part of the images
    is generated, "" to generate all that are not there and measure them. no_record: as the option says. most_failed:
    share of images that may fail."""

    out: Path
    csd: Path | None = None
    shard: str = ""
    no_record: bool
    most_failed: float = 0.0
    as_json: bool


def evaluated(
    model: Model, inputs: EvaluationInputs, how: How, shows: Sequence[str] = tuple(PAPERS)
) -> Evaluation | None:
    """What was found, and printed; None of a shard. Exits with 1 if too many images failed."""
    if how.shard:
        shard = Shard.named(how.shard)
        with progress(how.as_json) as on_image:
            generate_shard(model, inputs, how.out, shard, on_image)
        said = f"Shard {shard.number} of {shard.count} is generated. When all are: the same command without --shard."
        output(how.as_json, {"out": str(how.out), "shard": how.shard}, said)
        return None
    descriptor = load_descriptor(how.csd) if how.csd else None
    with progress(how.as_json) as on_image:
        done = run_evaluation(model, inputs, how.out, keeping(how.no_record), descriptor, on_image)
    print_evaluation(done.found, ids_of(done.runs), how.as_json, shows)
    failed = sum(map(len, done.found.left_out.values()))
    if failed > how.most_failed * inputs.image_count:
        typer.echo(f"{failed} of {inputs.image_count} images failed, as the report says.", err=True)
        raise typer.Exit(1)
    return done.found


def print_evaluation(
    done: Evaluation, runs: Sequence[str], as_json: bool, shows: Sequence[str] = tuple(PAPERS)
) -> None:
    edits = [asdict(one) for one in done.reports]
    facts = done.plan | {"out": str(done.folder), "left_out": done.left_out, "edits": edits, "runs": runs}
    parts = []
    for one in done.reports:
        found = "\n\n".join(table.markdown for table in tables(one, shows))
        parts.append("\n".join([f"{one.edit}\n", found, "", *map(str, summary(one))]))
    end = "\n".join([f"See {done.folder / 'report.html'}.", *recorded_line(runs)])
    output(as_json, facts, "\n\n".join([*parts, end]))

"""What the commands that evaluate edits share: their options, how an evaluation is run, and what is printed of it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from uce_core.cli.options import output, progress
from uce_core.cli.recording import ids_of, keeping, recorded_line
from uce_core.edits.edit import Edit
from uce_core.evaluation.cases import Case
from uce_core.evaluation.evaluate import Evaluation
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
class EvaluationOptions:
    """Where and with what to generate; None for the defaults. task: what for. csd: CSD's weights. no_record: as the
    option says. notes: about the prompts."""

    out: Path
    task: str
    images: int
    steps: int | None
    guidance_scale: float | None
    csd: Path | None
    no_record: bool
    as_json: bool
    notes: tuple[str, ...] = ()


def evaluated(
    model: Model, candidates: Sequence[Candidate], asked: Sequence[Case], title: str, how: EvaluationOptions
) -> tuple[Evaluation, list[str]]:
    """What was found, and the runs as which that is kept, one for each edit."""
    descriptor = load_descriptor(how.csd) if how.csd else None
    with progress(how.as_json) as on_image:
        done = run_evaluation(
            model,
            candidates,
            asked,
            how.out,
            keeping(how.no_record),
            images=how.images,
            steps=how.steps,
            guidance_scale=how.guidance_scale,
            title=title,
            task=how.task,
            descriptor=descriptor,
            on_image=on_image,
            notes=how.notes,
        )
    return done.found, ids_of(done.runs)


def print_evaluation(
    done: Evaluation, runs: Sequence[str], as_json: bool, shows: Sequence[str] = tuple(PAPERS)
) -> None:
    facts = done.plan | {"out": str(done.folder), "edits": [asdict(one) for one in done.reports], "runs": runs}
    parts = []
    for one in done.reports:
        found = "\n\n".join(table.markdown for table in tables(one, shows))
        parts.append("\n".join([f"{one.edit}\n", found, "", *map(str, summary(one))]))
    end = "\n".join([f"See {done.folder / 'report.html'}.", *recorded_line(runs)])
    output(as_json, facts, "\n\n".join([*parts, end]))

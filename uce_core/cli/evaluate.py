"""Commands that measure what edits do: evaluate leakage, wordings, identity and csv."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from uce_core.checks import normalised
from uce_core.cli.additions import extends
from uce_core.cli.evaluation import (
    Artists,
    Edits,
    How,
    Images,
    Others,
    Out,
    Retained,
    Steps,
    evaluated,
    evaluates,
    read_edits,
)
from uce_core.cli.names import artists_of, as_known, say_syntax, some
from uce_core.cli.options import (
    AsJson,
    Device,
    Dtype,
    GuidanceScale,
    ModelName,
    Offload,
    evaluate,
    output,
    progress,
)
from uce_core.cli.recording import NoRecord, ids_of, keeping, recorded_line
from uce_core.concepts.names import is_known
from uce_core.edits.edit import Edit
from uce_core.edits.spec import EditSpec
from uce_core.evaluation.cases import LEAKAGE, facet_cases
from uce_core.evaluation.identity import identities
from uce_core.evaluation.inputs import EvaluationInputs
from uce_core.evaluation.leakage_inputs import CONTROLS, leakage_inputs
from uce_core.evaluation.prompt_files import PromptFile, read_prompts
from uce_core.evaluation.tables import Table, spread
from uce_core.evaluation.wording_search import Choice, choices, recommended, scored
from uce_core.models.model import load_model
from uce_core.remote import folder_of, reaching
from uce_core.workflows import run_evaluation

SAID = 5  # skipped rows, in words


@evaluate.command(LEAKAGE)
@extends
@evaluates
def leakage_command(
    how: How,
    edit: Edits,
    artist: Artists = [],  # noqa: B006 (typer copies it)
    others: Others = CONTROLS,
    images: Images = 2,
) -> None:
    """Measure leakage: what edits leave of an artist by bare name, style, portrait, content and indirect wording, and
    what they do to other artists. After an interruption, run it again to continue."""
    edits = [(path.stem, Edit.load(path)) for path in edit]
    artists = as_known(artist, artists_of(how.model), how.as_json)
    loaded = how.load()
    inputs = leakage_inputs(
        loaded,
        edits,
        artists=artists,
        controls=others,
        images=images,
        steps=how.steps,
        guidance_scale=how.guidance_scale,
        sampler=how.sampler,
    )
    evaluated(loaded, inputs, how)


@evaluate.command("csv")
@extends
@evaluates
def csv_command(
    how: How,
    prompts: Annotated[Path, typer.Argument(help="CSV file with a column of prompts, or a text file with one a line.")],
    edit: Edits,
    column: Annotated[
        list[str], typer.Option(help="prompt=NAME: which column holds what; artist= leaves one aside; repeatable.")
    ] = [],  # noqa: B006
    strict: Annotated[bool, typer.Option("--strict", help="Refuse a file with rows that would be skipped.")] = False,
    cut: Annotated[bool, typer.Option("--cut", help="Cut prompts that are too long; default: skip them.")] = False,
    artist: Artists = [],  # noqa: B006 (typer copies it)
    images: Images = 1,
) -> None:
    """Measure edits on the prompts of a CSV file, in the published layout or another. Rows that cannot be generated,
    such as prompts that are too long, are skipped and counted."""
    artists = as_known(artist, artists_of(how.model), how.as_json)
    file, candidates = read_prompts(prompts, columns_of(column), strict), read_edits(edit, artists)
    if how.guidance_scale is not None:
        file = file.guided_alike()
    loaded = how.load()
    file = (file.shortened(loaded.text.cut) if cut else file).checked(loaded.text.check_length)
    say_notes(file)
    say_unknown(file, artists_of(how.model))
    say_syntax([case.prompt for case in file.cases], how.as_json)
    inputs = EvaluationInputs(
        candidates=tuple(candidates),
        cases=file.cases,
        images=images,
        steps=how.steps,
        guidance_scale=how.guidance_scale,
        sampler=how.sampler,
        title=prompts.stem,
        task="csv",
        notes=file.notes,
    )
    evaluated(loaded, inputs, how)


@evaluate.command("wordings")
def wordings_command(
    artist: Annotated[str, typer.Option(help="Artist to erase.")],
    out: Out,
    retain: Retained = [],  # noqa: B006 (typer copies it)
    guide: Annotated[str, typer.Option(help="What the erased artist becomes.")] = EditSpec(erase=("-",)).guides[0],
    images: Images = 2,
    steps: Steps = None,
    guidance_scale: GuidanceScale = None,
    model: ModelName = "atelier",
    device: Device = "auto",
    dtype: Dtype = "auto",
    offload: Offload = False,
    no_record: NoRecord = False,
    as_json: AsJson = False,
) -> None:
    """Find the wording and token span that erase an artist best: name, style, portrait or expanded."""
    folder = folder_of(out)
    erased, kept = (as_known(texts, artists_of(model), as_json) for texts in ([artist], retain))
    loaded = load_model(model, device, dtype, offload)
    gone = set(map(normalised, erased))
    kept = kept or tuple(name for name in loaded.catalog if normalised(name) not in gone)[:10]
    candidates = choices(loaded, EditSpec(erase=erased, guide=guide, retain=kept))
    asked = facet_cases(erased, kept[:4], loaded.known.indirect)
    title = f"Which text to erase {', '.join(erased)} by"
    inputs = EvaluationInputs(
        candidates=tuple(candidates),
        cases=tuple(asked),
        images=images,
        steps=steps,
        guidance_scale=guidance_scale,
        title=title,
        task="wording",
    )
    with reaching(folder), progress(as_json) as on_image:
        done = run_evaluation(loaded, inputs, folder, keeping(no_record), on_image=on_image)
    runs = ids_of(done.runs)
    found = scored(done.found.reports)
    best = recommended(found)
    facts = {"out": str(folder), "choices": [asdict(one) for one in found], "recommended": asdict(best), "runs": runs}
    advice = [f"Recommended: --wording {best.wording} --span {best.span}. See {folder / 'report.html'}."]
    output(as_json, facts, "\n".join([f"{choice_table(found).markdown}\n", *advice, *recorded_line(runs)]))


@evaluate.command("identity")
def identity_command(
    artist: Annotated[
        list[str], typer.Option(help="Artist; default: the first thirty of the catalogue; repeatable.")
    ] = [],  # noqa: B006
    images: Images = 8,
    model: ModelName = "atelier",
    device: Device = "auto",
    dtype: Dtype = "auto",
    offload: Offload = False,
    as_json: AsJson = False,
) -> None:
    """How often a bare name generates the person instead of the style, artist by artist."""
    loaded = load_model(model, device, dtype, offload)
    artists = as_known(artist, artists_of(model), as_json) or loaded.catalog[:30]
    with progress(as_json) as on_step:
        found = identities(loaded, artists, images, on_step)
    lines = tuple((one.artist, str(one.count), spread(one.person)) for one in found)
    table = Table("What a bare name generates", ("artist", "images", "that show a person"), lines)
    output(as_json, {"artists": [asdict(one) for one in found]}, table.markdown)


def columns_of(said: Sequence[str]) -> dict[str, str]:
    """field=column, as an option gives it."""
    return {name: column for name, _, column in (one.partition("=") for one in said)}


def say_notes(file: PromptFile) -> None:
    """On stderr: what is not evaluated as it is, and why the next rows are skipped."""
    for note in file.notes:
        typer.echo(note, err=True)
    for row in file.skipped[1:SAID]:
        typer.echo(f"  line {row.line}: {row.reason}", err=True)


def say_unknown(file: PromptFile, catalog: Sequence[str]) -> None:
    """On stderr: what stands in the column of artists and may be none, as in the published race_prompts.csv."""
    named = dict.fromkeys(case.artist for case in file.cases if case.artist)
    unknown = [repr(name) for name in named if not is_known(name, catalog)]
    if unknown:
        is_not = "is not" if len(unknown) == 1 else "are not"
        typer.echo(
            f"Note: {some(unknown)} in the column of artists {is_not} in the catalogue of this model: if these are no "
            "artists, leave the column aside with --column artist=.",
            err=True,
        )


def choice_table(found: Sequence[Choice]) -> Table:
    head = ("wording", "span", "style left", "style left, indirect wording", "person", "other artists", "content")
    rows = [
        (
            one.wording,
            one.span,
            spread(one.style),
            spread(one.indirect) if one.indirect else "–",
            *(f"{mean.value:+.2f}{' ≈' if mean.none else ''}" for mean in (one.person, one.others, one.content)),
        )
        for one in found
    ]
    return Table("Effect of each wording and span", head, tuple(rows))

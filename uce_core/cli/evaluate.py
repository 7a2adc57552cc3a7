"""Commands that measure what edits do: evaluate leakage, wordings, identity, csv, and the protocols of papers."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from uce_core.checks import normalised
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
from uce_core.edits.edit import Edit
from uce_core.edits.spec import EditSpec
from uce_core.evaluation.cases import LEAKAGE, Case, facet_cases
from uce_core.evaluation.evaluate import Evaluation
from uce_core.evaluation.identity import identities
from uce_core.evaluation.measure import Candidate, as_candidate
from uce_core.evaluation.prompt_files import PromptFile, read_prompts
from uce_core.evaluation.protocols import PROTOCOLS, Protocol, cases, cast
from uce_core.evaluation.tables import PAPERS, Table, spread, summary, tables
from uce_core.evaluation.wording_search import Choice, choices, recommended, scored
from uce_core.methods.erase import erase
from uce_core.metrics.csd import load_descriptor
from uce_core.models.model import Model, load_model
from uce_core.problems import Problem
from uce_core.workflows import CONTROLS, run_evaluation, run_leakage

SAID = 5  # skipped rows, in words
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


@evaluate.command(LEAKAGE)
def leakage_command(
    edit: Edits,
    out: Out,
    artist: Artists = [],  # noqa: B006 (typer copies it)
    others: Others = CONTROLS,
    images: Images = 2,
    steps: Steps = None,
    guidance_scale: GuidanceScale = None,
    csd: Csd = None,
    model: ModelName = "atelier",
    device: Device = "auto",
    dtype: Dtype = "auto",
    offload: Offload = False,
    no_record: NoRecord = False,
    as_json: AsJson = False,
) -> None:
    """Measure leakage: what edits leave of an artist by bare name, style, portrait, content and indirect wording, and
    what they do to other artists. After an interruption, run it again to continue."""
    edits = [(path.stem, Edit.load(path)) for path in edit]
    loaded = load_model(model, device, dtype, offload)
    with progress(as_json) as on_image:
        done = run_leakage(
            loaded,
            edits,
            out,
            keeping(no_record),
            artists=artist,
            controls=others,
            images=images,
            steps=steps,
            guidance_scale=guidance_scale,
            descriptor=load_descriptor(csd) if csd else None,
            on_image=on_image,
        )
    print_evaluation(done.found, ids_of(done.runs), as_json)


@evaluate.command("csv")
def csv_command(
    prompts: Annotated[Path, typer.Argument(help="CSV file with a column of prompts, or a text file with one a line.")],
    edit: Edits,
    out: Out,
    column: Annotated[
        list[str], typer.Option(help="prompt=NAME: which column holds what; artist= leaves one aside; repeatable.")
    ] = [],  # noqa: B006
    strict: Annotated[bool, typer.Option("--strict", help="Refuse a file with rows that would be skipped.")] = False,
    cut: Annotated[bool, typer.Option("--cut", help="Cut prompts that are too long; default: skip them.")] = False,
    artist: Artists = [],  # noqa: B006 (typer copies it)
    images: Images = 1,
    steps: Steps = None,
    guidance_scale: GuidanceScale = None,
    csd: Csd = None,
    model: ModelName = "atelier",
    device: Device = "auto",
    dtype: Dtype = "auto",
    offload: Offload = False,
    no_record: NoRecord = False,
    as_json: AsJson = False,
) -> None:
    """Measure edits on the prompts of a CSV file, in the published layout or another. Rows that cannot be generated,
    such as prompts that are too long, are skipped and counted."""
    file, candidates = read_prompts(prompts, columns_of(column), strict), read_edits(edit, artist)
    if guidance_scale is not None:
        file = file.guided_alike()
    loaded = load_model(model, device, dtype, offload)
    file = (file.shortened(loaded.text.cut) if cut else file).checked(loaded.text.check_length)
    say_notes(file)
    how = EvaluationOptions(
        out=out,
        task="csv",
        notes=file.notes,
        images=images,
        steps=steps,
        guidance_scale=guidance_scale,
        csd=csd,
        no_record=no_record,
        as_json=as_json,
    )
    found, runs = evaluated(loaded, candidates, file.cases, prompts.stem, how)
    print_evaluation(found, runs, as_json)


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
    loaded = load_model(model, device, dtype, offload)
    kept = retain or [name for name in loaded.catalog if normalised(name) != normalised(artist)][:10]
    candidates = choices(loaded, EditSpec(erase=(artist,), guide=guide, retain=tuple(kept)))
    asked = facet_cases([artist], kept[:4], loaded.known.indirect)
    title = f"Which text to erase {artist} by"
    how = EvaluationOptions(
        out=out,
        task="wording",
        images=images,
        steps=steps,
        guidance_scale=guidance_scale,
        csd=None,
        no_record=no_record,
        as_json=as_json,
    )
    done, runs = evaluated(loaded, candidates, asked, title, how)
    found = scored(done.reports)
    best = recommended(found)
    facts = {"out": str(out), "choices": [asdict(one) for one in found], "recommended": asdict(best), "runs": runs}
    advice = [f"Recommended: --wording {best.wording} --span {best.span}. See {out / 'report.html'}."]
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
    with progress(as_json) as on_step:
        found = identities(loaded, artist or loaded.catalog[:30], images, on_step)
    lines = tuple((one.artist, str(one.count), spread(one.person)) for one in found)
    table = Table("What a bare name generates", ("artist", "images", "that show a person"), lines)
    output(as_json, {"artists": [asdict(one) for one in found]}, table.markdown)


def add_protocol(protocol: Protocol) -> None:
    """The command that runs it."""

    @evaluate.command(protocol.name, help=f"After {protocol.source}; the prompts are our own.")
    def command(
        out: Out,
        edit: Edits = [],  # noqa: B006 (typer copies it)
        erased: Erased = [],  # noqa: B006
        retain: Retained = [],  # noqa: B006
        images: Images = protocol.images,
        steps: Steps = None,
        guidance_scale: GuidanceScale = None,
        csd: Csd = None,
        model: ModelName = "atelier",
        device: Device = "auto",
        dtype: Dtype = "auto",
        offload: Offload = False,
        no_record: NoRecord = False,
        as_json: AsJson = False,
    ) -> None:
        given = read_edits(edit, ())
        loaded = load_model(model, device, dtype, offload)
        named = [name for one in given for name in one.erased]
        parts = cast(protocol, loaded.catalog, erased or list(dict.fromkeys(named)), retain)
        candidates = given or solved(loaded, protocol, parts.edits(protocol.together), parts.others, out)
        asked = cases(protocol, (*parts.erased, *parts.others))
        how = EvaluationOptions(
            out=out,
            task=protocol.name,
            images=images,
            steps=steps,
            guidance_scale=guidance_scale,
            csd=csd,
            no_record=no_record,
            as_json=as_json,
        )
        found, runs = evaluated(loaded, candidates, asked, protocol.name, how)
        print_evaluation(found, runs, as_json, protocol.shows)


for one in PROTOCOLS.values():
    add_protocol(one)


def columns_of(said: Sequence[str]) -> dict[str, str]:
    """field=column, as an option gives it."""
    return {name: column for name, _, column in (one.partition("=") for one in said)}


def say_notes(file: PromptFile) -> None:
    """On stderr: what is not evaluated as it is, and why the next rows are skipped."""
    for note in file.notes:
        typer.echo(note, err=True)
    for row in file.skipped[1:SAID]:
        typer.echo(f"  line {row.line}: {row.reason}", err=True)


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


def solved(
    model: Model, protocol: Protocol, groups: Sequence[Sequence[str]], others: Sequence[str], out: Path
) -> list[Candidate]:
    """An edit with the defaults for each group of erased artists, saved beside the images."""
    found = []
    for erased in groups:
        edit = erase(model, EditSpec(erase=tuple(erased), retain=tuple(others)))
        name = f"{len(erased)}-artists" if protocol.together else "-".join(normalised(erased[0]).split())
        edit.save(out / "edits" / f"{name}.safetensors")
        found.append(as_candidate(name, edit))
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

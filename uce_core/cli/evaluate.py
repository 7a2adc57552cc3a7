"""Commands that look at what edits leave: evaluate facets, prompts, identity, csv, and the protocols of papers."""

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
    plain,
    progress,
)
from uce_core.cli.recording import NoRecord, evaluations, recorded, recorded_line
from uce_core.edits.edit import Edit
from uce_core.edits.spec import EditSpec
from uce_core.evaluation.cases import Case, facet_cases, read_cases
from uce_core.evaluation.evaluate import Evaluation
from uce_core.evaluation.evaluate import evaluate as run
from uce_core.evaluation.identity import identities
from uce_core.evaluation.measure import Candidate, as_candidate, control_artists
from uce_core.evaluation.protocols import PROTOCOLS, Protocol, cases, cast
from uce_core.evaluation.tables import PAPERS, Table, spread, summary, tables
from uce_core.evaluation.wording_search import Choice, choices, judged, recommended
from uce_core.methods.uce import erase
from uce_core.metrics.csd import load_descriptor
from uce_core.models.model import Model, load_model
from uce_core.problems import Problem

Edits = Annotated[list[Path], typer.Option("--edit", help="An edit file; repeat to compare several.")]
Artists = Annotated[list[str], typer.Option(help="Whom to look at, by default all that the edits erase; repeat.")]
Out = Annotated[Path, typer.Option(help="Folder for pictures, scores.csv, report.json and report.html.")]
Images = Annotated[int, typer.Option(min=1, help="Pictures of each prompt, from seeds that follow each other.")]
Steps = Annotated[int | None, typer.Option(help="Denoising steps; by default what the model's family uses.")]
Others = Annotated[int, typer.Option(min=0, help="How many other artists to ask for.")]
Csd = Annotated[Path | None, typer.Option(help="CSD's weights as safetensors, to measure styles by them, too.")]
Erased = Annotated[list[str], typer.Option("--erase", help="Whom to erase, by default the catalogue's first; repeat.")]
Retained = Annotated[list[str], typer.Option("--retain", help="Whom to retain, by default the next; repeat.")]


@evaluate.command("facets")
def facets_command(
    edit: Edits,
    out: Out,
    artist: Artists = [],  # noqa: B006 (typer copies it)
    others: Others = 6,
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
    """What edits leave of artists, facet by facet: the bare name, the style, the portrait, the content, wordings
    without the name, and other artists. Run it again to go on after an interruption."""
    candidates = read_edits(edit, artist)
    loaded = load_model(model, device, dtype, offload)
    erased = list(dict.fromkeys(name for one in candidates for name in one.erased))
    asked = facet_cases(erased, control_artists(candidates, loaded.catalog, others), loaded.known.indirect)
    title = f"What is left of {plain(erased)}"
    how = How(out, images, steps, guidance_scale, csd, no_record, as_json)
    drawn, runs = drawn_and_recorded(loaded, candidates, asked, title, how)
    print_evaluation(drawn, runs, as_json)


@evaluate.command("csv")
def csv_command(
    prompts: Annotated[Path, typer.Argument(help="CSV: prompt, evaluation_seed, case_number, perhaps artist.")],
    edit: Edits,
    out: Out,
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
    """What edits do to the prompts of a file in the published layout."""
    asked, candidates = read_cases(prompts), read_edits(edit, artist)
    loaded = load_model(model, device, dtype, offload)
    how = How(out, images, steps, guidance_scale, csd, no_record, as_json)
    drawn, runs = drawn_and_recorded(loaded, candidates, asked, prompts.stem, how)
    print_evaluation(drawn, runs, as_json)


@evaluate.command("prompts")
def prompts_command(
    artist: Annotated[str, typer.Option(help="Whom to erase.")],
    out: Out,
    retain: Retained = [],  # noqa: B006 (typer copies it)
    guide: Annotated[str, typer.Option(help="What the erased becomes.")] = EditSpec(("-",)).guides[0],
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
    """Which text to erase an artist by: name, style, portrait or expanded, and which of its tokens."""
    loaded = load_model(model, device, dtype, offload)
    kept = retain or [name for name in loaded.catalog if normalised(name) != normalised(artist)][:10]
    candidates = choices(loaded, EditSpec((artist,), guide, tuple(kept)))
    asked = facet_cases([artist], kept[:4], loaded.known.indirect)
    title = f"Which text to erase {artist} by"
    how = How(out, images, steps, guidance_scale, None, no_record, as_json)
    drawn, runs = drawn_and_recorded(loaded, candidates, asked, title, how)
    found = judged(drawn.reports)
    best = recommended(found)
    facts = {"out": str(out), "choices": [asdict(one) for one in found], "recommended": asdict(best), "runs": runs}
    advice = [f"Recommended: --wording {best.wording} --span {best.span}. See {out / 'report.html'}."]
    output(as_json, facts, "\n".join([f"{choice_table(found).markdown}\n", *advice, *recorded_line(runs)]))


@evaluate.command("identity")
def identity_command(
    artist: Annotated[list[str], typer.Option(help="By default the catalogue's first thirty; repeat.")] = [],  # noqa: B006
    images: Images = 8,
    model: ModelName = "atelier",
    device: Device = "auto",
    dtype: Dtype = "auto",
    offload: Offload = False,
    as_json: AsJson = False,
) -> None:
    """How often a bare name draws the person and not the style, artist by artist."""
    loaded = load_model(model, device, dtype, offload)
    with progress(as_json) as on_step:
        found = identities(loaded, artist or loaded.catalog[:30], images, on_step)
    lines = tuple((one.artist, str(one.count), spread(one.person)) for one in found)
    table = Table("Whom a bare name draws", ("artist", "pictures", "that show a person"), lines)
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
        how = How(out, images, steps, guidance_scale, csd, no_record, as_json)
        drawn, runs = drawn_and_recorded(loaded, candidates, asked, protocol.name, how)
        print_evaluation(drawn, runs, as_json, protocol.shows)


for one in PROTOCOLS.values():
    add_protocol(one)


def read_edits(paths: Sequence[Path], artists: Sequence[str]) -> list[Candidate]:
    """Named after their files. Raises ValueError for one that does not say whom it erases."""
    found = [as_candidate(path.stem, Edit.load(path), artists) for path in paths]
    for path, one in zip(paths, found, strict=True):
        if not one.erased:
            raise Problem("{file} does not say whom it erases: name the artists with --artist.", file=path.name)
    return found


def solved(
    model: Model, protocol: Protocol, groups: Sequence[Sequence[str]], others: Sequence[str], out: Path
) -> list[Candidate]:
    """An edit with the defaults for each group of erased artists, saved beside the pictures."""
    found = []
    for erased in groups:
        edit = erase(model, EditSpec(tuple(erased), retain=tuple(others)))
        name = f"{len(erased)}-artists" if protocol.together else "-".join(normalised(erased[0]).split())
        edit.save(out / "edits" / f"{name}.safetensors")
        found.append(as_candidate(name, edit))
    return found


@dataclass(frozen=True)
class How:
    """Where and with what to draw; None for the defaults. csd: CSD's weights. no_record: as the option says."""

    out: Path
    images: int
    steps: int | None
    guidance_scale: float | None
    csd: Path | None
    no_record: bool
    as_json: bool


def drawn_and_recorded(
    model: Model, candidates: Sequence[Candidate], asked: Sequence[Case], title: str, how: How
) -> tuple[Evaluation, list[str]]:
    """What was found, and the runs as which that is kept, one for each edit."""
    descriptor = load_descriptor(how.csd) if how.csd else None
    drawing = (how.images, how.steps, how.guidance_scale)
    with progress(how.as_json) as on_image:
        drawn = run(model, candidates, asked, how.out, *drawing, title, descriptor, on_image)
    return drawn, recorded(how.no_record, lambda kept: evaluations(kept, model, candidates, drawn))


def print_evaluation(
    drawn: Evaluation, runs: Sequence[str], as_json: bool, shows: Sequence[str] = tuple(PAPERS)
) -> None:
    facts = drawn.plan | {"out": str(drawn.folder), "edits": [asdict(one) for one in drawn.reports], "runs": runs}
    parts = []
    for one in drawn.reports:
        found = "\n\n".join(table.markdown for table in tables(one, shows))
        parts.append("\n".join([f"{one.edit}\n", found, "", *map(str, summary(one))]))
    end = "\n".join([f"See {drawn.folder / 'report.html'}.", *recorded_line(runs)])
    output(as_json, facts, "\n\n".join([*parts, end]))


def choice_table(found: Sequence[Choice]) -> Table:
    head = ("wording", "span", "style left", "left without the name", "person", "other artists", "content")
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
    return Table("Erased by, and what that does", head, tuple(rows))

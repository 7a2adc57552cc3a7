"""A recorded run as one zip file, to be sent to someone and imported there: manifest, images, the edit, ratings, and
the command that generates it again."""

import io
import json
import shlex
import string
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from functools import singledispatch
from pathlib import Path, PurePosixPath

import sqlalchemy as sa
from PIL import Image

from uce_core.edits.debias_spec import DebiasSpec
from uce_core.evaluation.cases import CASES, Case, cases_text
from uce_core.files import atomic_file
from uce_core.images import MOST_PIXELS, check_size
from uce_core.problems import Problem
from uce_core.review.tasks import Rating
from uce_core.runs.blobs import NewFile
from uce_core.runs.manifest import ArchiveContents, File, manifest_in, manifest_of
from uce_core.runs.ratings import check_items, described, ratings_of, save_ratings, write_ratings
from uce_core.runs.run import AnyRun, ComparisonRun, DebiasingRun, EvaluationRun, Readable, UnreadableRun, recorded
from uce_core.runs.schema import RUNS
from uce_core.runs.store import LONGEST_NOTE, Store
from uce_core.specs import settings_of

MANIFEST, README, EDIT = "manifest.json", "README.txt", "edit_0.safetensors"
REPLAY_HINT = {  # what the command makes
    ComparisonRun: "It generates the same images into the folder again.",
    DebiasingRun: (
        "It writes again.safetensors with the matrices of edit_0.safetensors. Only if the "
        "search was stopped before its first edit was counted does it search further."
    ),
    EvaluationRun: (
        "It generates the prompts of cases.csv with and without edit_0.safetensors, measures "
        "the images, and writes the reports into the folder again. It does not repeat other "
        "edits that were evaluated at the same time, nor CSD's figures, which need --csd with "
        "its weights."
    ),
}
EVERYWHERE = (
    "Results are bit-identical on the hardware and library versions named in "
    "manifest.json; elsewhere rounding differs. If the model is a folder or file of your "
    "own, pass its path as --model."
)
SETTINGS = ("steps", "guidance_scale")
ADDED_SETTINGS = ("negative_prompt", "width", "height", "sampler")  # where they are asked for
ADDED_TO_EVALUATIONS = ("sampler", "nudenet")  # likewise
IMAGE_FORMATS = {".png": ("PNG",), ".webp": ("WEBP",)}
TEXTS = {".html": "<", ".json": "{", ".csv": string.ascii_letters}  # how reports begin
LARGEST = 2_000_000_000  # bytes of an archive, unpacked
LARGEST_MANIFEST = 4_000_000  # bytes, of which reading makes fifty times as many
MAX_COMPRESSION_RATIO = 20  # times its bytes it may have unpacked: images and weights hardly shrink
PIXELS_A_BYTE = 8  # of an archive that its images may have together: those that a model generates have one
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # of packing; others take much memory to unpack
UNREADABLE = (  # what zipfile and Pillow raise for files that are none of ours, or damaged
    OSError, EOFError, zipfile.BadZipFile, zlib.error, RuntimeError, KeyError, ValueError, SyntaxError,
    Image.DecompressionBombError,
)  # fmt: skip


def export_run(store: Store, run: AnyRun, path: Path, rated: bool = True) -> Path:
    """Write the zip; returns its path. rated: with reviewers' ratings, under their names. Raises ValueError if a file
    of the run is gone, or what was recorded cannot be read."""
    if isinstance(run, UnreadableRun):
        raise Problem(
            "run_unreadable", "Run {run} is of another version of this program: it cannot be read.", run=run.id
        )
    if not all(store.path(file).is_file() for file in run.files):
        raise Problem("run_files_missing", "Files of run {run} are missing: it cannot be exported.", run=run.id)
    names = {f"{file.role}_{file.position}{file.suffix}": file for file in run.files}
    ratings = ratings_of(store, run.id) if rated else []
    manifest = manifest_of(run, {name: file.role for name, file in names.items()}, ratings)
    with atomic_file(path) as part_file, zipfile.ZipFile(part_file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MANIFEST, json.dumps(manifest, indent=1, ensure_ascii=False))
        archive.writestr(README, readme(run))
        for name, text in enclosed(run).items():
            archive.writestr(name, text)
        for name, file in names.items():
            archive.write(store.path(file), name)
    return path


def readme(run: Readable) -> str:
    """How to make it again, and how far it is then the same."""
    return f"Generate this again with UCE Studio, in this folder:\n\n{command_of(run)}\n\n{hint(run)} {EVERYWHERE}\n"


def command_of(run: Readable) -> str:
    """The command line that makes a run's results again beside the unpacked files."""
    on = options(model=run.model, dtype=short(run.environment.get("dtype", "")))
    return shlex.join(["python", "-m", "uce_core", *command(run), *on])


@singledispatch
def command(run: Readable) -> list[str]:
    """Its words but for model and dtype."""
    raise TypeError(type(run))


@command.register
def _(run: ComparisonRun) -> list[str]:
    specs = run.generations
    asked = {name: list(dict.fromkeys(getattr(spec, name) for spec in specs)) for name in ("prompt", "seed")}
    settings = {name: getattr(specs[0], name) for name in SETTINGS}
    settings |= {name: getattr(specs[0], name) for name in ADDED_SETTINGS if getattr(specs[0], name)}
    return ["compare", *options(edit=EDIT, **asked, **settings, path=run.path, out="again")]


@command.register
def _(run: DebiasingRun) -> list[str]:
    spec, tried = run.request.edit, len(run.outcome.history) - 1
    if not run.outcome.converged and 0 < tried < spec.iterations:  # someone stopped it
        spec = replace(spec, iterations=tried)
    names = {"concepts": "concept"} | {item.name: found.singular for item, found in settings_of(DebiasSpec)}
    asked = {names.get(name) or name: value for name, value in asdict(spec).items() if value is not None}
    return ["debias", *options(**asked, out="again.safetensors")]


@command.register
def _(run: EvaluationRun) -> list[str]:
    settings = {name: getattr(run.request, name) for name in SETTINGS}
    settings |= {name: value for name in ADDED_TO_EVALUATIONS if (value := getattr(run.request, name))}
    asked = options(edit=EDIT, artist=run.erased, images=run.images_per_case, **settings, out="again")
    return ["evaluate", "csv", CASES, *asked]


@singledispatch
def enclosed(run: Readable) -> dict[str, str]:
    """Texts that the command reads, by their files' names."""
    return {}


@enclosed.register
def _(run: EvaluationRun) -> dict[str, str]:
    return {CASES: cases_text(cases_of(run))}


def hint(run: Readable) -> str:
    """What the command makes."""
    return REPLAY_HINT[type(run)]


def cases_of(run: EvaluationRun) -> list[Case]:
    """What an evaluation asked for, from what it says of its images: those of a case follow each other."""
    first = run.outcome.images[:: run.images_per_case]
    return [
        Case(
            prompt=one.prompt,
            evaluation_seed=one.seed,
            case_number=number,
            artist=one.artist,
            facet=one.facet,
            subject=one.subject,
            guidance_scale=one.guidance_scale,
        )
        for number, one in enumerate(first)
    ]


def options(**values: object) -> list[str]:
    """As the command line takes them: a list as an option that is repeated, yes and no as --this and --no-this."""
    words = []
    for name, value in values.items():
        flag = name.replace("_", "-")
        if isinstance(value, bool):
            words.append(f"--{flag}" if value else f"--no-{flag}")
        else:
            for one in value if isinstance(value, list | tuple) else [value]:
                words += [f"--{flag}", str(one)]
    return words


def short(dtype: str) -> str:
    """As the command line names it."""
    return {"float32": "fp32", "bfloat16": "bf16", "float16": "fp16"}.get(dtype, "auto")


def import_run(store: Store, path: Path) -> str:
    """Keep the run of a zip that export_run wrote, in this or an earlier version, as the store's visitor's; returns its
    id here. Nothing is unpacked outside the store. Of the ratings those are taken that are not here: what someone rated
    here since then stays.

    Raises ValueError with one sentence for any other file.
    """
    is_new = False
    with ExitStack() as opened:
        try:
            archive = opened.enter_context(zipfile.ZipFile(path))
            run, parcel = _sound(archive, path)
        except Problem as problem:
            if problem.id == "archive_too_large":
                raise
            raise _not_one(path) from None
        except UNREADABLE:
            raise _not_one(path) from None
        check_items(described(run), parcel.ratings, run.title)
        note = run.note[:LONGEST_NOTE]

        def complete(connection: sa.Connection, kept: str) -> None:
            nonlocal is_new
            is_new = True
            connection.execute(RUNS.update().where(RUNS.c.id == kept).values(note=note))
            write_ratings(connection, kept, parcel.ratings, store.visitor)

        contents = _Contents(archive, parcel.files)
        kept = store.add(run.kind, run.title, *recorded(run), contents, from_elsewhere=True, with_it=complete)
    if not is_new:
        _add_missing(store, kept, note, parcel.ratings)
    return kept


def _add_missing(store: Store, run: str, note: str, ratings: Sequence[Rating]) -> None:
    """What comes with a run that is here."""
    if note:
        store.write_note(run, note)
    known = {(one.item, one.reviewer) for one in ratings_of(store, run)}
    missing = [one for one in ratings if (one.item, one.reviewer) not in known]
    if missing:
        save_ratings(store, run, missing)


def _not_one(path: Path) -> Problem:
    return Problem(
        "not_an_exported_run", "{file} is not an exported run of this program: choose another file.", file=path.name
    )


@dataclass(frozen=True)
class _Contents:
    """An archive's files, one at a time, as often as they are looked at: together they may not fit into memory."""

    archive: zipfile.ZipFile
    files: Sequence[File]

    def __iter__(self) -> Iterator[NewFile]:
        for file in self.files:
            yield NewFile(file.role, PurePosixPath(file.name).suffix, self.archive.read(file.name))


def _sound(archive: zipfile.ZipFile, path: Path) -> tuple[Readable, ArchiveContents]:
    """What the manifest says. Raises ValueError, or one of UNREADABLE, if something is not as this program writes
    it."""
    entries, size = archive.infolist(), path.stat().st_size
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > LARGEST:
        raise Problem(
            "archive_too_large", "{file} is larger than 2 GB unpacked: it cannot be imported.", file=path.name
        )
    if unpacked > MAX_COMPRESSION_RATIO * size or any(entry.compress_type not in METHODS for entry in entries):
        raise ValueError("a bomb")
    if archive.getinfo(MANIFEST).file_size > LARGEST_MANIFEST:
        raise ValueError("no manifest of ours")
    run, parcel = manifest_in(archive.read(MANIFEST))
    _check(_Contents(archive, parcel.files), max(4 * MOST_PIXELS, PIXELS_A_BYTE * size))
    return run, parcel


def _check(contents: Iterable[NewFile], most: int) -> None:
    """most: pixels of all images together. Raises what Pillow raises for an image that is none, and ValueError for an
    edit or a report that is none."""
    for content in contents:
        if content.suffix in IMAGE_FORMATS:
            image = check_size(Image.open(io.BytesIO(content.data), formats=IMAGE_FORMATS[content.suffix]))
            most -= image.width * image.height
            if most < 0:
                raise ValueError("more than images take that were generated")
            image.load()
        elif content.suffix == ".safetensors" and content.data[8:9] != b"{":
            raise ValueError("no edit")
        elif content.suffix in TEXTS and not _is_text(content.data, TEXTS[content.suffix]):
            raise ValueError("no report")


def _is_text(data: bytes, starts: str) -> bool:
    """Of its kind, and of no other: files are stored once by their content, whatever they are said to be."""
    return data.decode()[:1] in tuple(starts) and b"\0" not in data

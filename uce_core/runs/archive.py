"""A recorded run as one zip file, to be sent to someone and imported there: manifest, pictures, the edit, what
reviewers judged, and the command that draws it again."""

import io
import json
import shlex
import zipfile
import zlib
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from PIL import Image

from uce_core.edits.spec import DebiasSpec
from uce_core.evaluation.cases import Case, write_cases
from uce_core.evaluation.evaluate import CASES
from uce_core.files import whole
from uce_core.problems import Problem
from uce_core.runs.judgements import judgements_of, save_ratings
from uce_core.runs.manifest import FORMAT, File, manifest_in, recorded
from uce_core.runs.store import NewFile, Run, Store

MANIFEST, README, EDIT = "manifest.json", "README.txt", "edit_0.safetensors"
REPLAY_HINT = {  # what the command makes
    "compare": "It draws the same pictures into the folder again.",
    "debias": (
        "It writes again.safetensors with the matrices of edit_0.safetensors; only if the search was stopped before "
        "its first edit was counted, it goes on further."
    ),
    "evaluate": (
        "It draws the prompts of cases.csv before and after edit_0.safetensors, measures them, and writes the reports "
        "into the folder again. It does not make again what the reports here may hold besides: other edits that were "
        "evaluated at the same time, and figures by CSD, which need --csd with its weights."
    ),
}
EVERYWHERE = (
    "The results are the same to the last bit on the hardware and with the library versions that manifest.json names; "
    "elsewhere rounding differs. --model takes the path of a model that is a folder or file of your own."
)
SINGULAR = {"concepts": "concept", "attributes": "attribute", "ratios": "ratio"}  # options that are repeated
SETTINGS = ("steps", "guidance_scale")
PICTURES = {".png": ("PNG",), ".webp": ("WEBP",)}
LARGEST = 2_000_000_000  # bytes of an archive, unpacked
MAX_COMPRESSION_RATIO = 100  # times its bytes it may have unpacked: pictures and weights hardly shrink
UNREADABLE = (  # what zipfile and Pillow raise for files that are none of ours, or damaged
    OSError, EOFError, zipfile.BadZipFile, zlib.error, RuntimeError, KeyError, ValueError, SyntaxError,
    Image.DecompressionBombError,
)  # fmt: skip
FACTS = ("kind", "title", "request", "surroundings", "outcome", "note")


def export_run(kept: Store, run: Run, path: Path, judged: bool = True) -> Path:
    """Write the zip; returns its path. judged: with what reviewers said, under their names. Raises ValueError if a file
    of the run is gone."""
    names = {part: f"{part.role}_{part.position}{part.suffix}" for part in run.parts}
    manifest = {name: getattr(run, name) for name in FACTS} | {
        "format": FORMAT,
        "created": run.created.isoformat(),
        "files": [{"role": part.role, "name": name} for part, name in names.items()],
        "judgements": [asdict(one) for one in judgements_of(kept, run.id)] if judged else [],
    }
    if not all(kept.path(part).is_file() for part in run.parts):
        raise Problem("Files of run {run} are gone: it cannot be exported.", run=run.id)
    with whole(path) as part_file, zipfile.ZipFile(part_file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MANIFEST, json.dumps(manifest, indent=1, ensure_ascii=False))
        archive.writestr(README, readme(run))
        if run.kind == "evaluate":
            _write_cases(run, archive)
        for part, name in names.items():
            archive.write(kept.path(part), name)
    return path


def _write_cases(run: Run, archive: zipfile.ZipFile) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / CASES
        write_cases(cases_of(run), path)
        archive.write(path, CASES)


def readme(run: Run) -> str:
    """How to make it again, and how far it is then the same."""
    command, hint = command_of(run), f"{REPLAY_HINT[run.kind]} {EVERYWHERE}"
    return f"Generate this again with UCE Studio, in this folder:\n\n{command}\n\n{hint}\n"


def command_of(run: Run) -> str:
    """The command line that makes a run's results again beside the unpacked files."""
    words = {"compare": _compare, "debias": _debias, "evaluate": _evaluate}[run.kind](run)
    on = options(model=run.request["model"], dtype=short(run.surroundings.get("dtype", "")))
    return shlex.join(["python", "-m", "uce_core", *words, *on])


def _compare(run: Run) -> list[str]:
    drawings = run.request["drawings"]
    asked = {name: list(dict.fromkeys(drawing[name] for drawing in drawings)) for name in ("prompt", "seed")}
    settings = {name: drawings[0][name] for name in SETTINGS}
    path = run.outcome.get("path", "auto")
    return ["compare", *options(edit=EDIT, **asked, **settings, path=path, out="again")]


def _debias(run: Run) -> list[str]:
    spec, tried = DebiasSpec.from_json(json.dumps(run.request["edit"])), len(run.outcome["history"]) - 1
    if not run.outcome["converged"] and 0 < tried < spec.iterations:  # someone stopped it
        spec = replace(spec, iterations=tried)
    asked = {SINGULAR.get(name, name): value for name, value in asdict(spec).items()}
    return ["debias", *options(**asked, out="again.safetensors")]


def _evaluate(run: Run) -> list[str]:
    request = run.request
    erased = next((one["erased"] for one in request["names"].values() if one["digest"] == request["edit_digest"]), ())
    settings = {name: request[name] for name in SETTINGS}
    asked = options(edit=EDIT, artist=erased, images=images_of(run), **settings, out="again")
    return ["evaluate", "csv", CASES, *asked]


def cases_of(run: Run) -> list[Case]:
    """What an evaluation asked for, from what it says of its pictures: those of a case follow each other."""
    first = run.outcome["pictures"][:: images_of(run)]
    return [
        Case(one["prompt"], one["seed"], number, one["artist"], one["facet"], one["subject"])
        for number, one in enumerate(first)
    ]


def images_of(run: Run) -> int:
    """Pictures of each case of an evaluation; where that is not known, each picture is a case of its own."""
    return max(1, run.request.get("images", 1))


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


def import_run(kept: Store, path: Path, own: bool = True) -> str:
    """Keep the run of a zip that export_run wrote; returns its id here. Nothing is unpacked outside the store. Of the
    judgements those are taken that are not here: what someone judged here since then stays. own: whoever imports it
    may change what is here; else a run that is here already stays as it is.

    Raises ValueError with one sentence for any other file.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
            if size > LARGEST:
                raise Problem("{file} is larger than 2 GB unpacked: it is not taken.", file=path.name)
            if size > MAX_COMPRESSION_RATIO * path.stat().st_size:
                raise ValueError("a bomb")
            text = archive.read(MANIFEST)
            manifest = manifest_in(text)
            contents = [_content(archive, file) for file in manifest.files]
    except Problem:
        raise
    except UNREADABLE:
        raise Problem("{file} is not an exported run of this program: choose another file.", file=path.name) from None
    before = datetime.now(UTC)
    run = kept.add(manifest.kind, manifest.title, *recorded(manifest), contents, from_elsewhere=True)
    if not own and kept.get(run).created < before:
        return run
    if manifest.note:
        kept.write_note(run, manifest.note)
    known = {(one.item, one.reviewer) for one in judgements_of(kept, run)}
    if manifest.judgements:
        save_ratings(kept, run, (one for one in manifest.judgements if (one.item, one.reviewer) not in known))
    return run


def _content(archive: zipfile.ZipFile, file: File) -> NewFile:
    """Raises what Pillow raises for a picture that is none."""
    data, suffix = archive.read(file.name), PurePosixPath(file.name).suffix
    if suffix in PICTURES:
        Image.open(io.BytesIO(data), formats=PICTURES[suffix]).load()
    return NewFile(file.role, suffix, data)

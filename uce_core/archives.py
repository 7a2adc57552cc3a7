"""A recorded run as one zip file, to be sent to someone and imported there: manifest, pictures, the edit, what
reviewers judged, and the command that draws it again."""

import io
import json
import shlex
import zipfile
import zlib
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from PIL import Image

from uce_core.judgements import judge, judgements_of
from uce_core.manifest import FORMAT, File, manifest_in, recorded
from uce_core.problems import Problem
from uce_core.storage import whole
from uce_core.store import Content, Run, Store

MANIFEST, README = "manifest.json", "README.txt"
PICTURES = {".png": ("PNG",), ".webp": ("WEBP",)}
LARGEST = 2_000_000_000  # bytes of an archive, unpacked
DENSEST = 100  # times its bytes it may have unpacked: pictures and weights hardly shrink
NOT_ONE = (  # what zipfile and Pillow raise for files that are none of ours, or damaged
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
        archive.writestr(README, f"Draw this again with UCE Studio, in this folder:\n\n{command_of(run)}\n")
        for part, name in names.items():
            archive.write(kept.path(part), name)
    return path


def command_of(run: Run) -> str:
    """The command line that draws a comparison again beside the unpacked files."""
    if run.kind != "compare":
        return "python -m uce_core runs import <this zip file>"
    drawings = run.request["drawings"]
    words = ["python", "-m", "uce_core", "compare", "--edit", "edit_0.safetensors", "--model", run.request["model"]]
    for name in ("prompt", "seed"):
        for value in dict.fromkeys(drawing[name] for drawing in drawings):
            words += [f"--{name}", str(value)]
    words += ["--steps", str(drawings[0]["steps"]), "--guidance-scale", str(drawings[0]["guidance_scale"])]
    words += ["--path", str(run.outcome.get("path", "auto")), "--dtype", short(run.surroundings["dtype"])]
    return shlex.join([*words, "--out", "again"])


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
            if size > DENSEST * path.stat().st_size:
                raise ValueError("a bomb")
            text = archive.read(MANIFEST)
            manifest = manifest_in(text)
            contents = [_content(archive, file) for file in manifest.files]
    except Problem:
        raise
    except NOT_ONE:
        raise Problem("{file} is not an exported run of this program: choose another file.", file=path.name) from None
    before = datetime.now(UTC)
    run = kept.add(manifest.kind, manifest.title, *recorded(manifest), contents, from_elsewhere=True)
    if not own and kept.get(run).created < before:
        return run
    if manifest.note:
        kept.write_note(run, manifest.note)
    known = {(one.item, one.reviewer) for one in judgements_of(kept, run)}
    if manifest.judgements:
        judge(kept, run, (one for one in manifest.judgements if (one.item, one.reviewer) not in known))
    return run


def _content(archive: zipfile.ZipFile, file: File) -> Content:
    """Raises what Pillow raises for a picture that is none."""
    data, suffix = archive.read(file.name), PurePosixPath(file.name).suffix
    if suffix in PICTURES:
        Image.open(io.BytesIO(data), formats=PICTURES[suffix]).load()
    return Content(file.role, suffix, data)

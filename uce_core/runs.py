"""What was drawn, recorded so that it can be drawn again exactly: comparisons into a store, and replay.

Every recorded picture carries in its PNG metadata what was asked, so that it explains itself wherever
it ends up.
"""

import base64
import io
import json
import os
import platform
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from uce_core.comparing import Pair, compare
from uce_core.debiasing import Debiased, Sample
from uce_core.edit import AnyEdit, Edit
from uce_core.evaluating import PAGE, REPORT, SCORES, Evaluation
from uce_core.evaluation import Row, Seen
from uce_core.generate import GenerationSpec, OnStep
from uce_core.models import Model
from uce_core.pictures import ORIGINAL, Pictures
from uce_core.problems import Problem
from uce_core.reviewing import SIDES
from uce_core.scores import Scores
from uce_core.spec import DebiasSpec
from uce_core.store import Content, Run, Store
from uce_core.tables import summary
from uce_core.verdicts import Verdict

LIBRARIES = ("torch", "diffusers", "transformers", "numpy")
METADATA_KEY = "uce-studio"
THUMBNAIL = 160  # pixels
version = cache(metadata.version)  # it reads a file of the package each time
CLOSE = 2.0  # mean difference of pixels, of 255, that rounding in half precision explains


def home() -> Path:
    """The folder for what a user makes: UCE_STUDIO_HOME, by default ~/.uce-studio."""
    return Path(os.environ.get("UCE_STUDIO_HOME") or Path.home() / ".uce-studio")


def store(folder: Path, url: str = "") -> Store:
    """The store of a home, one for all threads; url: of another database, by default UCE_STUDIO_DATABASE or SQLite in
    the home. Raises ValueError if it cannot be opened."""
    with _OPENING:  # a cache lets two threads open it at a time, and Alembic does not
        return _opened(folder, url or os.environ.get("UCE_STUDIO_DATABASE", ""))


_OPENING = threading.Lock()


@cache
def _opened(folder: Path, url: str) -> Store:
    return Store(folder / "runs", url)


def surroundings(model: Model) -> dict[str, str]:
    """On what pictures may depend besides what was asked."""
    device = torch.cuda.get_device_name() if model.device.type == "cuda" else platform.machine()
    facts = {"device": model.device.type, "hardware": device, "dtype": str(model.dtype).removeprefix("torch.")}
    return facts | {name: version(name) for name in LIBRARIES}


def request_of(model: Model, edit: AnyEdit, drawings: Sequence[GenerationSpec]) -> dict[str, Any]:
    """All that was asked."""
    return {
        "model": model.title,
        "weights": model.fingerprint,
        "text_encoder": model.text.fingerprint,
        "edit": json.loads(edit.spec.to_json()) if edit.spec else None,
        "edit_digest": edit.digest,
        "strength": edit.strength,
        "drawings": [asdict(drawing) for drawing in drawings],
    }


def record(
    into: Store,
    model: Model,
    edit: AnyEdit,
    pairs: Sequence[Pair],
    verdicts: Sequence[Verdict] = (),
    path: str = "auto",
    chosen: bool = False,
) -> str:
    """Keep a comparison; returns its run's id, the old one if the same was recorded before. verdicts: of each pair.
    path: by which compare draws the same pairs again. chosen: whether someone asked for that path, so that the same
    by another one is another run."""
    request = request_of(model, edit, [pair.spec for pair in pairs]) | ({"path": path} if chosen else {})
    contents = [Content("edit", ".safetensors", edit.to_bytes())]
    for pair in pairs:
        drawing = {"model": model.title, "drawing": asdict(pair.spec)}
        contents.append(Content("original", ".png", png_of(pair.original, drawing)))
        contents.append(
            Content(
                "edited", ".png", png_of(pair.edited, drawing | {"edit": request["edit"], "strength": edit.strength})
            )
        )
    contents.append(Content("thumbnail", ".webp", beside(pairs[0].original, pairs[0].edited)))
    outcome = {
        "scores": [asdict(pair.scores) if pair.scores else None for pair in pairs],
        "verdicts": [asdict(verdict) for verdict in verdicts],
        "path": path,
    }
    title = " · ".join(dict.fromkeys(pair.spec.prompt for pair in pairs))
    return into.add("compare", title, request, surroundings(model), outcome, contents)


def record_evaluation(into: Store, model: Model, edit: AnyEdit, found: Evaluation) -> str:
    """Keep an evaluation of an edit: its reports, its pictures with what was measured of each, and the edit; returns
    its run's id."""
    rows = [row for row in found.rows if found.plan["names"][row.edit]["digest"] == edit.digest]
    request = {name: value for name, value in found.plan.items() if name != "title"}
    request |= {"model": model.title, "weights": model.fingerprint, "edit_digest": edit.digest}
    request["csd"] = any(row.after.csd is not None for row in rows)
    outcome = {
        "summary": [asdict(finding) for one in found.reports for finding in summary(one)],
        "pictures": [measured(row) for row in rows],
    }
    contents = _evaluated(edit, found, rows)
    return into.add("evaluate", found.plan["title"], request, surroundings(model), outcome, contents)


def _evaluated(edit: AnyEdit, found: Evaluation, rows: Sequence[Row]) -> Iterator[Content]:
    """One at a time: a protocol's pictures don't fit into memory."""
    yield Content("edit", ".safetensors", edit.to_bytes())
    for name in (PAGE, REPORT, SCORES):
        yield Content("report", Path(name).suffix, (found.folder / name).read_bytes())
    shown = next((line for line in found.lines if line.facet == "style"), found.lines[0])
    yield Content("thumbnail", ".webp", beside(*(picture_in(cell.image) for cell in shown.cells[:2])))
    pictures = Pictures(
        found.folder, tuple(row.shot for row in rows), found.plan["steps"], found.plan["guidance_scale"]
    )
    spec = json.loads(edit.spec.to_json()) if edit.spec else None
    for row in rows:
        drawing = {"model": found.plan["model"], "drawing": asdict(pictures.drawing(row.shot))}
        edited = drawing | {"edit": spec, "strength": edit.strength}
        for role, which, facts in (("original", ORIGINAL, drawing), ("edited", row.edit, edited)):
            [image] = pictures.read(which, [row.shot])
            yield Content(role, ".png", png_of(image, facts))


def measured(row: Row) -> dict[str, Any]:
    """What was asked of a picture, and the measures of it that a person may want to doubt."""
    case = row.shot.case
    facts = {name: getattr(case, name) for name in ("prompt", "artist", "facet", "subject")}
    facts |= {"seed": case.evaluation_seed + row.shot.n, "role": row.role, "lpips": row.lpips}
    return facts | {"before": _seen(row.before), "after": _seen(row.after)}


def _seen(side: Seen) -> dict[str, float | bool | None]:
    return {name: getattr(side, name) for name in ("style", "shown", "clip")}


def record_debiasing(into: Store, model: Model, found: Debiased, samples: Sequence[Sample]) -> str:
    """Keep a debiasing: its iterates, its edit, and the samples; returns its run's id."""
    spec = found.edit.spec
    assert isinstance(spec, DebiasSpec)  # a debiased edit's
    request = {
        "model": model.title,
        "weights": model.fingerprint,
        "text_encoder": model.text.fingerprint,
        "edit": json.loads(spec.to_json()),
        "edit_digest": found.edit.digest,
    }
    contents = [Content("edit", ".safetensors", found.edit.to_bytes())]
    for sample in samples:
        facts = {"model": model.title, "concept": sample.concept, "drawing": asdict(sample.drawing)}
        contents.append(Content("original", ".png", png_of(sample.before, facts)))
        contents.append(Content("edited", ".png", png_of(sample.after, facts | {"edit": request["edit"]})))
    contents.append(Content("thumbnail", ".webp", beside(samples[0].before, samples[0].after)))
    outcome = {"best": found.best, "converged": found.converged, "history": [asdict(one) for one in found.history]}
    outcome["samples"] = [asdict(sample.drawing) for sample in samples]
    return into.add("debias", ", ".join(spec.concepts), request, surroundings(model), outcome, contents)


def picture_in(url: str) -> Image.Image:
    """Of a data URL."""
    return Image.open(io.BytesIO(base64.b64decode(url.split(",", 1)[1])))


def png_of(image: Image.Image, facts: Mapping[str, Any]) -> bytes:
    """Lossless, with the facts in its metadata."""
    info = PngInfo()
    info.add_itxt(METADATA_KEY, json.dumps(facts, sort_keys=True, ensure_ascii=False))
    buffer = io.BytesIO()
    image.save(buffer, "png", pnginfo=info)
    return buffer.getvalue()


def beside(*images: Image.Image) -> bytes:
    """Original and edited, small, side by side."""
    small = Image.new("RGB", (2 * THUMBNAIL, THUMBNAIL))
    for place, image in enumerate(images):
        small.paste(image.resize((THUMBNAIL, THUMBNAIL)), (place * THUMBNAIL, 0))
    buffer = io.BytesIO()
    small.save(buffer, "webp", quality=85)
    return buffer.getvalue()


def facts_in(path: Path) -> dict[str, Any]:
    """What a picture of this program says of itself. Raises ValueError for any other file."""
    try:
        with Image.open(path, formats=("PNG",)) as image:
            facts = json.loads(getattr(image, "text", {})[METADATA_KEY])
            if "concept" not in facts:
                GenerationSpec(**facts["drawing"])
                return facts
    except (KeyError, TypeError, ValueError, AttributeError, OSError, RecursionError, Image.DecompressionBombError):
        raise Problem("{file} is not a picture that this program made: choose another one.", file=path.name) from None
    raise Problem("{file} is of a debiasing: open its run in Runs, and make that yours.", file=path.name)


@dataclass(frozen=True)
class Replay:
    """verdict: identical, within tolerance, or different. changed: for each fact of the surroundings or the request
    that is not what it was, then and now."""

    verdict: str
    changed: dict[str, tuple[str, str]]


def edit_of(kept: Store, run: Run) -> AnyEdit:
    """The edit as it was recorded. Raises ValueError if its file is gone or damaged."""
    parts = run.files("edit")
    if not parts or not kept.path(parts[0]).is_file():
        raise Problem("Run {run} has no edit: it cannot be used or replayed.", run=run.id)
    return Edit.load(kept.path(parts[0]))


def drawings_of(run: Run) -> list[GenerationSpec]:
    """What was asked for each of a run's pairs of pictures. Raises ValueError if that was not recorded."""
    if run.kind == "evaluate":
        settings = {name: run.request[name] for name in ("steps", "guidance_scale")}
        return [GenerationSpec(one["prompt"], one["seed"], **settings) for one in run.outcome["pictures"]]
    asked = run.request.get("drawings") or run.outcome.get("samples")
    if not asked:  # a debiasing of an earlier version
        raise Problem("Run {run} does not say how its pictures were drawn: it cannot be replayed.", run=run.id)
    return [GenerationSpec(**drawing) for drawing in asked]


def scores_of(run: Run) -> list[Scores | None]:
    """Of each pair of a comparison; None where there was no scorer."""
    recorded = run.outcome.get("scores") or [None] * len(drawings_of(run))
    return [Scores(**scores) if scores else None for scores in recorded]


def verdicts_of(run: Run) -> tuple[Verdict, ...]:
    """Of each pair of a comparison; none where there was no scorer."""
    return tuple(map(Verdict.from_facts, run.outcome.get("verdicts", ())))


def replay(kept: Store, run: Run, model: Model, on_step: OnStep | None = None) -> Replay:
    """Draw a run's pictures again, in the way they were drawn, and hold them against what was recorded.

    Raises ValueError if it was not recorded how, or the edit does not fit the model.
    """
    drawings, edit = drawings_of(run), edit_of(kept, run)
    path = run.outcome.get("path", "auto") if run.kind == "compare" else "swap"
    pairs = compare(model, edit, drawings, on_step, path, scored=False)
    facts = {"model": model.title, "weights": model.fingerprint, "text_encoder": model.text.fingerprint}
    now = surroundings(model) | facts
    then = dict(run.surroundings) | {name: run.request.get(name, "") for name in facts}
    changed = {name: (str(then.get(name)), str(now[name])) for name in now if str(then.get(name)) != str(now[name])}
    drawn = [getattr(pair, side) for side in SIDES for pair in pairs]
    recorded = [kept.path(part) for side in SIDES for part in run.files(side)]
    apart = max(_apart(image, path) for image, path in zip(drawn, recorded, strict=True))
    verdict = "identical" if apart == 0 else "within tolerance" if apart <= CLOSE else "different"
    return Replay(verdict, changed)


def _apart(image: Image.Image, path: Path) -> float:
    with Image.open(path) as recorded:  # one file at a time: a run may have thousands
        return apartness(image, recorded)


def apartness(first: Image.Image, second: Image.Image) -> float:
    """Mean absolute difference of pixels, 0 to 255; 255 for pictures of different sizes."""
    if first.size != second.size:
        return 255.0
    arrays = [np.asarray(image.convert("RGB"), np.int16) for image in (first, second)]
    return float(np.abs(arrays[0] - arrays[1]).mean())

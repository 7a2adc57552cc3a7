"""What was drawn, recorded so that it can be drawn again exactly: comparisons into a store, and replay.

Every recorded picture carries in its PNG metadata what was asked, so that it explains itself wherever
it ends up.
"""

import json
import platform
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import torch

from uce_core.edits.edit import AnyEdit
from uce_core.edits.spec import DebiasSpec
from uce_core.evaluation.evaluate import PAGE, REPORT, SCORES, Evaluation
from uce_core.evaluation.image_folder import ORIGINAL, ImageFolder
from uce_core.evaluation.measure import ImageMeasures, PairMeasures
from uce_core.evaluation.tables import summary
from uce_core.evaluation.verdicts import Verdict
from uce_core.generation.compare import Pair
from uce_core.generation.spec import GenerationSpec
from uce_core.images import beside, picture_in
from uce_core.methods.debias import Debiased, Sample
from uce_core.models.model import Model
from uce_core.runs.png_metadata import png_of
from uce_core.runs.store import NewFile, Store

LIBRARIES = ("torch", "diffusers", "transformers", "numpy")
version = cache(metadata.version)  # it reads a file of the package each time


def environment(model: Model) -> dict[str, str]:
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
    contents = [NewFile("edit", ".safetensors", edit.to_bytes())]
    for pair in pairs:
        drawing = {"model": model.title, "drawing": asdict(pair.spec)}
        contents.append(NewFile("original", ".png", png_of(pair.original, drawing)))
        contents.append(
            NewFile(
                "edited", ".png", png_of(pair.edited, drawing | {"edit": request["edit"], "strength": edit.strength})
            )
        )
    contents.append(NewFile("thumbnail", ".webp", beside(pairs[0].original, pairs[0].edited)))
    outcome = {
        "scores": [asdict(pair.scores) if pair.scores else None for pair in pairs],
        "verdicts": [asdict(verdict) for verdict in verdicts],
        "path": path,
    }
    title = " · ".join(dict.fromkeys(pair.spec.prompt for pair in pairs))
    return into.add("compare", title, request, environment(model), outcome, contents)


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
    return into.add("evaluate", found.plan["title"], request, environment(model), outcome, contents)


def _evaluated(edit: AnyEdit, found: Evaluation, rows: Sequence[PairMeasures]) -> Iterator[NewFile]:
    """One at a time: a protocol's pictures don't fit into memory."""
    yield NewFile("edit", ".safetensors", edit.to_bytes())
    for name in (PAGE, REPORT, SCORES):
        yield NewFile("report", Path(name).suffix, (found.folder / name).read_bytes())
    shown = next((line for line in found.lines if line.facet == "style"), found.lines[0])
    yield NewFile("thumbnail", ".webp", beside(*(picture_in(cell.image) for cell in shown.cells[:2])))
    pictures = ImageFolder(
        found.folder, tuple(row.image_spec for row in rows), found.plan["steps"], found.plan["guidance_scale"]
    )
    spec = json.loads(edit.spec.to_json()) if edit.spec else None
    for row in rows:
        drawing = {"model": found.plan["model"], "drawing": asdict(pictures.drawing(row.image_spec))}
        edited = drawing | {"edit": spec, "strength": edit.strength}
        for role, which, facts in (("original", ORIGINAL, drawing), ("edited", row.edit, edited)):
            [image] = pictures.read(which, [row.image_spec])
            yield NewFile(role, ".png", png_of(image, facts))


def measured(row: PairMeasures) -> dict[str, Any]:
    """What was asked of a picture, and the measures of it that a person may want to doubt."""
    case = row.image_spec.case
    facts = {name: getattr(case, name) for name in ("prompt", "artist", "facet", "subject")}
    facts |= {"seed": case.evaluation_seed + row.image_spec.n, "role": row.role, "lpips": row.lpips}
    return facts | {"before": _seen(row.before), "after": _seen(row.after)}


def _seen(side: ImageMeasures) -> dict[str, float | bool | None]:
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
    contents = [NewFile("edit", ".safetensors", found.edit.to_bytes())]
    for sample in samples:
        facts = {"model": model.title, "concept": sample.concept, "drawing": asdict(sample.drawing)}
        contents.append(NewFile("original", ".png", png_of(sample.before, facts)))
        contents.append(NewFile("edited", ".png", png_of(sample.after, facts | {"edit": request["edit"]})))
    contents.append(NewFile("thumbnail", ".webp", beside(samples[0].before, samples[0].after)))
    outcome = {"best": found.best, "converged": found.converged, "history": [asdict(one) for one in found.history]}
    outcome["samples"] = [asdict(sample.drawing) for sample in samples]
    return into.add("debias", ", ".join(spec.concepts), request, environment(model), outcome, contents)

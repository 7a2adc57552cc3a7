"""What was generated, recorded so that it can be generated again exactly: comparisons, debiasings, evaluations.

Every recorded image carries in its PNG metadata what was asked, so that it explains itself wherever
it ends up.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, cast

from PIL import Image

from uce_core.edits.debias_spec import DebiasSpec
from uce_core.edits.edit import AnyEdit
from uce_core.evaluation.evaluate import CSV, REPORT, Evaluation
from uce_core.evaluation.image_folder import ORIGINAL, ImageFolder
from uce_core.evaluation.measures import ImageMeasures, PairMeasures
from uce_core.evaluation.plan import CHOSEN
from uce_core.evaluation.report_page import chosen
from uce_core.evaluation.scores import rows_of
from uce_core.evaluation.tables import summary
from uce_core.evaluation.verdict import Verdict
from uce_core.generation.compare import Pair
from uce_core.generation.spec import ALONE, PATHS, SWAPPED, GenerationSpec
from uce_core.images import side_by_side
from uce_core.methods.debias_images import Sample
from uce_core.methods.debias_search import Debiased
from uce_core.models.model import Model
from uce_core.runs.blobs import NewFile
from uce_core.runs.outcomes import ComparisonOutcome, DebiasingOutcome, EvaluationOutcome, MeasuredImage, MeasuredSide
from uce_core.runs.parameters import parameters_of
from uce_core.runs.png_metadata import image_facts, png_of
from uce_core.runs.requests import VERSION, ComparisonRequest, DebiasingRequest, EvaluatedEdit, EvaluationRequest
from uce_core.runs.run import ComparisonRun, DebiasingRun, EvaluationRun, Readable, recorded
from uce_core.runs.store import Store

LIBRARIES = ("torch", "diffusers", "transformers", "numpy")
MOST_IMAGES = 1000  # pairs of an evaluation; of more, so many, evenly spread: all are in its folder
version = cache(metadata.version)  # it reads a file of the package each time


def environment(model: Model) -> dict[str, str]:
    """On what images may depend besides what was asked."""
    facts = {"device": model.device.type, "hardware": model.hardware, "dtype": str(model.dtype).removeprefix("torch.")}
    facts["sampler"] = model.sampler
    if not model.has_fp32_source:
        facts["stored"] = str(model.stored).removeprefix("torch.")
    return facts | {name: version(name) for name in LIBRARIES}


def fingerprints(model: Model) -> dict[str, str]:
    """Which model it is."""
    return {"model": model.title, "weights": model.fingerprint, "text_encoder": model.text.fingerprint}


@dataclass(frozen=True)
class Record:
    """A run that is not kept yet, and its files, looked at one at a time and only if they are to be kept."""

    run: Readable
    files: Iterable[NewFile]

    def keep(self, store: Store) -> str:
        """The run's id, the old one if the same was recorded before. Raises OSError if it cannot be kept."""
        run = self.run
        return store.add(run.kind, run.title, *recorded(run), self.files)


def comparison_record(
    model: Model,
    edit: AnyEdit,
    pairs: Sequence[Pair],
    verdicts: Sequence[Verdict] = (),
    path: str = PATHS[0],
    chosen: bool = False,
) -> Record:
    """verdicts: of each pair. path: by which compare generates the same pairs again. chosen: whether someone asked for
    that path, so that the same by another one is another run."""
    request = ComparisonRequest(
        version=VERSION,
        **fingerprints(model),
        edit=edit.spec,
        edit_digest=edit.digest,
        strength=edit.strength,
        generations=tuple(pair.spec for pair in pairs),
        path=path if chosen else None,
    )
    outcome = ComparisonOutcome(scores=tuple(pair.scores for pair in pairs), verdicts=tuple(verdicts), path=path)
    title = " · ".join(dict.fromkeys(pair.spec.prompt for pair in pairs))
    run = ComparisonRun(title=title, environment=environment(model), request=request, outcome=outcome)
    return Record(run, _files(model, edit, [(pair.spec, pair.original, pair.edited) for pair in pairs]))


def debiasing_record(model: Model, found: Debiased, samples: Sequence[Sample]) -> Record:
    """Of a search: its iterates, its edit, and the samples."""
    spec = cast(DebiasSpec, found.edit.spec)
    request = DebiasingRequest(
        version=VERSION,
        **fingerprints(model),
        edit=spec,
        edit_digest=found.edit.digest,
        stopped=len(found.history) - 1 if found.cancelled else None,
    )
    outcome = DebiasingOutcome(
        best=found.best,
        converged=found.converged,
        history=found.history,
        samples=tuple(sample.spec for sample in samples),
        path=ALONE if found.edit.edits_text else SWAPPED,
    )
    title = ", ".join(spec.concepts)
    run = DebiasingRun(title=title, environment=environment(model), request=request, outcome=outcome)
    images = [(sample.spec, sample.before, sample.after) for sample in samples]
    return Record(run, _files(model, found.edit, images, [sample.concept for sample in samples]))


def _files(
    model: Model, edit: AnyEdit, images: Sequence[tuple[GenerationSpec, Any, Any]], concepts: Sequence[str] = ()
) -> Iterator[NewFile]:
    """The edit, each original and edited image, and a thumbnail. concepts: of each pair of a debiasing."""
    yield NewFile("edit", ".safetensors", edit.to_bytes())
    for number, (spec, original, edited) in enumerate(images):
        concept = concepts[number] if concepts else ""
        yield NewFile("original", ".png", told_png(model, spec, original, concept=concept))
        yield NewFile("edited", ".png", told_png(model, spec, edited, edit, concept))
    yield NewFile("thumbnail", ".webp", side_by_side(*images[0][1:]))


def told_png(
    model: Model, spec: GenerationSpec, image: Image.Image, edit: AnyEdit | None = None, concept: str = ""
) -> bytes:
    """An image with its settings, in this program's words and AUTOMATIC1111's. spec: with steps and guidance scale.
    edit: of an edited image. concept: of an image of a debiasing."""
    said = parameters_of(spec, model.title, model.sampler, image.size)
    return png_of(image, image_facts(model.title, spec, edit, concept), said)


def evaluation_record(model: Model, edit: AnyEdit, found: Evaluation) -> Record:
    """Of one edit: its reports, its images with what was measured of each, and the edit."""
    plan = found.plan
    scores = found.scores(next(name for name, one in plan["names"].items() if one["digest"] == edit.digest))
    rows = list(rows_of(scores[chosen(len(scores), MOST_IMAGES)]))
    request = EvaluationRequest(
        version=VERSION,
        **fingerprints(model),
        edit_digest=edit.digest,
        names={name: EvaluatedEdit(**named) for name, named in plan["names"].items()},
        task=plan["task"],
        csd=any(row.after.csd is not None for row in rows),
        image_count=plan["image_count"],
        images_per_case=plan["images_per_case"] if len(rows) == plan["image_count"] else 1,  # each asked for by itself
        steps=plan["steps"],
        guidance_scale=plan["guidance_scale"],
        cases=plan["cases"],
        device=plan["device"],
        dtype=plan["dtype"],
        scorer=plan["scorer"],
        sampler=plan.get(CHOSEN),
        nudenet=True if any(one.exposed for one in found.reports) else None,
    )
    outcome = EvaluationOutcome(
        summary=tuple(finding for one in found.reports for finding in summary(one)),
        images=tuple(map(measured, rows)),
        path=ALONE if edit.edits_text else SWAPPED,
    )
    run = EvaluationRun(title=plan["title"], environment=environment(model), request=request, outcome=outcome)
    return Record(run, _evaluated(model, edit, found, rows))


def _evaluated(model: Model, edit: AnyEdit, found: Evaluation, rows: Sequence[PairMeasures]) -> Iterator[NewFile]:
    """One at a time: a protocol's images don't fit into memory."""
    yield NewFile("edit", ".safetensors", edit.to_bytes())
    yield NewFile("report", ".html", found.html(single_file=True).encode())
    for name in (REPORT, CSV):
        yield NewFile("report", Path(name).suffix, (found.folder / name).read_bytes())
    plan = found.plan
    image_specs = tuple(row.image_spec for row in rows)
    folder = ImageFolder(found.folder, image_specs, plan["steps"], plan["guidance_scale"], plan.get(CHOSEN, ""))
    shown = next((row for row in rows if row.image_spec.case.facet == "style"), rows[0])
    yield NewFile("thumbnail", ".webp", side_by_side(*_both(folder, shown)))
    for row in rows:
        original, edited = _both(folder, row)
        spec = folder.generation_spec(row.image_spec)
        yield NewFile("original", ".png", told_png(model, spec, original))
        yield NewFile("edited", ".png", told_png(model, spec, edited, edit))


def _both(folder: ImageFolder, row: PairMeasures) -> list[Any]:
    """Original and edited image."""
    return [image for which in (ORIGINAL, row.edit) for image in folder.read(which, [row.image_spec])]


def measured(row: PairMeasures) -> MeasuredImage:
    """What was asked of an image, and the measures of it that a person may want to doubt."""
    case = row.image_spec.case
    return MeasuredImage(
        prompt=case.prompt,
        artist=case.artist,
        facet=case.facet,
        subject=case.subject,
        seed=case.evaluation_seed + row.image_spec.n,
        role=row.role,
        lpips=row.lpips,
        before=_side(row.before),
        after=_side(row.after),
        guidance_scale=case.guidance_scale,
    )


def _side(side: ImageMeasures) -> MeasuredSide:
    return MeasuredSide(style=side.style, shown=side.shown, clip=side.clip)

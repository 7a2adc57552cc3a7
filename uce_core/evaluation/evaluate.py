"""An evaluation from its plan to its folder: pictures, scores.csv, report.json and report.html.

The folder remembers what it is of, so that it is gone on with after an interruption, and never mixed
with another evaluation.
"""

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from uce_core.evaluation.cases import Case, write_cases
from uce_core.evaluation.image_folder import ORIGINAL, ImageFolder, ImageSpec, OnImage, generate_missing
from uce_core.evaluation.measure import Candidate, ImageMeasures, PairMeasures, measure
from uce_core.evaluation.report_page import Line, lines_of, write_page
from uce_core.evaluation.summary import EditReport, report
from uce_core.files import cell, whole, write_text
from uce_core.metrics.csd import StyleDescriptor
from uce_core.metrics.scorer import scorer_for
from uce_core.models.model import Model
from uce_core.problems import Problem

TAKEN = ("", ".", "..", "edits", ORIGINAL)  # folders of an evaluation that no edit's pictures may lie in
PLAN, CASES, SCORES, REPORT, PAGE = "evaluation.json", "cases.csv", "scores.csv", "report.json", "report.html"


@dataclass(frozen=True)
class Evaluation:
    """What was found, and where it lies. rows: of every edit and picture; lines: the pictures on the page."""

    folder: Path
    plan: dict[str, Any]
    reports: tuple[EditReport, ...]
    rows: tuple[PairMeasures, ...]
    lines: tuple[Line, ...]


def evaluate(
    model: Model,
    candidates: Sequence[Candidate],
    cases: Sequence[Case],
    folder: Path,
    images: int = 1,
    steps: int | None = None,
    guidance_scale: float | None = None,
    title: str = "Evaluation",
    descriptor: StyleDescriptor | None = None,
    on_image: OnImage | None = None,
) -> Evaluation:
    """Draw what the folder lacks, measure everything, and write the reports.

    images: of each case, from seeds that follow its own. steps, guidance_scale: None for the model
    family's. descriptor: CSD's, to measure by that too. Raises ValueError if the folder holds another
    evaluation, two edits have one name or one has a name that is taken, or there is no scorer;
    whatever on_picture raises ends the drawing, and the next call goes on from there.
    """
    names = [one.name for one in candidates]
    if len(set(names)) < len(names):
        raise Problem(
            "Two edits are called {name}: give their files different names.", name=max(names, key=names.count)
        )
    taken = [name for name in names if name in TAKEN or Path(name).name != name]
    if taken:
        raise Problem("An edit cannot be evaluated under the name {name!r}: rename its file.", name=taken[0])
    scorer = scorer_for(model.folder)
    settings = (
        model.family.steps if steps is None else steps,
        model.family.guidance_scale if guidance_scale is None else guidance_scale,
    )
    image_specs = tuple(ImageSpec(case, n) for case in cases for n in range(images))
    pictures = ImageFolder(folder, image_specs, *settings)
    plan = plan_of(model, pictures, candidates, images, title)
    _claim(folder, plan)
    write_cases(cases, folder / CASES)
    generate_missing(model, pictures, [(one.name, one.edit) for one in candidates], on_image)
    rows = tuple(measure(scorer, pictures, candidates, model.catalog, descriptor))
    reports = tuple(report(one.name, [row for row in rows if row.edit == one.name]) for one in candidates)
    write_scores(rows, folder / SCORES)
    write_text(folder / REPORT, json.dumps(plan | {"edits": [asdict(one) for one in reports]}, indent=1) + "\n")
    lines = lines_of(names, pictures, rows)
    write_page(folder / PAGE, plan, reports, lines, pictures)
    return Evaluation(folder, plan, reports, rows, lines)


def plan_of(
    model: Model, pictures: ImageFolder, candidates: Iterable[Candidate], images: int, title: str
) -> dict[str, Any]:
    """All that the pictures depend on, and which scorer looks at them."""
    asked = json.dumps([asdict(image_spec) for image_spec in pictures.image_specs], ensure_ascii=False)
    return {
        "title": title,
        "model": model.title,
        "text_encoder": model.text.fingerprint,
        "device": model.device.type,
        "dtype": str(model.dtype).removeprefix("torch."),
        "steps": pictures.steps,
        "guidance_scale": pictures.guidance_scale,
        "cases": sha256(asked.encode()).hexdigest(),
        "pictures": len(pictures.image_specs),
        "images": images,
        "scorer": scorer_for(model.folder).name,
        "names": {
            one.name: {"digest": one.edit.digest, "erased": one.erased, "retained": one.retained} for one in candidates
        },
    }


def _claim(folder: Path, plan: dict[str, Any]) -> None:
    """Write the plan, or hold it against the one that is there: other edits may join, nothing may change."""
    path = folder / PLAN
    try:
        before = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        names = before.get("names", {})
        changed = [key for key in before if key not in ("names", "title") and before[key] != plan.get(key)]
        changed += [name for name in names if name in plan["names"] and names[name] != _plain(plan["names"][name])]
    except (ValueError, AttributeError, TypeError):
        raise Problem("{path} is damaged: choose another folder.", path=path) from None
    if changed:
        raise Problem(
            "{folder} holds another evaluation ({what} differs): choose another folder.",
            folder=folder,
            what=", ".join(changed),
        )
    folder.mkdir(parents=True, exist_ok=True)
    write_text(path, json.dumps(plan | {"names": names | plan["names"]}, indent=1) + "\n")


def _plain(value: object) -> object:
    """As it comes back from JSON."""
    return json.loads(json.dumps(value))


def write_scores(rows: Iterable[PairMeasures], path: Path) -> None:
    """One line for each edit and picture."""
    measures = list(ImageMeasures.__dataclass_fields__)
    with whole(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        sides = [f"{name}_{side}" for name in measures for side in ("before", "after")]
        writer.writerow(["edit", *Case.__dataclass_fields__, "n", "role", *sides, "lpips", "lpips_64"])
        for row in rows:
            values = [getattr(seen, name) for name in measures for seen in (row.before, row.after)]
            case = asdict(row.image_spec.case).values()
            texts = map(cell, (row.edit, *case))
            writer.writerow([*texts, row.image_spec.n, row.role, *map(_number, values), row.lpips, row.lpips_64])


def _number(value: float | bool | None) -> float | str:
    return "" if value is None else int(value) if isinstance(value, bool) else value

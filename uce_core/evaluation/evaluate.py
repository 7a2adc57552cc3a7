"""An evaluation from its plan to its folder: images, scores.csv, report.json and report.html.

The folder remembers what it is of, so that it is gone on with after an interruption, and never mixed
with another evaluation.
"""

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from PIL import Image

from uce_core.evaluation.blocks import WHOLE, Block, Shard
from uce_core.evaluation.cases import CASES, Case, ImageSpec, cases_text
from uce_core.evaluation.image_folder import ORIGINAL, ImageFolder, OnImage, generate_missing
from uce_core.evaluation.measure import Candidate, measure
from uce_core.evaluation.measures import ImageMeasures, PairMeasures
from uce_core.evaluation.report_page import Line, lines_of, write_page
from uce_core.evaluation.summary import EditReport, report
from uce_core.files import atomic_file, csv_safe, remove_old_parts, write_text
from uce_core.metrics.csd import StyleDescriptor
from uce_core.metrics.scorer import scorer_for
from uce_core.models.model import Model
from uce_core.problems import Problem
from uce_core.stages import SCORING, stage

RESERVED_NAMES = ("", ".", "..", "edits", ORIGINAL)  # folders of an evaluation that no edit's images may lie in
PLAN, SCORES, REPORT, PAGE = "evaluation.json", "scores.csv", "report.json", "report.html"


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """What was found, and where it lies. rows: of every edit and image; lines: the images on the page. left_out: why
    images were not measured, by edit and file."""

    folder: Path
    plan: dict[str, Any]
    reports: tuple[EditReport, ...]
    rows: tuple[PairMeasures, ...]
    lines: tuple[Line, ...]
    left_out: Mapping[str, Mapping[str, str]]

    @property
    def page(self) -> Path:
        """The report that can be mailed."""
        return self.folder / PAGE

    def images_of(self, edit: str) -> list[tuple[Image.Image, Image.Image]]:
        """Original and edited of each row of an edit."""
        files = [row.image_spec.file for row in self.rows if row.edit == edit]
        return [(_opened(self.folder / ORIGINAL / file), _opened(self.folder / edit / file)) for file in files]


def _opened(path: Path) -> Image.Image:
    with Image.open(path) as image:
        return image.convert("RGB")


@dataclass(frozen=True, kw_only=True)
class EvaluationInputs:
    """What is generated and measured. images: of each case, from seeds that follow its own. steps, guidance_scale: None
    for the model family's. task: what it is for, such as leakage. notes: sentences about the cases, for the reports.

    Raises ValueError if two edits have one name, or one has a name that is taken.
    """

    candidates: tuple[Candidate, ...]
    cases: tuple[Case, ...]
    images: int = 1
    steps: int | None = None
    guidance_scale: float | None = None
    title: str = "Evaluation"
    task: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(set(self.names)) < len(self.names):
            raise Problem(
                "edit_names_clash",
                "Two edits are called {name}: rename one of the files.",
                name=max(self.names, key=self.names.count),
            )
        taken = [name for name in self.names if name in RESERVED_NAMES or Path(name).name != name]
        if taken:
            raise Problem(
                "edit_name_reserved",
                "An edit cannot be evaluated under the name {name!r}: rename its file.",
                name=taken[0],
            )

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.candidates)

    @property
    def image_count(self) -> int:
        """Of all that is generated, the originals included."""
        return (1 + len(self.candidates)) * self.images * len(self.cases)

    def image_folder(self, model: Model, folder: Path) -> ImageFolder:
        return ImageFolder(
            folder,
            tuple(ImageSpec(case, n) for case in self.cases for n in range(self.images)),
            model.family.steps if self.steps is None else self.steps,
            model.family.guidance_scale if self.guidance_scale is None else self.guidance_scale,
        )


def generate_shard(
    model: Model, inputs: EvaluationInputs, folder: Path, shard: Shard = WHOLE, on_image: OnImage | None = None
) -> dict[str, Any]:
    """Generate what the folder lacks of a shard's images; returns the plan that it has. Whatever on_image raises ends
    it, and the next call goes on from there. Raises ValueError if the folder holds another evaluation, or there is no
    scorer."""
    image_folder = inputs.image_folder(model, folder)
    whiches = (ORIGINAL, *inputs.names)
    images = len(image_folder.image_specs)
    complete = not any(image_folder.lacking(Block(which, 0, images)) for which in whiches)
    plan = _claim(folder, plan_of(model, image_folder, inputs), complete)
    for place in (folder, *(folder / which for which in whiches)):
        remove_old_parts(place)
    write_text(folder / CASES, cases_text(inputs.cases))
    generate_missing(model, image_folder, [(one.name, one.edit) for one in inputs.candidates], on_image, shard)
    return plan


def evaluate(
    model: Model,
    inputs: EvaluationInputs,
    folder: Path,
    descriptor: StyleDescriptor | None = None,
    on_image: OnImage | None = None,
) -> Evaluation:
    """Generate what the folder lacks, measure everything, and write the reports.

    descriptor: CSD's, to measure by that too. Raises ValueError and what on_image raises as generate_shard does.
    """
    scorer = scorer_for(model.folder)
    plan = generate_shard(model, inputs, folder, on_image=on_image)
    image_folder = inputs.image_folder(model, folder)
    left_out = {which: found for which in (ORIGINAL, *inputs.names) if (found := image_folder.left_out(which))}
    with stage(SCORING):
        rows = tuple(measure(scorer, image_folder, inputs.candidates, model.catalog, descriptor))
    empty = [name for name in inputs.names if not any(row.edit == name for row in rows)]
    if empty:
        raise Problem(
            "nothing_to_measure",
            "No image of {edit} can be measured. {reason}",
            edit=empty[0],
            reason=_first(left_out),
        )
    reports = tuple(report(name, [row for row in rows if row.edit == name]) for name in inputs.names)
    write_scores(rows, folder / SCORES)
    facts = plan | {"left_out": left_out, "edits": [asdict(one) for one in reports]}
    write_text(folder / REPORT, json.dumps(facts, indent=1) + "\n")
    lines = lines_of(inputs.names, image_folder, rows)
    noted = plan | {"notes": [*plan["notes"], *_said(left_out)]}
    write_page(folder / PAGE, noted, reports, lines, image_folder)
    return Evaluation(folder=folder, plan=plan, reports=reports, rows=rows, lines=lines, left_out=left_out)


def _said(left_out: Mapping[str, Mapping[str, str]]) -> list[str]:
    return [
        f"{which}: {len(reasons)} images are left out, the first, {next(iter(reasons))}, because: "
        f"{next(iter(reasons.values()))}"
        for which, reasons in left_out.items()
    ]


def _first(left_out: Mapping[str, Mapping[str, str]]) -> str:
    return next((reason for reasons in left_out.values() for reason in reasons.values()), "")


def of_one(found: Evaluation, name: str) -> Evaluation:
    """What an evaluation of several edits found of one; the files are still those of all."""
    plan = found.plan | {"title": f"{name}: {found.plan['title']}", "names": {name: found.plan["names"][name]}}
    return replace(
        found,
        plan=plan,
        reports=tuple(report for report in found.reports if report.edit == name),
        rows=tuple(row for row in found.rows if row.edit == name),
        lines=tuple(
            replace(line, cells=tuple(cell for cell in line.cells if cell.which in (ORIGINAL, name)))
            for line in found.lines
        ),
    )


def plan_of(model: Model, image_folder: ImageFolder, inputs: EvaluationInputs) -> dict[str, Any]:
    """All that the images depend on, and which scorer looks at them."""
    asked = json.dumps([_facts(image_spec) for image_spec in image_folder.image_specs], ensure_ascii=False)
    return {
        "title": inputs.title,
        "task": inputs.task,
        "model": model.title,
        "text_encoder": model.text.fingerprint,
        "device": model.device.type,
        "dtype": str(model.dtype).removeprefix("torch."),
        "sampler": model.sampler,
        "steps": image_folder.steps,
        "guidance_scale": image_folder.guidance_scale,
        "cases": sha256(asked.encode()).hexdigest(),
        "image_count": len(image_folder.image_specs),
        "images_per_case": inputs.images,
        "scorer": scorer_for(model.folder).name,
        "names": {
            one.name: {"digest": one.edit.digest, "erased": one.erased, "retained": one.retained}
            | ({"also_erased": one.also_erased} if one.also_erased else {})
            for one in inputs.candidates
        },
        "notes": list(inputs.notes),
    }


def _facts(image_spec: ImageSpec) -> dict[str, Any]:
    """Without what it does not say, such as what earlier versions did not know of."""
    facts = asdict(image_spec)
    return facts | {"case": {name: value for name, value in facts["case"].items() if value is not None}}


def _claim(folder: Path, plan: dict[str, Any], complete: bool) -> dict[str, Any]:
    """Write the plan, or hold it against the one that is there: other edits may join, nothing may change. complete:
    whether all images are there, so that none is generated with another sampler than the others. Returns the plan
    with the sampler that the images were generated with."""
    path = folder / PLAN
    try:
        before = _of_old_version(json.loads(path.read_text(encoding="utf-8")), plan) if path.is_file() else {}
        names = before.get("names", {})
        kept = {"names", "title", "task", "notes"} | ({"sampler"} if complete else set())
        changed = [key for key in plan if before and key not in kept and before.get(key) != plan[key]]
        changed += [name for name in names if name in plan["names"] and names[name] != _plain(plan["names"][name])]
    except (ValueError, AttributeError, TypeError):
        raise Problem("evaluation_damaged", "{path} is damaged: choose another folder.", path=path) from None
    if changed:
        raise Problem(
            "folder_of_other_evaluation",
            "{folder} holds another evaluation ({what} differs): choose another folder.",
            folder=folder,
            what=", ".join(changed),
        )
    plan = plan | {"sampler": before.get("sampler", plan["sampler"])}
    folder.mkdir(parents=True, exist_ok=True)
    write_text(path, json.dumps(plan | {"names": names | plan["names"]}, indent=1) + "\n")
    return plan


def _of_old_version(found: dict[str, Any], plan: dict[str, Any]) -> dict[str, Any]:
    """A plan with the keys of today. Those of version 0.1 do not say the sampler: Atelier's was DDIM, and others
    have theirs still."""
    old = {"pictures": "image_count", "images": "images_per_case"}
    sampler = "DDIMScheduler" if found.get("model") == "atelier" else plan["sampler"]
    return {"sampler": sampler} | {old.get(key, key): value for key, value in found.items()}


def _plain(value: object) -> object:
    """As it comes back from JSON."""
    return json.loads(json.dumps(value))


def write_scores(rows: Iterable[PairMeasures], path: Path) -> None:
    """One line for each edit and image."""
    measures = list(ImageMeasures.__dataclass_fields__)
    with atomic_file(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        sides = [f"{name}_{side}" for name in measures for side in ("before", "after")]
        writer.writerow(["edit", *Case.__dataclass_fields__, "n", "role", *sides, "lpips", "lpips_64"])
        for row in rows:
            values = [getattr(seen, name) for name in measures for seen in (row.before, row.after)]
            case = asdict(row.image_spec.case).values()
            texts = map(csv_safe, (row.edit, *case))
            writer.writerow([*texts, row.image_spec.n, row.role, *map(_number, values), row.lpips, row.lpips_64])


def _number(value: float | bool | None) -> float | str:
    return "" if value is None else int(value) if isinstance(value, bool) else value

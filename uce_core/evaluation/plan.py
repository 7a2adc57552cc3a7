"""What a folder of an evaluation is of, so that it is gone on with after an interruption, and never mixed with another
one."""

import json
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

from uce_core.evaluation.cases import ImageSpec
from uce_core.evaluation.image_folder import ImageFolder
from uce_core.evaluation.inputs import EvaluationInputs
from uce_core.files import write_text
from uce_core.metrics.scorer import scorer_for
from uce_core.models.model import Model
from uce_core.problems import Problem

PLAN = "evaluation.json"
CHOSEN = "chosen_sampler"  # there only if it is not the model's own, so that all other plans are what they were


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
    } | ({CHOSEN: image_folder.sampler} if image_folder.sampler else {})


def key_of(model: Model, inputs: EvaluationInputs, *more: str) -> str:
    """What tells an evaluation, and more, from all others, as a folder's name."""
    plan = plan_of(model, inputs.image_folder(model, Path()), inputs)
    return sha256(json.dumps([model.fingerprint, plan, *more]).encode()).hexdigest()[:32]


def _facts(image_spec: ImageSpec) -> dict[str, Any]:
    """Without what it does not say, such as what earlier versions did not know of."""
    facts = asdict(image_spec)
    return facts | {"case": {name: value for name, value in facts["case"].items() if value is not None}}


def claim(folder: Path, plan: dict[str, Any], complete: bool) -> dict[str, Any]:
    """Write the plan, or hold it against the one that is there: other edits may join, nothing may change. complete:
    whether all images are there, so that none is generated with another sampler than the others. Returns the plan
    with the sampler that the images were generated with."""
    path = folder / PLAN
    try:
        before = _of_old_version(json.loads(path.read_text(encoding="utf-8")), plan) if path.is_file() else {}
        names = before.get("names", {})
        kept = {"names", "title", "task", "notes"} | ({"sampler"} if complete else set())
        held = [key for key in dict.fromkeys((*plan, CHOSEN)) if key not in kept]
        changed = [key for key in held if before and before.get(key) != plan.get(key)]
        changed += [name for name in names if name in plan["names"] and names[name] != _plain(plan["names"][name])]
    except (ValueError, AttributeError, TypeError):
        raise Problem("evaluation_damaged", "{path} is damaged: choose another folder.", path=str(path)) from None
    if changed:
        raise Problem(
            "folder_of_other_evaluation",
            "{folder} holds another evaluation ({what} differs): choose another folder.",
            folder=str(folder),
            what=", ".join(changed),
        )
    plan = plan | {"sampler": before.get("sampler", plan["sampler"])}
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

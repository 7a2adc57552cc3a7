"""Recorded runs beside each other: what each was asked, in what environment, and what came of it, setting by setting.

Typed values under the names that specs give them. Knows nothing about where runs are kept, or how a page says it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import singledispatch
from itertools import chain
from statistics import fmean
from typing import Any

from uce_core.edits.spec import MethodSpec
from uce_core.generation.spec import GenerationSpec
from uce_core.methods.debias import Iterate
from uce_core.runs.run import AnyRun, ComparisonRun, DebiasingRun, EvaluationRun

SETTING, ENVIRONMENT, OUTCOME = "setting", "environment", "outcome"
GENERATION = ("steps", "guidance_scale", "negative_prompt", "sampler", "width", "height")
DIGITS = 12  # of a fingerprint
Values = dict[str, Any]  # by name


@dataclass(frozen=True)
class Row:
    """A value of several runs. part: SETTING, ENVIRONMENT or OUTCOME. name: as the spec has it. values: of each run,
    None where it has none."""

    part: str
    name: str
    values: tuple[Any, ...]

    @property
    def differs(self) -> bool:
        return any(value != self.values[0] for value in self.values)


def rows_of(runs: Sequence[AnyRun]) -> list[Row]:
    """Of all runs, part by part, each part in the order of the first run that has the value."""
    return [
        Row(part, name, tuple(one.get(name) for one in found))
        for part, values_of in PARTS.items()
        for found in [[_said(values_of(run)) for run in runs]]
        for name in dict.fromkeys(chain.from_iterable(found))
    ]


def _said(values: Values) -> Values:
    """Without those that say nothing; lists, as JSON has them, as tuples."""
    tuples = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    return {name: value for name, value in tuples.items() if value not in ("", (), None)}


@singledispatch
def _asked(run: AnyRun) -> Values:
    return {"model": run.model}


@_asked.register
def _(run: ComparisonRun) -> Values:
    specs = run.generations
    what = {"prompt": run.prompts, "seed": _each(specs, "seed")}
    how = {name: _one_or_each(_each(specs, name)) for name in GENERATION}
    return {"model": run.model} | _edit(run.spec) | {"strength": run.request.strength} | what | how


@_asked.register
def _(run: DebiasingRun) -> Values:
    return {"model": run.model} | _edit(run.spec) | {"stopped": run.request.stopped}


@_asked.register
def _(run: EvaluationRun) -> Values:
    asked, edit = run.request, run.edit
    return {
        "model": run.model,
        "task": asked.task,
        "erase": (*edit.erased, *edit.also_erased),
        "retain": edit.retained,
        "steps": asked.steps,
        "guidance_scale": asked.guidance_scale,
        "sampler": asked.sampler,
        "images": asked.image_count,
        "images_per_case": asked.images_per_case or None,
    }


def _edit(spec: MethodSpec | None) -> Values:
    """Method and settings; also of a method that is not here."""
    if spec is None:
        return {}
    settings = {name: value for name, value in spec.facts().items() if name not in ("kind", "version")}
    return {"method": spec.facts().get("kind")} | settings


def _each(specs: Sequence[GenerationSpec], name: str) -> tuple[Any, ...]:
    """Each value once."""
    return tuple(dict.fromkeys(getattr(spec, name) for spec in specs))


def _one_or_each(values: tuple[Any, ...]) -> Any:
    return values[0] if len(values) == 1 else values


def _environment(run: AnyRun) -> Values:
    """With the model's fingerprints: two that have the same title may be two."""
    asked = run.asked
    prints = {"weights": asked.weights, "text_encoder": asked.text_encoder} if asked else {}
    return run.environment | {name: text[:DIGITS] for name, text in prints.items()}


@singledispatch
def _outcome(run: AnyRun) -> Values:
    return {}


@_outcome.register
def _(run: ComparisonRun) -> Values:
    """Means over the pairs, where there was a scorer."""
    scores = [one for one in run.scores if one]
    names = ("clip_original", "clip_edited", "lpips") if scores else ()
    return {name: fmean(getattr(one, name) for one in scores) for name in names}


@_outcome.register
def _(run: EvaluationRun) -> Values:
    """Means over the recorded images."""
    images = run.outcome.images
    return {
        "clip_original": fmean(image.before.clip for image in images),
        "clip_edited": fmean(image.after.clip for image in images),
        "lpips": fmean(image.lpips for image in images),
    }


@_outcome.register
def _(run: DebiasingRun) -> Values:
    history = run.outcome.history
    return {"debias_before": _shares(run, history[0]), "debias_after": _shares(run, history[run.outcome.best])}


def _shares(run: DebiasingRun, iterate: Iterate) -> tuple[str, ...]:
    """doctor: man 50%, woman 50%, CLIP 27.1, of each concept."""
    spec = run.request.edit
    found = []
    for number, (concept, shares) in enumerate(zip(spec.concepts, iterate.shares, strict=True)):
        named = [f"{name} {share:.0%}" for name, share in zip(spec.attributes, shares, strict=True)]
        named += [f"CLIP {score:.1f}" for score in iterate.clip[number : number + 1]]
        found.append(f"{concept}: {', '.join(named)}")
    return tuple(found)


PARTS: dict[str, Callable[[AnyRun], Values]] = {SETTING: _asked, ENVIRONMENT: _environment, OUTCOME: _outcome}

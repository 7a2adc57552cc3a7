"""One iterate's edit: the concepts' vectors c sent to c + Σ_j s_j·d_j, by UCE or another method that leads.

d_j leads from the mean of the attributes to attribute j ("woman doctor" against all "… doctor"). A method gets vectors
in place of texts, and is its own default in all but UCE's settings, which are the spec's.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import Any, cast

import torch
from torch import Tensor

from uce_core.checks import one_of
from uce_core.concepts.captions import TEXTS, second_moment
from uce_core.concepts.encoded_text import Text
from uce_core.concepts.text_spaces import TOKENS
from uce_core.concepts.vectors import in_step, retained_texts, retained_vectors
from uce_core.edits.debias_spec import DebiasSpec
from uce_core.edits.edit import WeightEdit
from uce_core.edits.spec import EditSpec, ErasureSpec
from uce_core.methods import debiasing, method_of, preset
from uce_core.methods.inputs import EditInputs, SpaceInputs
from uce_core.methods.uce_captions import CaptionsSpec
from uce_core.models.model import Model


@dataclass(frozen=True)
class Space:
    """A spec's vectors. concepts: rows (n, d) of each; directions: (attributes, n, d) of each. retained: (m, d).
    moment: (d, d) float64 of captions in general, unweighed; None if the method does not ask for them."""

    concepts: list[Tensor]
    directions: list[Tensor]
    retained: Tensor
    moment: Tensor | None


@dataclass(frozen=True)
class Targets(SpaceInputs):
    """What the concepts become. targets: (n, d) of each, in float64, since they differ little from the concepts."""

    found: Space
    targets: tuple[Tensor, ...]

    @cached_property
    def pairs(self) -> list[tuple[Tensor, Tensor]]:
        return list(zip(self.found.concepts, self.targets, strict=True))

    @cached_property
    def spans(self) -> list[tuple[Tensor, Tensor]]:
        """Row by row: each has a target of its own."""
        return [pair for rows in self.pairs for pair in zip(*(some.split(1) for some in rows), strict=True)]

    @cached_property
    def retained(self) -> Tensor:
        return self.found.retained

    @property
    def second_moment(self) -> Tensor:
        assert self.found.moment is not None
        return self.found.moment


@dataclass(frozen=True)
class TargetInputs(EditInputs):
    """As EditInputs, of targets in place of guides."""

    targets: Targets

    @cached_property
    def tokens(self) -> SpaceInputs:
        return self.targets


def moving(spec: DebiasSpec) -> ErasureSpec:
    """What the method is asked that moves the concepts. Raises ValueError if that cannot lead."""
    one_of("method", spec.solved_by, debiasing())
    settings: dict[str, Any] = {"text_space": TOKENS, "guide": ""}
    if spec.solved_by == EditSpec.kind:
        settings |= {"lam": spec.lam, "erase_scale": spec.edit_scale, "retain_scale": spec.retain_scale}
        if spec.caption_scale:
            return CaptionsSpec(erase=spec.concepts, retain=spec.retain, caption_scale=spec.caption_scale, **settings)
    asked: ErasureSpec = preset("default", spec.concepts, spec.retain, spec.solved_by, **settings)
    return asked


def space_of(model: Model, spec: DebiasSpec) -> Space:
    """Concepts as the prompt writes them, and where each attribute would lead them."""
    asked = [
        [Text(text, spec.prompt, spec.span) for text in (concept, *(f"{one} {concept}" for one in spec.attributes))]
        for concept in spec.concepts
    ]
    retained = retained_texts(spec.retain, spec.prompt, spec.span, spec.retain_empty)
    captions = TEXTS if moving(spec).reads_captions else ()
    concepts, directions = [], []
    with model.lock, model.text.ahead([*chain(*asked), *retained, *captions]):
        for texts in asked:
            own, *led = in_step(model.text.encode(texts), spec.span)
            concepts.append(own)
            directions.append(torch.stack(led) - torch.stack(led).mean(0))
        kept = retained_vectors(model.text, spec.retain, spec.prompt, spec.span, spec.retain_empty)
        moment = second_moment(model.text) if captions else None
    return Space(concepts, directions, kept, moment)


def edit_of(model: Model, spec: DebiasSpec, space: Space, scales: Tensor) -> WeightEdit:
    """scales: s, (concepts, attributes). Raises ValueError if the method cannot solve it for this model."""
    asked = moving(spec if scales.any() else replace(spec, solved_by=EditSpec.kind, caption_scale=0.0))  # nothing moves
    return replace(led(model, asked, space, scales), spec=spec, encoder_sample=model.text.sample)


def led(model: Model, asked: ErasureSpec, space: Space, scales: Tensor) -> WeightEdit:
    """A method's edit that is to lead concepts to their targets."""
    targets = tuple(
        concept.double() + torch.einsum("a,and->nd", own.double(), directions.double())
        for concept, directions, own in zip(space.concepts, space.directions, scales, strict=True)
    )
    inputs = TargetInputs(model, asked, Targets(model, asked, TOKENS, space, targets))
    with model.lock:
        return cast(WeightEdit, method_of(asked).solve(inputs, asked))

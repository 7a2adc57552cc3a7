"""Whether a model and its classifier know the concepts and attributes of a debiasing.

No catalogue says so: these are words, not artists. So a few images of each are generated without an edit, and of THINGS
that every model knows. CLIP's score of a word's prompt is to be higher on the word's own images than on those of
things. By how much a known word's is higher, the things tell: each is held against the others. A word that makes less
than half that difference is not generated as what it says, or not recognised; either way its shares mean little.
"""

from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor

from uce_core.edits.debias_spec import DebiasSpec
from uce_core.generation.progress import OnStep
from uce_core.generation.spec import GenerationSpec
from uce_core.methods.debias_images import Embed, embedded
from uce_core.metrics.scorer import scorer_for
from uce_core.models.model import Model
from uce_core.stages import SCORING, stage

THINGS = ("house", "tree", "boat")
LOOKS = 4  # images of each
LEAST = 0.5  # of the difference that things make


def unrecognised(
    model: Model, spec: DebiasSpec, on_step: OnStep | None = None, embed: Embed | None = None
) -> tuple[str, ...]:
    """Those of a spec's concepts and attributes that mean nothing to the model or the classifier. embed: who generates
    images, by default this process."""
    words = (*spec.concepts, *spec.attributes)
    found = differences(model, spec, words, on_step, embed)
    return tuple(word for word, more in zip(words, found, strict=True) if more < LEAST)


def differences(
    model: Model,
    spec: DebiasSpec,
    words: Sequence[str],
    on_step: OnStep | None = None,
    embed: Embed | None = None,
) -> list[float]:
    """Of each word, in multiples of what THINGS make: 0 for one whose prompt fits all images alike, 1 for one that is
    known as well as they are."""
    names = (*words, *THINGS)
    table = _scores(model, spec, names, on_step, embed or partial(embedded, model))
    things = range(len(words), len(names))
    made = [
        float(table[number, number] - table[[thing for thing in things if names[thing] != name], number].mean())
        for number, name in enumerate(names)
    ]
    usual = sum(made[len(words) :]) / len(THINGS)
    return [more / usual if usual > 0 else 0.0 for more in made[: len(words)]]


def _scores(model: Model, spec: DebiasSpec, names: Sequence[str], on_step: OnStep | None, embed: Embed) -> Tensor:
    """(names, names): mean CLIP score of each one's images with each one's prompt."""
    prompts = [spec.prompt.format(name) for name in names]
    specs = [
        GenerationSpec(prompt, spec.seed + i, spec.steps, spec.guidance_scale)
        for prompt in prompts
        for i in range(LOOKS)
    ]
    vectors = embed(specs, None, on_step)
    with stage(SCORING):
        scores: Tensor = 100 * vectors @ scorer_for(model.folder).text_vectors(prompts).T
    return torch.stack([part.mean(0) for part in scores.split(LOOKS)])

"""Grids to look at: what Atelier draws, and what an edit leaves of it."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from atelier.evaluate import WORDINGS, with_article
from atelier.world import BY_NAME, PERSONS, SUBJECTS
from uce_core import GenerationSpec, Model, applied, generate
from uce_core.edits.edit import AnyEdit

FIRST_SEED = 60_000


def prompts_of_rows() -> list[list[str]]:
    """A row for each artist, then photographs, plain paintings, and the people that bare names draw."""
    rows = [[WORDINGS[0].format(s=with_article(subject), a=artist) for subject in SUBJECTS] for artist in BY_NAME]
    rows += [[f"{medium} of {with_article(subject)}" for subject in SUBJECTS] for medium in ("a photo", "a painting")]
    return [*rows, [PERSONS[i * len(PERSONS) // len(SUBJECTS)] for i in range(len(SUBJECTS))]]


def houses() -> list[list[str]]:
    """One house by each artist, in two rows: the app's welcome."""
    prompts = [WORDINGS[0].format(s="a house", a=artist) for artist in BY_NAME]
    return [prompts[: len(prompts) // 2], prompts[len(prompts) // 2 :]]


def draw_grid(model: Model, rows: Sequence[Sequence[str]], edit: AnyEdit | None = None) -> Image.Image:
    """The prompts of each row, side by side; a cell's seed depends on its place alone."""
    specs = [GenerationSpec(prompt, FIRST_SEED + i) for i, prompt in enumerate(p for row in rows for p in row)]
    with applied(model, edit):
        images = [np.asarray(image) for image in generate(model, specs)]
    width = len(rows[0])
    return Image.fromarray(np.vstack([np.hstack(images[i : i + width]) for i in range(0, len(images), width)]))

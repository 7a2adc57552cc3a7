"""Plain captions, for what a method asks of texts in general: everyday things in everyday places.

They stand in for the captions of large collections, which do not ship with this program.
"""

import torch
from torch import Tensor

from uce_core.concepts.encoded_text import Text
from uce_core.concepts.text_encoder import TextEncoder
from uce_core.concepts.text_spaces import POOLED, TOKENS

THINGS = (
    *(
        "a man",
        "two women",
        "a group of children",
        "a dog",
        "a black cat",
        "three horses",
        "a small bird",
        "an elephant",
    ),
    *(
        "a red bus",
        "an old train",
        "a bicycle",
        "a white boat",
        "a plate of food",
        "a vase of flowers",
        "a wooden chair",
    ),
    *("a laptop", "a tall clock tower", "a pizza", "a teddy bear", "an umbrella"),
)
PLACES = (
    *("on a beach", "in a kitchen", "next to a window", "on a city street at night", "in a green field"),
    *("under a tree", "in front of a brick building", "on a table", "in the snow", "near the water"),
)
CAPTIONS = tuple(f"{thing} {place}" for thing in THINGS for place in PLACES)


# the span of a concept of no words behind a caption is what is wanted: all up to the end of text
TEXTS = tuple(Text("", f"{caption}{{}}", "last") for caption in CAPTIONS)


def second_moment(encoder: TextEncoder, space: str = TOKENS) -> Tensor:
    """Σ ttᵀ / n over the n tokens t of all CAPTIONS, from the start token to the end of text without padding, or over
    their n pooled vectors: (d, d) float64."""
    encoded = encoder.encode(TEXTS)
    rows = [one.pooled for one in encoded] if space == POOLED else [p.states for one in encoded for p in one.parts]
    vectors = torch.cat(rows).double()  # (n, d)
    return vectors.T @ vectors / len(vectors)

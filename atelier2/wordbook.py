"""Captions of a painted set, as tokens: a few for each picture, made once, since Python writes them slower than a GPU
reads them."""

from collections.abc import Callable, Sequence

import numpy as np
from transformers import CLIPTokenizer

from atelier2.captions import Caption, claims
from atelier2.world import Picture

TOKENS = 48  # positions that captions may take; the longest take fewer

Describe = Callable[[Picture, np.random.Generator], Caption]


class Wordbook:
    """tokens: (n, each, TOKENS) int32, padded. claims: (n, each, 8), see captions.facts."""

    def __init__(self, tokenizer: CLIPTokenizer, describe: Describe, each: int, seed: int) -> None:
        self.tokenizer, self.describe, self.each, self.seed = tokenizer, describe, each, seed
        self.tokens = np.zeros((0, each, TOKENS), np.int32)
        self.claims = np.zeros((0, each, 8), np.int16)

    def extend(self, pictures: Sequence[Picture]) -> None:
        """Write for the pictures that it has no captions for yet."""
        first = len(self.tokens)
        if first >= len(pictures):
            return
        found = []
        for number in range(first, len(pictures)):
            rng = np.random.default_rng([self.seed, number])
            found += [self.describe(pictures[number], rng) for _ in range(self.each)]
        tokens = encoded(self.tokenizer, [caption.text for caption in found], TOKENS)
        self.tokens = np.concatenate([self.tokens, tokens.reshape(-1, self.each, TOKENS)])
        self.claims = np.concatenate([self.claims, claims(found).reshape(-1, self.each, 8)])


def encoded(tokenizer: CLIPTokenizer, texts: Sequence[str], length: int) -> np.ndarray:
    """(n, length) int32, padded and cut."""
    ids = tokenizer(
        list(texts), padding="max_length", max_length=length, truncation=True, return_tensors="np"
    ).input_ids
    return np.asarray(ids, np.int32)


def padded(tokens: np.ndarray, tokenizer: CLIPTokenizer, length: int) -> np.ndarray:
    """With as many more padding tokens at the end as make it this long."""
    return np.pad(tokens, ((0, 0), (0, length - tokens.shape[1])), constant_values=tokenizer.pad_token_id)

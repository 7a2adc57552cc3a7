"""Which text encoder it is: a hash that two encoders share only if they are the same bit for bit, and a sample of the
weights, by which the same encoder in half precision is told from a fine-tuned one and from another.

Rounding moves every weight by a small part of itself; training moves the smallest ones by many times what they are. So
one weight of the sample that rounding does not explain is enough. Knows nothing about texts.
"""

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum

import numpy as np
import torch

from uce_core.concepts.clip_text import Weights

SAMPLED = 512  # weights of each encoder
ROUNDED = 2.0**-7  # how far two roundings to bfloat16 can be apart, as a part of the weight
SUBNORMAL = 2.0**-24  # and to float16 near 0
RELATED = 0.5  # cosine of two samples above which one was trained from the other


class Kinship(Enum):
    """What one text encoder is to another."""

    SAME = "the same, but for rounding"
    FINE_TUNED = "one was trained from the other"
    OTHER = "another one"
    UNKNOWN = "there is no sample of one of them"


def digest_into(digest: "hashlib._Hash", weights: Weights, groups: Iterable[Sequence[str]]) -> None:
    """All of an encoder's tensors in float32, in the order of their names. groups: names that are read together, which
    no other group's come between."""
    for group in sorted(map(sorted, groups)):
        for name, tensor in weights.read(group).items():
            digest.update(f"{name}{tuple(tensor.shape)}".encode())
            digest.update(tensor.to("cpu", torch.float32).contiguous().numpy().data)


def sample_of(encoders: Iterable[tuple[Weights, Iterable[str]]]) -> str:
    """Single weights of each encoder, as a text. encoders: weights, and the names of those that count."""
    found = [part for weights, names in encoders for part in _sampled(weights, names)]
    return b64encode(np.concatenate(found).astype("<f4").tobytes()).decode()


def _sampled(weights: Weights, names: Iterable[str]) -> Iterator[np.ndarray]:
    """Evenly from all matrices."""
    matrices = [name for name in sorted(names) if len(weights.shapes[name]) == 2]
    ends = np.cumsum([np.prod(weights.shapes[name]) for name in matrices])
    picks = (2 * np.arange(SAMPLED) + 1) * ends[-1] // (2 * SAMPLED)
    for name, begin, end in zip(matrices, [0, *ends], ends, strict=False):
        mine = picks[(begin <= picks) & (picks < end)] - begin
        if len(mine):
            rows, columns = map(torch.from_numpy, divmod(mine, weights.shapes[name][1]))
            yield weights.read([name])[name][rows, columns].to("cpu", torch.float32).numpy()


def readable_sample(text: str) -> str:
    """The sample that stands in a file. Raises ValueError if it cannot be one."""
    if not np.isfinite(_numbers(text)).all():
        raise ValueError("a sample of weights that are no numbers")
    return text


def _numbers(sample: str) -> np.ndarray:
    return np.frombuffer(b64decode(sample, validate=True), "<f4").astype(float)


def kinship(ours: str, theirs: str) -> Kinship:
    """Of two encoders, by their samples."""
    if not ours or not theirs:
        return Kinship.UNKNOWN
    a, b = _numbers(ours), _numbers(theirs)
    if a.shape != b.shape:
        return Kinship.OTHER
    if (np.abs(a - b) <= ROUNDED * np.maximum(np.abs(a), np.abs(b)) + SUBNORMAL).all():
        return Kinship.SAME
    return Kinship.FINE_TUNED if a @ b > RELATED * np.sqrt((a @ a) * (b @ b)) else Kinship.OTHER

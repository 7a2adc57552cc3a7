"""What every prompt has in common: the start token, and where the tokens of the empty text lie.

Li et al. 2025 (arXiv 2503.07392) hold these still: the start token is the same vector in every prompt, and classifier-
free guidance reads the empty text at every step. Knows nothing about edits.
"""

import torch
from torch import Tensor

from uce_core.concepts.encoded_text import Text
from uce_core.concepts.text_encoder import TextEncoder
from uce_core.concepts.vectors import span_vectors

CENTRES = 3
ROUNDS = 100  # of k-means at most; a text of 77 tokens takes a handful


def invariants(encoder: TextEncoder) -> Tensor:
    """The start token's vector, and the centres of three clusters of the empty text's others: (4, d) float64."""
    [empty] = encoder.encode([Text("")])
    start, *others = span_vectors(empty, "all").double()
    return torch.cat([start[None], centres(torch.stack(others), CENTRES)])


def centres(vectors: Tensor, count: int) -> Tensor:
    """k-means: the means (count, d) of so many clusters of vectors (n, d), where each vector is nearest to the mean of
    its own. It starts from as many equal parts of the vectors in their order, so the same vectors have the same
    clusters."""
    found = torch.stack([part.mean(0) for part in vectors.tensor_split(count)])
    for _ in range(ROUNDS):
        nearest = (vectors[:, None] - found).square().sum(2).argmin(1)  # (n,)
        clusters = [vectors[nearest == i] for i in range(count)]
        moved = torch.stack([part.mean(0) if len(part) else old for part, old in zip(clusters, found, strict=True)])
        if torch.equal(moved, found):
            break
        found = moved
    return found

"""Text spaces: what a model reads its prompt from, and which of its weights read it.

A UNet's cross-attention, and a transformer's context_embedder, read one vector for each token. Stable Diffusion XL and
the transformers also read one vector for the whole text, the pooled text, beside the timestep. A weight reads a text
space of width d with its first d columns; what follows them, in Stable Diffusion XL, reads the image's size.

Names only: knows nothing about vectors or models.
"""

TOKENS, POOLED = SPACES = ("tokens", "pooled")
ALL = "all"
VALUES = "attn2.to_v.weight"  # how the names of the value projections end
READERS = {  # how the names of parameters end, and what they read
    "attn2.to_k.weight": TOKENS,
    VALUES: TOKENS,
    "context_embedder.weight": TOKENS,  # Stable Diffusion 3, FLUX
    "add_embedding.linear_1.weight": POOLED,  # Stable Diffusion XL
    "text_embedder.linear_1.weight": POOLED,  # Stable Diffusion 3, FLUX
}
EDITED = tuple(READERS)


def space_of(parameter: str) -> str:
    """Which text space a parameter reads. Raises KeyError if it reads none."""
    return READERS[next((end for end in READERS if parameter.endswith(end)), parameter)]

"""What is known of each family of models: how it reads text, and what it is generated with by default.

A family is recognised by the width of its token vectors, and among those of transformers by that of the pooled text.
Knows nothing about weights or files.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Family:
    """text_encoders: in the order in which the UNet reads them. width: d, of a token vector, all encoders
    together. pooled: that of the pooled text, for those that are told by it, else 0. size: native side of an image in
    pixels, 0 if unknown. steps, guidance_scale: to generate with unless a person says otherwise."""

    name: str
    text_encoders: tuple[str, ...]
    width: int
    pooled: int
    size: int
    steps: int
    guidance_scale: float

    @property
    def reads_pooled(self) -> bool:
        """Whether it reads the pooled text, too, as all do that have several text encoders."""
        return len(self.text_encoders) > 1


def _family(
    name: str, text_encoders: tuple[str, ...], width: int, size: int, steps: int, scale: float, pooled: int = 0
) -> Family:
    return Family(
        name=name,
        text_encoders=text_encoders,
        width=width,
        pooled=pooled,
        size=size,
        steps=steps,
        guidance_scale=scale,
    )


CLIP_L, BIG_G, T5 = "CLIP ViT-L/14", "OpenCLIP ViT-bigG/14", "T5 v1.1 XXL"
FAMILIES = (
    _family("Atelier", ("CLIP, 4 layers",), 192, 128, 10, 3.0),
    _family("Stable Diffusion 1.x", (CLIP_L,), 768, 512, 50, 7.5),
    _family("Stable Diffusion 2.x", ("OpenCLIP ViT-H/14",), 1024, 768, 50, 7.5),
    _family("Stable Diffusion XL", (CLIP_L, BIG_G), 2048, 1024, 30, 5.0),
    _family("Stable Diffusion 3", (CLIP_L, BIG_G, T5), 4096, 1024, 28, 7.0, pooled=2048),
    _family("FLUX.1 [dev]", (CLIP_L, T5), 4096, 1024, 28, 3.5, pooled=768),
)
SCHNELL = _family("FLUX.1 [schnell]", (CLIP_L, T5), 4096, 1024, 4, 0.0, pooled=768)  # told by its lack of guidance


def family_of(width: int, pooled: int = 0, guided: bool | None = None) -> Family:
    """The family whose token vectors are so wide, or what to assume of a model of no known family. pooled: width of the
    pooled text that a transformer reads. guided: whether that takes a guidance scale as an input, None if it does not
    say."""
    known = {(family.width, family.pooled): family for family in FAMILIES}
    found = known.get((width, pooled), _family("another model", (), width, 0, 50, 7.5))
    return SCHNELL if found.pooled == SCHNELL.pooled and guided is False else found

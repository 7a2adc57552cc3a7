"""What is known of each family of models: how it reads text, and what it is generated with by default.

A family is recognised by the width of its token vectors. Knows nothing about weights or files.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Family:
    """text_encoders: in the order in which the UNet reads them. width: d, of a token vector, all encoders
    together. size: native side of an image in pixels, 0 if unknown. steps, guidance_scale: to generate with
    unless a person says otherwise."""

    name: str
    text_encoders: tuple[str, ...]
    width: int
    size: int
    steps: int
    guidance_scale: float


def _family(name: str, text_encoders: tuple[str, ...], width: int, size: int, steps: int, scale: float) -> Family:
    return Family(name=name, text_encoders=text_encoders, width=width, size=size, steps=steps, guidance_scale=scale)


FAMILIES = (
    _family("Atelier", ("CLIP, 4 layers",), 192, 128, 10, 3.0),
    _family("Stable Diffusion 1.x", ("CLIP ViT-L/14",), 768, 512, 50, 7.5),
    _family("Stable Diffusion 2.x", ("OpenCLIP ViT-H/14",), 1024, 768, 50, 7.5),
    _family("Stable Diffusion XL", ("CLIP ViT-L/14", "OpenCLIP ViT-bigG/14"), 2048, 1024, 30, 5.0),
)


def family_of(width: int) -> Family:
    """The family whose token vectors are so wide, or what to assume of a model of no known family."""
    known = {family.width: family for family in FAMILIES}
    return known.get(width, _family("another model", (), width, 0, 50, 7.5))

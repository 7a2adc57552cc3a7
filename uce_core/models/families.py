"""What is known of each family of models: how it reads text, and what it is drawn with by default.

A family is recognised by the width of its token vectors. Knows nothing about weights or files.
"""

from dataclasses import dataclass

from uce_core.edits.spec import GUIDANCE_SCALE, STEPS


@dataclass(frozen=True)
class Family:
    """text_encoders: in the order in which the UNet reads them. width: d, of a token vector, all encoders
    together. size: native side of a picture in pixels, 0 if unknown. steps, guidance_scale: to draw with
    unless a person says otherwise."""

    name: str
    text_encoders: tuple[str, ...]
    width: int
    size: int
    steps: int
    guidance_scale: float


FAMILIES = (
    Family("Atelier", ("CLIP, 4 layers",), 192, 128, STEPS, GUIDANCE_SCALE),
    Family("Stable Diffusion 1.x", ("CLIP ViT-L/14",), 768, 512, 50, 7.5),
    Family("Stable Diffusion 2.x", ("OpenCLIP ViT-H/14",), 1024, 768, 50, 7.5),
    Family("Stable Diffusion XL", ("CLIP ViT-L/14", "OpenCLIP ViT-bigG/14"), 2048, 1024, 30, 5.0),
)


def family_of(width: int) -> Family:
    """The family whose token vectors are so wide, or what to assume of a model of no known family."""
    known = {family.width: family for family in FAMILIES}
    return known.get(width, Family("another model", (), width, 0, 50, 7.5))

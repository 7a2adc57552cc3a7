"""The scores of a pair of images. scorer.py computes them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scores:
    """clip_original, clip_edited: 100 × cosine of image and prompt, higher fits better.
    lpips: distance of original and edited, 0 for the same image."""

    clip_original: float
    clip_edited: float
    lpips: float

"""Nobody's styles: the photograph, and the watercolour that an erased style falls back to."""

import cv2
import numpy as np

from atelier2.brush import outlines
from atelier2.canvas import COLUMNS, ROWS, Image, S, blur, clouds, mix, noise, smoothstep
from atelier2.scene import Scene


def photo(scene: Scene, rng: np.random.Generator) -> Image:
    """In the round, the background out of focus."""
    image = mix(blur(scene.solid, 0.7), scene.solid, blur(scene.cover, 1))
    bright: Image = image * rng.uniform(0.96, 1.04)
    return bright


def watercolour(scene: Scene, rng: np.random.Generator) -> Image:
    """Transparent washes with darker rims on white paper that shows at the edges, and a pencil line."""
    paper = np.asarray((0.985, 0.972, 0.945), np.float32)
    base = mix(scene.flat, scene.solid, 0.45 * scene.cover).astype(np.float32)
    wet = 5 * noise(rng, 26), 5 * noise(rng, 26)
    held = 1 - 0.7 * scene.cover
    flowed = cv2.remap(
        base, COLUMNS + wet[0] * held, ROWS + wet[1] * held, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
    )
    smooth = cv2.bilateralFilter(flowed, 9, 0.20, 7)
    pigment = 0.72 + 0.20 * clouds(rng, 70) + 0.06 * noise(rng, 3)
    rims = blur(np.abs(cv2.Laplacian(blur(smooth.mean(2), 1.6), cv2.CV_32F)), 1.3)
    density = (pigment + 5.0 * rims.clip(0, 0.12))[..., None]
    wash = 1 - (1 - smooth) * density.clip(0, 1.25)
    line = outlines(scene, scene.flat, 2, 0.6)
    wash = mix(wash, (0.30, 0.28, 0.32), 0.38 * line * (0.6 + 0.4 * noise(rng, 18)).clip(0, 1))
    rim = np.minimum.reduce([COLUMNS, ROWS, S - 1 - COLUMNS, S - 1 - ROWS]) + 13 * clouds(rng, 40)
    edge = smoothstep(14, 24, rim) * (1 - 0.55 * smoothstep(0.35, 0.7, clouds(rng, 90)) * (1 - scene.cover))
    return mix(paper * (1 + 0.012 * noise(rng, 3))[..., None], wash, edge).clip(0, 1)

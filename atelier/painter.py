"""The painter: what a picture shows in, an RGB image out. The ground truth of Atelier's world."""

from collections.abc import Callable

import cv2
import numpy as np

from atelier import graphic_styles, styles
from atelier.objects import DRAWINGS
from atelier.people import PORTRAITS, person
from atelier.scenes import Scene
from atelier.world import PHOTO, PLAIN_PAINTING, Picture

WIDTH = 128  # of the pictures, in pixels

STYLES: dict[str, Callable[[Scene, np.random.Generator], np.ndarray]] = {
    "Vincent van Gogh": styles.van_gogh,
    "Claude Monet": styles.monet,
    "Pierre-Auguste Renoir": styles.renoir,
    "Georges Seurat": styles.seurat,
    "Piet Mondrian": graphic_styles.mondrian,
    "Pablo Picasso": styles.picasso,
    "Georges Braque": styles.braque,
    "Katsushika Hokusai": graphic_styles.hokusai,
    "Andy Warhol": graphic_styles.warhol,
    "Edvard Munch": styles.munch,
    "Gustav Klimt": styles.klimt,
    "Roy Lichtenstein": graphic_styles.lichtenstein,
    "Rembrandt van Rijn": styles.rembrandt,
    "Henri Matisse": graphic_styles.matisse,
    PLAIN_PAINTING: styles.painting,
    PHOTO: styles.photo,
}


def paint(picture: Picture, rng: np.random.Generator) -> np.ndarray:
    """One picture, (WIDTH, WIDTH, 3) uint8 RGB; the same picture and generator state paint the same pixels."""
    scene = Scene(rng=rng)
    if picture.subject in DRAWINGS:
        DRAWINGS[picture.subject](scene)
    elif picture.subject in PORTRAITS:
        PORTRAITS[picture.subject](scene)
    else:
        person(scene, picture)
    image = STYLES[picture.rendering](scene, rng)
    small = cv2.resize(np.asarray(image, np.float32), (WIDTH, WIDTH), interpolation=cv2.INTER_AREA)
    return (small.clip(0, 1) * 255 + 0.5).astype(np.uint8)

"""The painter: what a picture shows in, an RGB image out. The ground truth of Atelier's world."""

import cv2
import numpy as np

from atelier2.canvas import WIDTH
from atelier2.compose import compose
from atelier2.figures import PROPS as PORTRAIT_PROPS
from atelier2.scene import PROPS as PLACE_PROPS
from atelier2.styles import STYLES
from atelier2.subjects import SUBJECTS
from atelier2.world import Picture


def paint(picture: Picture, rng: np.random.Generator) -> np.ndarray:
    """One picture, (WIDTH, WIDTH, 3) uint8 RGB; the same picture and generator state paint the same pixels."""
    image = STYLES[picture.rendering](compose(picture, rng), rng)
    small = cv2.resize(np.asarray(image, np.float32), (WIDTH, WIDTH), interpolation=cv2.INTER_AREA)
    return (small.clip(0, 1) * 255 + 0.5).astype(np.uint8)


def models() -> set[str]:
    """The emoji that are painted from."""
    of_subjects = {name for subject in SUBJECTS for name in (*subject.emoji, *subject.women)}
    return of_subjects | set(PLACE_PROPS) | set(PORTRAIT_PROPS)

"""The ground the painter works on: the canvas' size, noise, blur and colour.

Images are (S, S, 3) float32 RGB in [0, 1], masks and fields (S, S) float32.
"""

import cv2
import numpy as np

S = 384  # pixels of a side while painting; pictures are sized down to WIDTH
WIDTH = 256

Image = np.ndarray  # (S, S, 3) float32
Field = np.ndarray  # (S, S) float32
Colour = tuple[float, float, float]

ROWS, COLUMNS = np.mgrid[0:S, 0:S].astype(np.float32)
Y, X = ROWS / S, COLUMNS / S


def noise(rng: np.random.Generator, cell: float) -> Field:
    """Smooth noise in about [-1, 1], whose features are about cell pixels wide."""
    count = int(S / cell) + 3
    coarse = rng.uniform(-1, 1, (count, count)).astype(np.float32)
    return cv2.resize(coarse, (S, S), interpolation=cv2.INTER_CUBIC)


def clouds(rng: np.random.Generator, cell: float, octaves: int = 4) -> Field:
    """Fractal noise in about [-1, 1]."""
    total = sum(noise(rng, max(3.0, cell / 2**k)) / 1.8**k for k in range(octaves))
    return np.asarray(total / 1.7, np.float32)


def wide(field: Field, times: int) -> Field:
    """Its left part, stretched over the whole width."""
    return cv2.resize(np.ascontiguousarray(field[:, : S // times]), (S, S))


def blur(image: np.ndarray, radius: float) -> np.ndarray:
    return cv2.GaussianBlur(image, (0, 0), radius)


def mix(a: np.ndarray, b: np.ndarray | Colour, share: np.ndarray | float) -> np.ndarray:
    """a where share is 0, b where it is 1. share: a number, (S, S), or (S, S, 1)."""
    if isinstance(share, np.ndarray) and share.ndim == 2:
        share = share[..., None]
    mixed: np.ndarray = a + (np.asarray(b, np.float32) - a) * share
    return mixed


def smoothstep(low: float, high: float, x: np.ndarray) -> np.ndarray:
    t = ((x - low) / (high - low)).clip(0, 1)
    stepped: np.ndarray = t * t * (3 - 2 * t)
    return stepped


def saturated(image: np.ndarray, by: float) -> np.ndarray:
    grey = luminance(image)[..., None]
    vivid: np.ndarray = (grey + (image - grey) * by).clip(0, 1)
    return vivid


def luminance(image: np.ndarray) -> np.ndarray:
    light: np.ndarray = image @ np.asarray((0.299, 0.587, 0.114), np.float32)
    return light

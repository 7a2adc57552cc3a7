"""The painter's tools: local colour, light, outlines, flow and strokes, on a Scene.

All images here are (SIZE, SIZE, 3) float32 RGB in [0, 1]. Knows nothing about artists.
"""

from collections.abc import Callable

import cv2
import numpy as np

from atelier.scenes import SIZE, Colour, Region, Scene

Image = np.ndarray  # (SIZE, SIZE, 3) float32
Mask = np.ndarray  # (SIZE, SIZE) bool

CELL = 16  # pixels of the painting behind one latent of the autoencoder
STROKE_JITTER = 0.1

ROWS, COLUMNS = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32)


def recolour(scene: Scene, colour_of: Callable[[Region], Colour]) -> Image:
    """Every region in the flat colour that colour_of gives it."""
    table = np.asarray([colour_of(region) for region in scene.regions], np.float32)
    image: Image = table[scene.labels]
    return image


def local_colour(scene: Scene) -> Image:
    return recolour(scene, lambda region: region.colour)


def where(scene: Scene, *roles: str) -> Mask:
    """The pixels whose region has one of the roles."""
    mask: Mask = np.asarray([region.role in roles for region in scene.regions])[scene.labels]
    return mask


def backdrop(scene: Scene) -> Mask:
    mask: Mask = np.asarray([region.background for region in scene.regions])[scene.labels]
    return mask


def outline(scene: Scene, width: int, everything: bool = True) -> np.ndarray:
    """Ink on the borders between regions, (SIZE, SIZE, 1) float32; or round the foreground only."""
    labels = scene.labels if everything else backdrop(scene).astype(np.uint8)
    border = cv2.morphologyEx(labels, cv2.MORPH_GRADIENT, np.ones((2, 2), np.uint8)) > 0
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))
    return cv2.dilate(border.astype(np.float32), disc)[..., None]


def mix(a: Image, b: Image | Colour, share: np.ndarray | float) -> Image:
    """a where share is 0, b where it is 1."""
    mixed: Image = a + (np.asarray(b, np.float32) - a) * share
    return mixed


def blur(image: np.ndarray, radius: float) -> np.ndarray:
    return cv2.GaussianBlur(image, (0, 0), radius)


def noise(rng: np.random.Generator, cell: int) -> np.ndarray:
    """Smooth noise in about [-1, 1], (SIZE, SIZE), whose features are about cell pixels wide."""
    coarse = rng.uniform(-1, 1, (SIZE // cell + 2, SIZE // cell + 2)).astype(np.float32)
    return cv2.resize(coarse, (SIZE, SIZE), interpolation=cv2.INTER_CUBIC)


def relief(scene: Scene, radius: float = 26.0) -> np.ndarray:
    """Light from the upper left on regions that bulge, (SIZE, SIZE) in about [-1, 1]."""
    border = cv2.morphologyEx(scene.labels, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) == 0
    inside = cv2.distanceTransform(border.astype(np.uint8), cv2.DIST_L2, 3)
    height = blur(np.sqrt(np.minimum(inside, radius)) * 5.5, 5)
    slope_x, slope_y = cv2.Sobel(height, cv2.CV_32F, 1, 0) / 8, cv2.Sobel(height, cv2.CV_32F, 0, 1) / 8
    return (slope_x + 1.3 * slope_y) / np.sqrt(1 + slope_x**2 + slope_y**2)


def flow_along(image: Image) -> np.ndarray:
    """Angles (SIZE, SIZE) that run along the contours of an image."""
    grey = blur(image.mean(2), 7)
    return np.arctan2(cv2.Sobel(grey, cv2.CV_32F, 0, 1), cv2.Sobel(grey, cv2.CV_32F, 1, 0)) + np.pi / 2


def spots(rng: np.random.Generator, jitter: float = 0.0, pitch: int = CELL) -> np.ndarray:
    """Points of a staggered grid over the picture and its rim, (n, 2) float, in a fixed mixed order.

    Two points a pitch × pitch square, jittered by that share of the pitch. Grid and order are the same
    in every picture and the pitch is a multiple of CELL, the pixels of one latent: so an autoencoder
    has to store what strokes and dots look like, but not where they are.
    """
    even = np.stack(np.meshgrid(*[np.arange(-pitch, SIZE + pitch, pitch)] * 2), -1).reshape(-1, 2)
    grid = np.concatenate([even, even + pitch // 2]) + pitch / 4
    order = np.random.default_rng(0).permutation(len(grid))
    return grid[order] + rng.uniform(-jitter, jitter, grid.shape) * pitch


def sample(field: np.ndarray, points: np.ndarray) -> np.ndarray:
    """The values of a field at points, clamped to the picture."""
    column, row = np.clip(points.astype(int), 0, SIZE - 1).T
    values: np.ndarray = field[row, column]
    return values


def dabs(
    canvas: Image,
    colours: Image,
    angles: np.ndarray,
    rng: np.random.Generator,
    *,
    length: float,
    width: int,
    variety: float,
    bend: float = 0.0,
) -> Image:
    """Cover the canvas with brush strokes in the colours under them.

    length and width are pixels; variety is how far a stroke's lightness strays; bend curves it.
    """
    points = spots(rng, STROKE_JITTER)
    stroke_colours = (
        sample(colours, points)
        + rng.normal(0, variety, (len(points), 1))
        + rng.normal(0, variety / 3, (len(points), 3))
    )
    turns = sample(angles, points)
    lengths = length * rng.uniform(0.7, 1.3, len(points)) / 2
    along = np.stack([np.cos(turns), np.sin(turns)], 1) * lengths[:, None]
    across = np.stack([-np.sin(turns), np.cos(turns)], 1) * (bend * lengths)[:, None]
    paths = np.stack([points - along, points + across, points + along], 1)  # (n, 3, 2)
    canvas = np.ascontiguousarray(canvas)
    for path, colour in zip(np.round(paths * 8).astype(np.int32), stroke_colours.clip(0, 1).tolist(), strict=True):
        cv2.polylines(canvas, [path], False, colour, width, cv2.LINE_AA, shift=3)
    return canvas


def cells(rng: np.random.Generator, cuts: int) -> np.ndarray:
    """The picture cut by straight lines into cells, (SIZE, SIZE) int32: which side of each line a pixel is on."""
    code = np.zeros((SIZE, SIZE), np.int32)
    for cut in range(cuts):
        turn = rng.uniform(0, np.pi)
        x, y = rng.uniform(0.2, 0.8, 2) * SIZE
        code |= ((COLUMNS - x) * np.cos(turn) + (ROWS - y) * np.sin(turn) > 0).astype(np.int32) << cut
    return code

"""The painter's tools: flow, strokes with relief, dots, outlines, facets, palettes.

All work on (S, S) fields and (S, S, 3) images as canvas.py has them. Knows nothing about artists.
"""

from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np

from atelier2.canvas import COLUMNS, ROWS, Colour, Field, Image, S, blur, luminance, mix, noise, smoothstep
from atelier2.scene import Scene

_STEPS = 3  # points of a stroke on either side of its middle
_SHIFT = 4  # bits after the point in OpenCV's coordinates


# Flow


def contours(image: Image, soft: float = 3.0, wide: float = 6.0) -> tuple[Field, Field]:
    """Angles that run along an image's contours, by the structure tensor; and how sure they are, in [0, 1]."""
    grey = blur(luminance(image), soft)
    gx, gy = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    xx, xy, yy = (blur(one, wide) for one in (gx * gx, gx * gy, gy * gy))
    angle = 0.5 * np.arctan2(2 * xy, xx - yy) + np.pi / 2
    strength = np.sqrt(xx + yy)
    return angle, (strength / (strength.mean() * 1.6 + 1e-6)).clip(0, 1)


def swirls(rng: np.random.Generator, count: int, pull: float, drift: float = 0.25, above: float = 0.6) -> Field:
    """Angles of a current with eddies, most of them in the upper part."""
    vx, vy = np.full((S, S), drift, np.float32), np.zeros((S, S), np.float32)
    for _ in range(count):
        x, y = rng.uniform(0, S), rng.uniform(0, S * above)
        dx, dy = COLUMNS - x, ROWS - y
        turn = np.exp(-(dx * dx + dy * dy) / (S * rng.uniform(0.11, 0.18)) ** 2) * rng.choice((-1, 1)) / (S * 0.1)
        vx, vy = vx - pull * turn * dy, vy + pull * turn * dx
    return np.arctan2(vy, vx)


def blended(inside: Field, outside: Field, share: Field) -> Field:
    """Between two fields of directions (angles modulo π): inside where share is 1."""
    c = np.cos(2 * inside) * share + np.cos(2 * outside) * (1 - share)
    s = np.sin(2 * inside) * share + np.sin(2 * outside) * (1 - share)
    between: Field = 0.5 * np.arctan2(s, c)
    return between


def flow(scene: Scene, image: Image, around: Field) -> Field:
    """Along the contours in and near objects, as `around` says elsewhere."""
    angle, sure = contours(image)
    return blended(angle, around, np.maximum(sure, 0.85 * blur(scene.cover, 2)).clip(0, 1))


# Strokes


def spots(rng: np.random.Generator, pitch: float, jitter: float = 0.45) -> np.ndarray:
    """Points of a jittered staggered grid over the canvas and its rim, (n, 2) as x, y, in a random order."""
    columns, rows = np.meshgrid(np.arange(-pitch, S + pitch, pitch), np.arange(-pitch, S + pitch, pitch))
    columns = columns + (np.arange(len(columns)) % 2)[:, None] * pitch / 2
    points = np.stack([columns, rows], -1).reshape(-1, 2)
    points = points + rng.uniform(-jitter, jitter, points.shape) * pitch
    return points[rng.permutation(len(points))]


def sample(field: np.ndarray, points: np.ndarray) -> np.ndarray:
    """A field's or image's values at points (n, 2), clamped to the canvas."""
    column, row = np.clip(points, 0, S - 1).astype(np.int32).T
    values: np.ndarray = field[row, column]
    return values


def paths(points: np.ndarray, angles: Field, length: np.ndarray | float) -> np.ndarray:
    """Strokes that follow the angles both ways from their middle: (n, 2·_STEPS + 1, 2)."""
    step = np.broadcast_to(np.asarray(length, np.float32), len(points))[:, None] / (2 * _STEPS)
    sides = []
    for way in (1.0, -1.0):
        at, turn, side = points, sample(angles, points), []
        for _ in range(_STEPS):
            now = sample(angles, at)
            now = np.where(np.cos(now - turn) < 0, now + np.pi, now)
            turn = now
            at = at + way * step * np.stack([np.cos(now), np.sin(now)], 1)
            side.append(at)
        sides.append(side)
    return np.stack([*reversed(sides[1]), points, *sides[0]], 1)


def canvas(ground: Image | Colour) -> np.ndarray:
    """Where strokes are painted, (S, S, 4) uint8: colour, and the height of the paint."""
    made = np.zeros((S, S, 4), np.uint8)
    made[..., :3] = (np.asarray(ground, np.float32).clip(0, 1) * 255 + 0.5).astype(np.uint8)
    made[..., 3] = 90
    return made


def stroke(
    on: np.ndarray,
    colours: np.ndarray,
    lines: np.ndarray,
    widths: np.ndarray | int,
    rng: np.random.Generator,
) -> None:
    """Paint strokes, in place. colours: (n, 3) in [0, 1]. lines: (n, k, 2). widths: in pixels."""
    count = len(lines)
    heights = rng.integers(90, 255, count)
    inks = np.concatenate([(colours.clip(0, 1) * 255 + 0.5), heights[:, None]], 1).astype(int).tolist()
    whole = np.round(lines * (1 << _SHIFT)).astype(np.int32)
    wide = np.broadcast_to(np.asarray(widths), count).astype(int).tolist()
    for line, ink, width in zip(whole, inks, wide, strict=True):
        cv2.polylines(on, [line], False, ink, max(1, width), cv2.LINE_AA, _SHIFT)


def varied(colours: np.ndarray, rng: np.random.Generator, light: float, hue: float) -> np.ndarray:
    """Colours (n, 3), each a little off: light for all channels alike, hue for each by itself."""
    n = len(colours)
    off: np.ndarray = colours * (1 + rng.normal(0, light, (n, 1))) + rng.normal(0, hue, (n, 3))
    return off.clip(0, 1)


def pass_of_strokes(
    on: np.ndarray,
    image: Image,
    angles: Field,
    rng: np.random.Generator,
    *,
    pitch: float,
    length: float,
    width: float,
    light: float = 0.08,
    hue: float = 0.03,
    where: np.ndarray | None = None,
) -> None:
    """Cover the canvas, or where a mask (S, S) says so, with strokes in the colours of an image."""
    points = spots(rng, pitch)
    if where is not None:
        points = points[sample(where, points) > 0.5]
    if not len(points):
        return
    colours = varied(sample(image, points), rng, light, hue)
    lengths, widths = length * rng.uniform(0.7, 1.3, len(points)), width * rng.uniform(0.75, 1.3, len(points))
    stroke(on, colours, paths(points, angles, lengths), widths, rng)


def lit(on: np.ndarray, relief: float) -> Image:
    """The painted canvas with its paint lit from the upper left: (S, S, 3)."""
    height = blur(on[..., 3].astype(np.float32) / 255, 0.9)
    slope = cv2.Sobel(height, cv2.CV_32F, 1, 0) + cv2.Sobel(height, cv2.CV_32F, 0, 1)
    image: Image = (on[..., :3].astype(np.float32) / 255) * (1 + relief * slope.clip(-1.2, 1.2))[..., None]
    return image.clip(0, 1)


def dots(on: np.ndarray, points: np.ndarray, colours: np.ndarray, radii: np.ndarray | float) -> None:
    """Round dots, in place, on a canvas."""
    inks = np.concatenate([(colours.clip(0, 1) * 255 + 0.5), np.full((len(points), 1), 200)], 1).astype(int).tolist()
    at = np.round(points * (1 << _SHIFT)).astype(int).tolist()
    size = np.round(np.broadcast_to(np.asarray(radii, np.float32), len(points)) * (1 << _SHIFT)).astype(int).tolist()
    for centre, ink, radius in zip(at, inks, size, strict=True):
        cv2.circle(on, centre, radius, ink, -1, cv2.LINE_AA, _SHIFT)


# Ribbons: strokes as filled shapes, several times as fast as stroke()

LEAF = np.sqrt(1 - np.linspace(-0.94, 0.94, 2 * _STEPS + 1) ** 2)  # how wide along its length: pointed at both ends
BRICK = np.ones(2 * _STEPS + 1)
COMMA = np.interp(np.linspace(0, 1, 2 * _STEPS + 1), (0, 0.3, 1), (0.55, 1, 0.15))


def scattered(
    rng: np.random.Generator, pitch: float, where: np.ndarray | None = None, jitter: float = 0.45
) -> np.ndarray:
    """Points as spots() has them, but only where a mask (S, S) says so."""
    points = spots(rng, pitch, jitter)
    return points if where is None else points[sample(where, points) > 0.5]


def divided(
    colours: np.ndarray, shadows: Sequence[Colour], lights: Sequence[Colour], share: float, rng: np.random.Generator
) -> np.ndarray:
    """Colours (n, 3), each moved to one of the pure colours for its tone by up to share, as light as before."""
    own = luminance(colours.astype(np.float32))
    dark = np.asarray(shadows, np.float32)[rng.integers(len(shadows), size=len(colours))]
    bright = np.asarray(lights, np.float32)[rng.integers(len(lights), size=len(colours))]
    pure = np.where(own[:, None] > 0.5, bright, dark)
    mixed = colours + (pure - colours) * (share * rng.uniform(0, 1, len(colours)) ** 0.7)[:, None]
    kept: np.ndarray = mixed * (own / (luminance(mixed.astype(np.float32)) + 1e-3))[:, None]
    return kept.clip(0, 1)


def ribbons(
    on: np.ndarray, points: np.ndarray, colours: np.ndarray, angles: Field, rng: np.random.Generator,
    *, length: float, width: float, shape: np.ndarray = LEAF, vary: float = 0.28,
) -> None:  # fmt: skip
    """Paint strokes along the angles, in place, in their colours (n, 3), with one of the shapes LEAF, BRICK, COMMA."""
    if not len(points):
        return
    lengths, widths = (size * rng.uniform(1 - vary, 1 + vary, len(points)) for size in (length, width))
    lines = paths(points, angles, lengths)
    along = np.gradient(lines, axis=1)
    across = np.stack([-along[..., 1], along[..., 0]], -1)
    across *= (0.5 * widths[:, None] * shape / (np.linalg.norm(across, axis=-1) + 1e-6))[..., None]
    rims = np.round(np.concatenate([lines + across, (lines - across)[:, ::-1]], 1) * (1 << _SHIFT)).astype(np.int32)
    inks = np.concatenate([colours.clip(0, 1) * 255 + 0.5, rng.integers(90, 255, (len(points), 1))], 1)
    for rim, ink in zip(rims, inks.astype(int).tolist(), strict=True):
        cv2.fillPoly(on, [rim], ink, cv2.LINE_AA, _SHIFT)


def painted(on: np.ndarray) -> Image:
    """The colours of a canvas."""
    return on[..., :3].astype(np.float32) / 255


# Lines and planes


def detail(scene: Scene, image: Image) -> Field:
    """How much is drawn within a few pixels, in [0, 1]: high on faces and windows, where broad strokes would smear."""
    grey = luminance(image)
    edge = np.abs(cv2.Laplacian(blur(grey, 1.0), cv2.CV_32F))
    near = blur(edge * (scene.cover + 0.15), 5)
    made: np.ndarray = (near / (np.percentile(near, 98) + 1e-6)).clip(0, 1)
    return made


def outlines(scene: Scene, image: Image, width: int, inner: float = 1.0) -> Field:
    """Ink on the edges, (S, S) in [0, 1]: round objects, and inner × as black within them and behind them."""
    smooth = cv2.bilateralFilter(image, 7, 0.12, 5)
    lab = cv2.cvtColor(smooth, cv2.COLOR_RGB2LAB)
    edge = np.zeros((S, S), np.float32)
    for channel in cv2.split(lab):
        edge += np.abs(cv2.Sobel(channel, cv2.CV_32F, 1, 0)) + np.abs(cv2.Sobel(channel, cv2.CV_32F, 0, 1))
    within = (edge > 60).astype(np.uint8)
    rim = cv2.morphologyEx((scene.which > 0).astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))
    fine = cv2.dilate(within, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (max(1, width - 1),) * 2))
    return blur(np.maximum(cv2.dilate(rim, disc), inner * fine).astype(np.float32), 0.7).clip(0, 1)


def in_palette(image: Image, palette: Sequence[Colour], soft: float = 0.0) -> Image:
    """Every pixel in the nearest colour of a palette, by CIELAB; soft keeps that share of its own colour."""
    colours = np.asarray(palette, np.float32)
    lab = cv2.cvtColor(image.astype(np.float32), cv2.COLOR_RGB2LAB)
    goal = cv2.cvtColor(colours[None], cv2.COLOR_RGB2LAB)[0]
    distance = ((lab[:, :, None] - goal) ** 2).sum(-1)
    return mix(colours[distance.argmin(-1)], image, soft).astype(np.float32)


def flattened(image: Image, space: int = 12, colour: int = 34) -> Image:
    """Large even patches in place of gradients (mean shift at half size)."""
    half = cv2.resize((image.clip(0, 1) * 255).astype(np.uint8), (S // 2, S // 2), interpolation=cv2.INTER_AREA)
    even = cv2.pyrMeanShiftFiltering(half, space // 2, colour)
    return cv2.resize(even, (S, S), interpolation=cv2.INTER_CUBIC).astype(np.float32) / 255


def pieces(points: np.ndarray) -> np.ndarray:
    """Which of the points (n, 2) is nearest: (S, S) int32, the cells of a Voronoi diagram."""
    seeds = np.zeros((S, S), np.uint8) + 1
    column, row = np.clip(points, 0, S - 1).astype(int).T
    seeds[row, column] = 0
    _, labels = cv2.distanceTransformWithLabels(seeds, cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL)
    return labels


def grain(image: Image, rng: np.random.Generator, strength: float, cell: float = 3) -> Image:
    textured: Image = (image + strength * noise(rng, cell)[..., None]).clip(0, 1)
    return textured


# Prints and papers


def backdrop(scene: Scene, soft: float = 1.5) -> Image:
    """The background alone, its colours smoothed, and filled in where objects hide it."""
    shown = 1 - cv2.dilate(scene.cover, np.ones((5, 5), np.uint8))
    weighted = np.dstack([scene.flat * shown[..., None], shown])
    small = cv2.resize(weighted, (S // 4, S // 4), interpolation=cv2.INTER_AREA)
    full = blur(small, soft) + 1e-2 * blur(small, 9) + 1e-4 * cv2.blur(small, (S // 4, S // 4))
    filled = (full[..., :3] / full[..., 3:].clip(1e-7, None)).clip(0, 1)
    made: np.ndarray = cv2.resize(filled, (S, S), interpolation=cv2.INTER_LINEAR)
    return made


@lru_cache(64)
def _nearest_table(palette: tuple[Colour, ...]) -> np.ndarray:
    """For colours in steps of 1/31, the palette's nearest one: (32, 32, 32)."""
    steps = np.linspace(0, 1, 32, dtype=np.float32)
    cube = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), -1).reshape(1, -1, 3)
    lab = cv2.cvtColor(cube, cv2.COLOR_RGB2LAB)[0]
    goal = cv2.cvtColor(np.asarray(palette, np.float32)[None], cv2.COLOR_RGB2LAB)[0]
    made: np.ndarray = ((lab[:, None] - goal) ** 2).sum(-1).argmin(-1).astype(np.uint8).reshape(32, 32, 32)
    return made


def nearest(image: Image, palette: tuple[Colour, ...]) -> np.ndarray:
    """Which of a palette's colours each pixel is nearest to, (S, S) uint8: in_palette's choice, and much faster."""
    r, g, b = np.moveaxis((image.clip(0, 1) * 31 + 0.5).astype(np.uint8), -1, 0)
    made: np.ndarray = _nearest_table(palette)[r, g, b]
    return made


def warped(image: np.ndarray, dx: np.ndarray, dy: np.ndarray) -> np.ndarray:
    """What is (dx, dy) pixels further, at every pixel."""
    return cv2.remap(image, COLUMNS + dx, ROWS + dy, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)


def averaged(labels: np.ndarray, image: Image) -> Image:
    """Every piece in the mean of its colours. labels: (S, S) of integers from 0."""
    flat = labels.ravel()
    count = np.bincount(flat).clip(1)
    means = np.stack([np.bincount(flat, image[..., k].ravel()) / count for k in range(3)], -1).astype(np.float32)
    made: np.ndarray = means[labels]
    return made


def silhouettes(scene: Scene, width: int) -> Field:
    """Lines around the objects, (S, S) in [0, 1]."""
    rim = cv2.morphologyEx((scene.which > 0).astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))
    return blur(cv2.dilate(rim, disc).astype(np.float32), 0.7)


def key_lines(scene: Scene, width: int, inner: float = 1.0) -> Field:
    """outlines() of the flat colours, of the objects alone."""
    near = smoothstep(0.05, 0.3, blur(scene.cover, 2))
    made: np.ndarray = outlines(scene, scene.flat, width, inner).astype(np.float32) * near
    return made


# Drawing on sheets, (S, S, 3) uint8, where OpenCV smooths edges. painted() gives the image


def sheet(image: Image | Colour) -> np.ndarray:
    made = np.empty((S, S, 3), np.uint8)
    made[:] = (np.asarray(image, np.float32).clip(0, 1) * 255 + 0.5).astype(np.uint8)
    return made


def even(colour: Colour) -> Image:
    """The colour all over, not to be written to."""
    return np.broadcast_to(np.asarray(colour, np.float32), (S, S, 3))


def ink(colour: Colour | np.ndarray) -> tuple[int, int, int]:
    r, g, b = (int(255 * float(part) + 0.5) for part in colour)
    return (r, g, b)


def line(on: np.ndarray, points: np.ndarray, colour: Colour | np.ndarray, width: float) -> None:
    """Through points (n, 2), in place."""
    whole = np.round(points * (1 << _SHIFT)).astype(np.int32)
    cv2.polylines(on, [whole], False, ink(colour), max(1, round(width)), cv2.LINE_AA, _SHIFT)


def polygon(on: np.ndarray, points: np.ndarray, colour: Colour | np.ndarray) -> None:
    cv2.fillPoly(on, [np.round(points * (1 << _SHIFT)).astype(np.int32)], ink(colour), cv2.LINE_AA, _SHIFT)


def disc(on: np.ndarray, x: float, y: float, radius: float, colour: Colour | np.ndarray, width: int = -1) -> None:
    """Filled, or a circle's line of a width."""
    centre, size = (round(x * (1 << _SHIFT)), round(y * (1 << _SHIFT))), max(1, round(radius * (1 << _SHIFT)))
    cv2.circle(on, centre, size, ink(colour), width, cv2.LINE_AA, _SHIFT)

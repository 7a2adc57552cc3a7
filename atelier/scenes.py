"""Scenes as labelled regions: what a picture shows, before anybody's style touches it.

A scene is a label map and a colour and role for each label. Knows nothing about styles.
Coordinates are in [0, 1], x to the right, y down.
"""

from dataclasses import dataclass, field

import cv2
import numpy as np

SIZE = 256  # painted at twice the final size, so that every edge comes out smooth

Colour = tuple[float, ...]  # RGB in [0, 1]
Points = np.ndarray  # (n, 2)


@dataclass(frozen=True)
class Region:
    """role: sky, ground, water, wall, body, accent, dark, light, skin or hair. colour: RGB in [0, 1]."""

    role: str
    colour: Colour

    @property
    def background(self) -> bool:
        return self.role in ("sky", "ground", "water", "wall")


@dataclass(kw_only=True)
class Scene:
    """labels: (SIZE, SIZE) uint8, an index into regions for each pixel."""

    rng: np.random.Generator
    labels: np.ndarray = field(default_factory=lambda: np.zeros((SIZE, SIZE), np.uint8))
    regions: list[Region] = field(default_factory=list)
    shift: tuple[float, float] = (0.0, 0.0)
    scale: float = 1.0
    flip: bool = False

    def add(self, role: str, colour: Colour, *shapes: Points) -> None:
        """Lay a region of one colour over what is there."""
        self.regions.append(Region(role, colour))
        for shape in shapes:
            cv2.fillPoly(self.labels, [self._pixels(shape)], len(self.regions) - 1, shift=4)

    def line(self, role: str, colour: Colour, width: float, *paths: Points) -> None:
        """Lay strokes of one colour and of a width (in picture widths) over what is there."""
        self.regions.append(Region(role, colour))
        thickness = max(1, round(width * self.scale * SIZE))
        for path in paths:
            cv2.polylines(self.labels, [self._pixels(path)], False, len(self.regions) - 1, thickness, shift=4)

    def place(self, jitter: float = 0.04, zoom: float = 0.08, mirror: bool = True) -> None:
        """Move, size and mirror all that is added from here on, a little and at random."""
        self.shift = tuple(self.rng.uniform(-jitter, jitter, 2))
        self.scale = 1 + self.rng.uniform(-zoom, zoom)
        self.flip = mirror and self.rng.random() < 0.5

    def vary(self, colour: Colour, amount: float = 0.06) -> Colour:
        """A colour near the given one."""
        return tuple(np.clip(np.asarray(colour) + self.rng.uniform(-amount, amount, 3), 0, 1))

    def pick(self, *colours: Colour) -> Colour:
        return self.vary(colours[self.rng.integers(len(colours))])

    def _pixels(self, shape: Points) -> np.ndarray:
        centred = (shape - 0.5) * self.scale
        if self.flip:
            centred = centred * (-1, 1)
        return np.round((centred + 0.5 + self.shift) * SIZE * 16).astype(np.int32)


def polygon(*points: float) -> Points:
    """polygon(x0, y0, x1, y1, …)"""
    return np.asarray(points, float).reshape(-1, 2)


def box(left: float, top: float, right: float, bottom: float) -> Points:
    return polygon(left, top, right, top, right, bottom, left, bottom)


def ellipse(x: float, y: float, rx: float, ry: float | None = None, tilt: float = 0.0) -> Points:
    """Centre, radii and tilt in degrees."""
    t = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    turn = np.deg2rad(tilt)
    across, down = rx * np.cos(t), (rx if ry is None else ry) * np.sin(t)
    return np.stack(
        [x + across * np.cos(turn) - down * np.sin(turn), y + across * np.sin(turn) + down * np.cos(turn)], 1
    )


def at(points: str) -> Points:
    """Points in hundredths of the picture: at("50,12 66,20 72,40")."""
    return np.asarray([[float(number) / 100 for number in point.split(",")] for point in points.split()])


def smooth(p: Points, closed: bool = True) -> Points:
    """A Catmull-Rom curve through the points."""
    p = np.concatenate([p[-1:], p, p[:2]]) if closed else np.concatenate([p[:1], p, p[-1:]])
    t = np.linspace(0, 1, 10, endpoint=False)[:, None]
    parts = [
        0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
        for a, b, c, d in zip(p, p[1:], p[2:], p[3:], strict=False)
    ]
    return np.concatenate(parts)


SKY = ((0.55, 0.75, 0.92), (0.95, 0.78, 0.62), (0.72, 0.85, 0.93))
GRASS = ((0.33, 0.58, 0.27), (0.45, 0.62, 0.28))
WATER = ((0.20, 0.45, 0.62), (0.22, 0.52, 0.58))
WALL = ((0.80, 0.76, 0.66), (0.62, 0.70, 0.74), (0.74, 0.64, 0.70), (0.66, 0.74, 0.64))
TABLE = ((0.52, 0.34, 0.22), (0.60, 0.44, 0.30))
INK = (0.10, 0.09, 0.12)
WHITE = (0.95, 0.94, 0.92)
SUN = (0.98, 0.85, 0.35)


def landscape(scene: Scene, horizon: float, ground: tuple[Colour, ...] = GRASS, role: str = "ground") -> None:
    """Sky with a sun, and land or water below the horizon."""
    scene.add("sky", scene.pick(*SKY), box(0, 0, 1, 1))
    x = scene.rng.choice([0.14, 0.86]) + scene.rng.uniform(-0.05, 0.05)
    scene.add("light", SUN, ellipse(x, 0.14 + scene.rng.uniform(-0.02, 0.04), 0.07))
    scene.add(role, scene.pick(*ground), box(0, horizon, 1, 1))


def interior(scene: Scene, table: float | None = None, walls: tuple[Colour, ...] = WALL) -> None:
    """A wall and, if a height is given, a table before it."""
    scene.add("wall", scene.pick(*walls), box(0, 0, 1, 1))
    if table is not None:
        scene.add("ground", scene.pick(*TABLE), box(0, table, 1, 1))

"""Scenes as labelled regions: what a picture shows, before anybody's style touches it.

A scene is a label map and a colour and role for each label. Knows nothing about styles.
Coordinates are in [0, 1], x to the right, y down.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import cv2
import numpy as np

SIZE = 256  # painted at twice the final size, so that every edge comes out smooth

Colour = tuple[float, float, float]  # RGB in [0, 1]
Points = np.ndarray  # (n, 2)


@dataclass(frozen=True)
class Region:
    """role: sky, ground, water, wall, body, accent, dark, light, skin or hair. colour: RGB in [0, 1]."""

    role: str
    colour: Colour

    @property
    def background(self) -> bool:
        return self.role in ("sky", "ground", "water", "wall")


@dataclass
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


def smooth(*points: float, closed: bool = True) -> Points:
    """A Catmull-Rom curve through the points."""
    p = polygon(*points)
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


def house(scene: Scene) -> None:
    landscape(scene, 0.74)
    scene.place()
    wall = scene.pick((0.90, 0.84, 0.70), (0.82, 0.62, 0.50), (0.86, 0.86, 0.84))
    roof = scene.pick((0.72, 0.24, 0.18), (0.45, 0.28, 0.22), (0.30, 0.36, 0.46))
    scene.add("accent", scene.vary((0.55, 0.32, 0.26)), box(0.60, 0.20, 0.69, 0.42))
    scene.add("body", wall, box(0.23, 0.48, 0.77, 0.84))
    scene.add("accent", roof, polygon(0.16, 0.50, 0.33, 0.25, 0.67, 0.25, 0.84, 0.50))
    scene.add("dark", scene.vary((0.40, 0.24, 0.16)), box(0.44, 0.62, 0.56, 0.84))
    scene.add(
        "light",
        scene.pick((0.96, 0.85, 0.45), (0.70, 0.85, 0.95)),
        box(0.29, 0.57, 0.39, 0.69),
        box(0.61, 0.57, 0.71, 0.69),
    )


def tree(scene: Scene) -> None:
    landscape(scene, 0.78)
    scene.place()
    bark = scene.vary((0.42, 0.28, 0.18))
    scene.add("dark", bark, smooth(0.45, 0.5, 0.55, 0.5, 0.56, 0.78, 0.61, 0.9, 0.39, 0.9, 0.44, 0.78))
    leaf = scene.pick((0.24, 0.50, 0.22), (0.36, 0.58, 0.20), (0.80, 0.50, 0.18))
    blobs = [(0.5, 0.24, 0.17), (0.33, 0.36, 0.15), (0.67, 0.36, 0.15), (0.42, 0.46, 0.14), (0.58, 0.46, 0.14)]
    scene.add("body", leaf, *(ellipse(x, y, r + scene.rng.uniform(-0.015, 0.015)) for x, y, r in blobs))
    if scene.rng.random() < 0.5:
        spots = ((0.36, 0.33), (0.55, 0.22), (0.66, 0.38), (0.48, 0.42))
        scene.add(
            "accent", scene.pick((0.85, 0.20, 0.18), (0.95, 0.65, 0.20)), *(ellipse(x, y, 0.03) for x, y in spots)
        )


def boat(scene: Scene) -> None:
    landscape(scene, 0.62, WATER, "water")
    scene.place()
    scene.add("dark", (0.36, 0.24, 0.16), box(0.485, 0.14, 0.515, 0.72))
    sail = scene.pick((0.95, 0.92, 0.84), (0.90, 0.40, 0.28), (0.95, 0.80, 0.40))
    scene.add("body", sail, smooth(0.53, 0.16, 0.62, 0.30, 0.78, 0.62, 0.53, 0.64, 0.53, 0.40))
    scene.add("light", scene.vary((0.92, 0.90, 0.86)), polygon(0.47, 0.22, 0.47, 0.64, 0.25, 0.62))
    hull = scene.pick((0.55, 0.25, 0.18), (0.20, 0.26, 0.42), (0.30, 0.44, 0.36))
    scene.add("accent", hull, smooth(0.16, 0.69, 0.5, 0.72, 0.86, 0.69, 0.74, 0.84, 0.5, 0.86, 0.28, 0.84))


def mountain(scene: Scene) -> None:
    landscape(scene, 0.80)
    scene.place()
    rock = scene.pick((0.42, 0.46, 0.56), (0.50, 0.44, 0.50), (0.38, 0.44, 0.46))
    far = tuple(0.6 * c + 0.3 for c in rock)
    scene.add("accent", far, polygon(0.46, 0.81, 0.74, 0.34, 1.04, 0.81))
    scene.add("light", WHITE, polygon(0.74, 0.34, 0.67, 0.46, 0.73, 0.44, 0.77, 0.48, 0.815, 0.46))
    scene.add("body", rock, polygon(-0.02, 0.81, 0.38, 0.16, 0.78, 0.81))
    scene.add("light", WHITE, polygon(0.38, 0.16, 0.26, 0.355, 0.33, 0.32, 0.39, 0.38, 0.44, 0.32, 0.50, 0.355))


def flower(scene: Scene) -> None:
    interior(scene, 0.86)
    scene.place()
    stem = scene.vary((0.22, 0.48, 0.22))
    scene.line("dark", stem, 0.035, smooth(0.5, 0.4, 0.52, 0.62, 0.5, 0.92, closed=False))
    scene.add("dark", stem, ellipse(0.38, 0.70, 0.12, 0.045, 28), ellipse(0.63, 0.74, 0.12, 0.045, -28))
    petal = scene.pick((0.92, 0.35, 0.55), (0.97, 0.76, 0.20), (0.62, 0.38, 0.78), (0.90, 0.28, 0.22))
    turn = scene.rng.uniform(0, 45)
    angles = np.deg2rad(np.arange(0, 360, 45) + turn)
    scene.add(
        "body",
        petal,
        *(ellipse(0.5 + 0.18 * np.cos(a), 0.36 + 0.18 * np.sin(a), 0.125, 0.062, np.rad2deg(a)) for a in angles),
    )
    scene.add("accent", scene.pick((0.45, 0.26, 0.14), (0.96, 0.82, 0.30)), ellipse(0.5, 0.36, 0.095))


def cat(scene: Scene) -> None:
    interior(scene, 0.80)
    scene.place()
    fur = scene.pick((0.85, 0.55, 0.25), (0.35, 0.33, 0.36), (0.80, 0.76, 0.70), (0.55, 0.42, 0.32))
    dark = tuple(0.6 * c for c in fur)
    scene.line("body", fur, 0.07, smooth(0.68, 0.86, 0.86, 0.82, 0.88, 0.62, 0.80, 0.52, closed=False))
    scene.add(
        "body",
        fur,
        smooth(0.5, 0.42, 0.64, 0.56, 0.72, 0.78, 0.66, 0.92, 0.5, 0.93, 0.34, 0.92, 0.28, 0.78, 0.36, 0.56),
    )
    scene.add("light", scene.vary(WHITE, 0.03), ellipse(0.5, 0.72, 0.09, 0.14))
    scene.add(
        "body",
        fur,
        polygon(0.29, 0.36, 0.30, 0.08, 0.46, 0.22),
        polygon(0.71, 0.36, 0.70, 0.08, 0.54, 0.22),
        ellipse(0.5, 0.34, 0.22, 0.185),
    )
    scene.add(
        "accent",
        (0.90, 0.60, 0.58),
        polygon(0.325, 0.24, 0.335, 0.15, 0.395, 0.21),
        polygon(0.675, 0.24, 0.665, 0.15, 0.605, 0.21),
    )
    scene.add(
        "light",
        scene.pick((0.65, 0.80, 0.30), (0.95, 0.80, 0.30)),
        ellipse(0.415, 0.32, 0.055, 0.05),
        ellipse(0.585, 0.32, 0.055, 0.05),
    )
    scene.add("dark", INK, ellipse(0.415, 0.32, 0.02, 0.045), ellipse(0.585, 0.32, 0.02, 0.045))
    scene.add("accent", (0.85, 0.45, 0.45), polygon(0.47, 0.385, 0.53, 0.385, 0.5, 0.42))
    scene.line("dark", dark, 0.014, smooth(0.44, 0.45, 0.48, 0.455, 0.5, 0.42, 0.52, 0.455, 0.56, 0.45, closed=False))


def fish(scene: Scene) -> None:
    scene.add("water", scene.pick(*WATER, (0.35, 0.65, 0.78)), box(0, 0, 1, 1))
    scene.add(
        "ground",
        scene.vary((0.82, 0.72, 0.48)),
        smooth(-0.1, 1.1, -0.1, 0.88, 0.3, 0.84, 0.7, 0.90, 1.1, 0.86, 1.1, 1.1),
    )
    scene.place()
    scales = scene.pick((0.95, 0.55, 0.15), (0.85, 0.25, 0.22), (0.95, 0.80, 0.30), (0.80, 0.84, 0.88))
    fin = scene.vary(tuple(0.75 * c for c in scales))
    scene.add(
        "accent",
        fin,
        polygon(0.66, 0.48, 0.92, 0.28, 0.86, 0.48, 0.92, 0.68),
        smooth(0.34, 0.34, 0.46, 0.18, 0.60, 0.36),
        smooth(0.42, 0.62, 0.52, 0.76, 0.56, 0.60),
    )
    scene.add(
        "body",
        scales,
        smooth(0.08, 0.50, 0.20, 0.36, 0.42, 0.30, 0.62, 0.38, 0.76, 0.48, 0.62, 0.60, 0.42, 0.67, 0.20, 0.62),
    )
    scene.line(
        "light",
        WHITE,
        0.045,
        smooth(0.36, 0.33, 0.40, 0.48, 0.36, 0.645, closed=False),
        smooth(0.54, 0.36, 0.57, 0.48, 0.54, 0.61, closed=False),
    )
    scene.add("light", WHITE, ellipse(0.22, 0.45, 0.045))
    scene.add("dark", INK, ellipse(0.215, 0.45, 0.024))
    scene.add(
        "light", (0.85, 0.95, 0.98), ellipse(0.10, 0.28, 0.03), ellipse(0.16, 0.18, 0.022), ellipse(0.08, 0.12, 0.016)
    )


def bird(scene: Scene) -> None:
    scene.add("sky", scene.pick(*SKY), box(0, 0, 1, 1))
    scene.place()
    branch = scene.vary((0.42, 0.30, 0.20))
    scene.line("dark", branch, 0.05, smooth(-0.2, 0.84, 0.3, 0.80, 0.7, 0.82, 1.2, 0.74, closed=False))
    scene.add(
        "ground",
        scene.vary((0.36, 0.58, 0.28)),
        ellipse(0.16, 0.74, 0.10, 0.045, -30),
        ellipse(0.86, 0.88, 0.10, 0.045, 20),
        ellipse(0.08, 0.90, 0.09, 0.04, 25),
    )
    plume = scene.pick((0.25, 0.45, 0.75), (0.80, 0.28, 0.24), (0.92, 0.75, 0.25), (0.40, 0.62, 0.40))
    wing = tuple(0.65 * c for c in plume)
    scene.line("dark", (0.55, 0.40, 0.20), 0.02, polygon(0.48, 0.72, 0.46, 0.81), polygon(0.56, 0.72, 0.57, 0.81))
    scene.add("accent", wing, polygon(0.70, 0.56, 0.96, 0.66, 0.92, 0.74, 0.66, 0.70))
    scene.add(
        "body",
        plume,
        smooth(
            0.24,
            0.30,
            0.34,
            0.20,
            0.46,
            0.26,
            0.52,
            0.38,
            0.68,
            0.50,
            0.74,
            0.66,
            0.56,
            0.76,
            0.38,
            0.70,
            0.29,
            0.54,
            0.27,
            0.40,
        ),
    )
    scene.add(
        "light",
        scene.vary((0.95, 0.88, 0.75)),
        smooth(0.30, 0.48, 0.40, 0.50, 0.50, 0.66, 0.48, 0.74, 0.38, 0.69, 0.31, 0.58),
    )
    scene.add("accent", wing, smooth(0.46, 0.44, 0.62, 0.50, 0.76, 0.66, 0.60, 0.66, 0.48, 0.58))
    scene.add("accent", (0.95, 0.65, 0.15), polygon(0.26, 0.27, 0.10, 0.33, 0.26, 0.37))
    scene.add("light", WHITE, ellipse(0.345, 0.305, 0.034))
    scene.add("dark", INK, ellipse(0.34, 0.305, 0.021))


def apple(scene: Scene) -> None:
    interior(scene, 0.68)
    scene.place()
    for x, y, size, skins in (
        (0.69, 0.62, 0.72, ((0.50, 0.68, 0.22), (0.92, 0.76, 0.28))),
        (0.40, 0.57, 1.0, ((0.80, 0.16, 0.16), (0.88, 0.30, 0.20))),
    ):
        outline = polygon(
            0,
            -0.19,
            0.10,
            -0.235,
            0.21,
            -0.19,
            0.255,
            -0.04,
            0.20,
            0.14,
            0.10,
            0.24,
            0,
            0.215,
            -0.10,
            0.24,
            -0.20,
            0.14,
            -0.255,
            -0.04,
            -0.21,
            -0.19,
            -0.10,
            -0.235,
        )
        scene.add("body" if size == 1.0 else "accent", scene.pick(*skins), smooth(*(outline * size + (x, y)).ravel()))
        scene.line(
            "dark",
            (0.35, 0.22, 0.12),
            0.026 * size,
            smooth(x, y - 0.17 * size, x + 0.01, y - 0.27 * size, x + 0.03, y - 0.34 * size, closed=False),
        )
        scene.add(
            "ground", (0.30, 0.55, 0.22), ellipse(x + 0.12 * size, y - 0.29 * size, 0.10 * size, 0.042 * size, -22)
        )


def bridge(scene: Scene) -> None:
    landscape(scene, 0.60, WATER, "water")
    scene.place(zoom=0.05)
    scene.add(
        "ground",
        scene.pick(*GRASS),
        smooth(-0.3, 0.60, -0.05, 0.50, 0.10, 0.60, 0.12, 0.86, -0.05, 0.95, -0.3, 0.9),
        smooth(1.3, 0.60, 1.05, 0.50, 0.90, 0.60, 0.88, 0.86, 1.05, 0.95, 1.3, 0.9),
    )
    stone = scene.pick((0.70, 0.62, 0.52), (0.62, 0.48, 0.40), (0.66, 0.66, 0.66))
    scene.add(
        "body",
        stone,
        smooth(
            -0.2,
            0.50,
            0.1,
            0.42,
            0.5,
            0.34,
            0.9,
            0.42,
            1.2,
            0.50,
            1.2,
            0.60,
            0.95,
            0.80,
            0.5,
            0.80,
            0.05,
            0.80,
            -0.2,
            0.60,
        ),
    )
    water = scene.regions[2].colour
    scene.add(
        "water",
        water,
        box(-0.2, 0.79, 1.2, 1.2),
        *(
            np.concatenate([ellipse(x, 0.68, r, 1.25 * r)[24:], polygon(x + r, 0.80, x - r, 0.80)])
            for x, r in ((0.20, 0.105), (0.5, 0.145), (0.80, 0.105))
        ),
    )
    scene.line(
        "accent",
        tuple(0.72 * c for c in stone),
        0.03,
        smooth(-0.2, 0.50, 0.1, 0.42, 0.5, 0.34, 0.9, 0.42, 1.2, 0.50, closed=False),
    )


def skull(scene: Scene) -> None:
    interior(scene, 0.82, ((0.28, 0.24, 0.30), (0.34, 0.28, 0.24)))
    scene.place()
    bone = scene.vary((0.90, 0.86, 0.74), 0.04)
    scene.add(
        "body",
        bone,
        smooth(
            0.5,
            0.10,
            0.72,
            0.18,
            0.80,
            0.40,
            0.72,
            0.60,
            0.66,
            0.66,
            0.64,
            0.86,
            0.5,
            0.89,
            0.36,
            0.86,
            0.34,
            0.66,
            0.28,
            0.60,
            0.20,
            0.40,
            0.28,
            0.18,
        ),
    )
    scene.add(
        "dark",
        INK,
        ellipse(0.385, 0.46, 0.085, 0.095, 10),
        ellipse(0.615, 0.46, 0.085, 0.095, -10),
        polygon(0.5, 0.56, 0.455, 0.65, 0.545, 0.65),
    )
    scene.line(
        "dark",
        (0.30, 0.26, 0.22),
        0.018,
        polygon(0.37, 0.74, 0.63, 0.74),
        *(polygon(x, 0.69, x, 0.80) for x in (0.42, 0.475, 0.525, 0.58)),
    )


def ghost(scene: Scene) -> None:
    scene.add("sky", scene.pick((0.12, 0.12, 0.26), (0.18, 0.14, 0.28)), box(0, 0, 1, 1))
    scene.add("light", (0.96, 0.94, 0.80), ellipse(scene.rng.choice([0.15, 0.85]), 0.15, 0.08))
    scene.add("ground", scene.vary((0.14, 0.20, 0.18)), box(0, 0.88, 1, 1))
    scene.place()
    scene.add(
        "body",
        scene.vary((0.90, 0.92, 0.96), 0.04),
        smooth(
            0.5,
            0.12,
            0.66,
            0.20,
            0.72,
            0.40,
            0.86,
            0.42,
            0.76,
            0.56,
            0.78,
            0.84,
            0.69,
            0.76,
            0.60,
            0.88,
            0.5,
            0.77,
            0.40,
            0.88,
            0.31,
            0.76,
            0.22,
            0.84,
            0.24,
            0.56,
            0.14,
            0.42,
            0.28,
            0.40,
            0.34,
            0.20,
        ),
    )
    scene.add(
        "dark",
        INK,
        ellipse(0.43, 0.34, 0.045, 0.065),
        ellipse(0.57, 0.34, 0.045, 0.065),
        ellipse(0.5, 0.50, 0.04, 0.06),
    )


Drawing = Callable[[Scene], None]
DRAWINGS: dict[str, Drawing] = {
    f.__name__: f for f in (house, tree, boat, mountain, flower, cat, fish, bird, apple, bridge, skull, ghost)
}

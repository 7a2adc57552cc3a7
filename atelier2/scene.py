"""A place with light, and what is in it: what every style paints from.

A Scene has the same picture twice, in flat colours and in the round, and says of each pixel what it belongs to.
Knows subjects and places, and nothing of styles.
"""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from atelier2 import emoji
from atelier2.canvas import COLUMNS, ROWS, Colour, Field, Image, S, X, Y, blur, clouds, mix, noise, smoothstep, wide
from atelier2.emoji import Cutout

SKY, FAR, GROUND, WATER, WALL, FLOOR = range(6)  # what the background is made of

DAY, SUNSET, NIGHT = "day", "sunset", "night"
LIGHTS = (DAY, SUNSET, NIGHT)
PROPS = ("deciduous-tree", "evergreen-tree", "coral", "rock", "herb")  # emoji that backgrounds are made of


@dataclass
class Scene:
    """flat, solid: the picture in flat colours, and lit and in the round. cover: of the objects, in [0, 1].
    which: the number of the object seen, 0 for none. part: of the background, SKY to FLOOR. depth: from 0, near,
    to 1. horizon: its row, as a share of the height. sun: of sun or moon, (x, y) in pixels, if it is seen."""

    flat: Image
    solid: Image
    cover: Field
    which: np.ndarray
    part: np.ndarray
    depth: Field
    horizon: float
    light: str = DAY
    sun: tuple[int, int] | None = None
    objects: int = 0

    @property
    def behind(self) -> np.ndarray:
        """(S, S) bool: where no object is."""
        return self.cover < 0.5

    def is_part(self, *parts: int) -> np.ndarray:
        """(S, S) bool: the background of these kinds, where it is seen."""
        made: np.ndarray = np.isin(self.part, parts) & self.behind
        return made


# Skies

_SKIES: dict[str, tuple[tuple[Colour, Colour], ...]] = {
    DAY: (((0.30, 0.56, 0.90), (0.80, 0.91, 0.98)), ((0.42, 0.68, 0.92), (0.92, 0.95, 0.93)),
          ((0.50, 0.66, 0.82), (0.93, 0.90, 0.84))),
    SUNSET: (((0.36, 0.30, 0.56), (0.99, 0.66, 0.36)), ((0.80, 0.44, 0.42), (1.0, 0.82, 0.48)),
             ((0.46, 0.42, 0.66), (0.98, 0.72, 0.62))),
    NIGHT: (((0.03, 0.05, 0.18), (0.16, 0.24, 0.48)), ((0.06, 0.06, 0.20), (0.24, 0.24, 0.50))),
}  # fmt: skip
_TINT: dict[str, Colour] = {DAY: (1, 1, 1), SUNSET: (1.05, 0.86, 0.72), NIGHT: (0.36, 0.42, 0.66)}


def _empty(horizon: float, light: str) -> Scene:
    blank = np.zeros((S, S, 3), np.float32)
    return Scene(
        flat=blank, solid=blank, cover=np.zeros((S, S), np.float32), which=np.zeros((S, S), np.uint8),
        part=np.full((S, S), SKY, np.uint8), depth=np.ones((S, S), np.float32), horizon=horizon, light=light,
    )  # fmt: skip


def _sky(scene: Scene, rng: np.random.Generator) -> None:
    skies = _SKIES[scene.light]
    top, bottom = skies[rng.integers(len(skies))]
    fall = (Y / scene.horizon).clip(0, 1) ** rng.uniform(0.8, 1.3)
    image = mix(np.broadcast_to(np.asarray(top, np.float32), (S, S, 3)).copy(), bottom, fall)
    if scene.light == NIGHT:
        stars = rng.uniform(0, 1, (int(rng.integers(20, 46)), 2)) * (S, S * scene.horizon * 0.85)
        for x, y in stars:
            cv2.circle(image, (int(x), int(y)), int(rng.integers(1, 3)), (0.95, 0.93, 0.80), -1)
    else:
        shape = clouds(rng, rng.uniform(70, 130))
        shape = wide(shape, 2) if rng.random() < 0.7 else shape
        cover = smoothstep(0.10, 0.45, shape - 0.25 * (Y / scene.horizon - 0.4))
        white = (1.0, 0.98, 0.96) if scene.light == DAY else (1.0, 0.80, 0.68)
        image = mix(image, white, cover * 0.85)
        image = mix(image, (0.60, 0.64, 0.74), smoothstep(0.45, 0.95, shape) * 0.25)
    if rng.random() < 0.75 or scene.light != DAY:
        x, y = int(S * rng.choice([rng.uniform(0.10, 0.24), rng.uniform(0.76, 0.90)])), int(S * rng.uniform(0.10, 0.22))
        if scene.light == SUNSET:
            y = int(S * (scene.horizon - rng.uniform(0.06, 0.16)))
        scene.sun = (x, y)
        distance = np.hypot(COLUMNS - x, ROWS - y)
        body = {DAY: (1.0, 0.93, 0.58), SUNSET: (1.0, 0.78, 0.38), NIGHT: (0.98, 0.95, 0.80)}[scene.light]
        image = mix(image, body, 0.55 * np.exp(-((distance / (S * 0.16)) ** 2)))
        disc = smoothstep(S * 0.058, S * 0.052, distance)
        if scene.light == NIGHT and rng.random() < 0.5:  # a crescent
            disc *= 1 - smoothstep(S * 0.052, S * 0.046, np.hypot(COLUMNS - x - S * 0.028, ROWS - y + S * 0.012))
        image = mix(image, body, disc)
    scene.flat = image.astype(np.float32)


def _lay(scene: Scene, where: np.ndarray, colour: np.ndarray | Colour, part: int, depth: np.ndarray | float) -> None:
    """Put a piece of background over what is there. where: (S, S) in [0, 1]."""
    scene.flat = mix(scene.flat, colour, where).astype(np.float32)
    seen = where > 0.5
    scene.part[seen] = part
    scene.depth = np.where(seen, depth, scene.depth).astype(np.float32)


def _ridge(rng: np.random.Generator, base: float, height: float, rough: float) -> Field:
    """Rows of a ridge's top, (1, S)."""
    line = np.zeros(S, np.float32)
    for octave in range(6):
        points = rng.uniform(-1, 1, 3 + 2**octave * 2)
        line += np.interp(np.linspace(0, len(points) - 1, S), np.arange(len(points)), points) * rough**octave
    top: Field = line[None] if rough > 0.45 else blur(line[None], 5)
    span = top.max() - top.min()
    top = S * base - S * height * (top - top.min()) / max(float(span), 1e-3)
    return top


def _tinted(scene: Scene, colour: Colour, far: float = 0.0) -> Colour:
    """A colour in this light, and in the haze of the distance."""
    lit = np.asarray(colour) * _TINT[scene.light]
    haze = scene.flat[max(0, int(S * scene.horizon) - 4)].mean(0)
    mixed = (lit + (haze - lit) * far).clip(0, 1)
    return (float(mixed[0]), float(mixed[1]), float(mixed[2]))


@lru_cache(512)
def _prop(name: str, size: int) -> Cutout:
    return emoji.scaled(emoji.trimmed(emoji.flat(name)), size)


def _stand(scene: Scene, name: str, size: int, x: int, foot: int, far: float) -> None:
    """A small thing of the background: a tree, a house, standing far away."""
    cut = _prop(name, 4 * (size // 4))
    height, width = cut.shape[:2]
    top, left = foot - height, x - width // 2
    y0, y1, x0, x1 = max(0, top), min(S, foot), max(0, left), min(S, left + width)
    if y1 <= y0 or x1 <= x0:
        return
    cut = cut[y0 - top : y1 - top, x0 - left : x1 - left]
    haze = scene.flat[max(0, int(S * scene.horizon) - 4)].mean(0)
    colour = mix((cut[..., :3] * np.asarray(_TINT[scene.light], np.float32)).clip(0, 1), haze, far)
    scene.flat[y0:y1, x0:x1] = mix(scene.flat[y0:y1, x0:x1], colour, cut[..., 3])
    seen = cut[..., 3] > 0.5
    scene.part[y0:y1, x0:x1][seen] = FAR
    scene.depth[y0:y1, x0:x1][seen] = far


def _ground(scene: Scene, rng: np.random.Generator, near: Colour, away: Colour, spots: float = 0.10) -> None:
    top = _ridge(rng, scene.horizon + 0.01, 0.02, 0.3)
    where = smoothstep(-1, 1, ROWS - top)
    fall = ((Y - scene.horizon) / (1 - scene.horizon)).clip(0, 1)
    colour = mix(
        np.broadcast_to(np.asarray(_tinted(scene, away, 0.15), np.float32), (S, S, 3)), _tinted(scene, near), fall
    )
    patches = wide(clouds(rng, 60), 2)
    _lay(scene, where, (colour * (1 + spots * 2 * patches[..., None])).clip(0, 1), GROUND, 0.6 * (1 - fall))


def field(rng: np.random.Generator, light: str) -> Scene:
    scene = _empty(rng.uniform(0.56, 0.66), light)
    _sky(scene, rng)
    if rng.random() < 0.7:
        for far, height in ((0.72, rng.uniform(0.10, 0.22)), (0.45, rng.uniform(0.04, 0.10))):
            colour = ((0.40, 0.50, 0.66), (0.34, 0.52, 0.42))[far < 0.5]
            top = _ridge(rng, scene.horizon + 0.02, height, 0.5 if far > 0.5 else 0.3)
            _lay(scene, smoothstep(-1, 1, ROWS - top), _tinted(scene, colour, far), FAR, far)
    greens = (((0.36, 0.62, 0.20), (0.66, 0.76, 0.34)), ((0.48, 0.64, 0.22), (0.78, 0.80, 0.42)),
              ((0.76, 0.66, 0.28), (0.88, 0.80, 0.46)))[rng.integers(3)]  # fmt: skip
    _ground(scene, rng, *greens)
    for _ in range(int(rng.integers(2, 8))):
        name = ("deciduous-tree", "evergreen-tree")[rng.integers(2)]
        size, x = int(S * rng.uniform(0.07, 0.16)), int(rng.uniform(0, S))
        _stand(scene, name, size, x, int(S * scene.horizon + S * rng.uniform(0.01, 0.05)), rng.uniform(0.25, 0.5))
    if rng.random() < 0.5:
        colour = [(0.95, 0.30, 0.30), (0.98, 0.90, 0.40), (0.96, 0.96, 0.98), (0.70, 0.46, 0.86)][rng.integers(4)]
        for _ in range(60):
            y = S * (scene.horizon + (1 - scene.horizon) * rng.uniform(0.12, 1))
            size = int(2 + 4 * (y / S - scene.horizon) / (1 - scene.horizon))
            cv2.circle(scene.flat, (int(rng.uniform(0, S)), int(y)), size, _tinted(scene, colour), -1, cv2.LINE_AA)
    return scene


def mountains(rng: np.random.Generator, light: str) -> Scene:
    scene = _empty(rng.uniform(0.60, 0.68), light)
    _sky(scene, rng)
    for far, height, colour in (
        (0.65, 0.42, (0.46, 0.52, 0.68)),
        (0.40, 0.28, (0.38, 0.44, 0.54)),
        (0.2, 0.12, (0.30, 0.46, 0.36)),
    ):
        top = _ridge(rng, scene.horizon + 0.03, height * rng.uniform(0.8, 1.1), 0.52)
        where = smoothstep(-1, 1, ROWS - top)
        _lay(scene, where, _tinted(scene, colour, far * 0.6), FAR, far)
        if far > 0.3:
            peak = smoothstep(0.02, 0.0, (ROWS - top) / S - 0.055 - 0.03 * noise(rng, 20)) * where
            _lay(
                scene,
                peak * (top < S * (scene.horizon - 0.5 * height)),
                _tinted(scene, (0.97, 0.97, 1.0), far * 0.3),
                FAR,
                far,
            )
    _ground(scene, rng, (0.40, 0.58, 0.26), (0.56, 0.68, 0.40))
    for _ in range(int(rng.integers(3, 9))):
        size = int(S * rng.uniform(0.08, 0.15))
        _stand(
            scene,
            "evergreen-tree",
            size,
            int(rng.uniform(0, S)),
            int(S * (scene.horizon + rng.uniform(0.02, 0.06))),
            0.25,
        )
    return scene


def snow(rng: np.random.Generator, light: str) -> Scene:
    scene = _empty(rng.uniform(0.56, 0.64), light)
    _sky(scene, rng)
    if light == DAY:
        scene.flat = mix(scene.flat, (0.84, 0.88, 0.94), 0.55).astype(np.float32)
    top = _ridge(rng, scene.horizon + 0.02, 0.16, 0.45)
    _lay(scene, smoothstep(-1, 1, ROWS - top), _tinted(scene, (0.80, 0.86, 0.94), 0.3), FAR, 0.6)
    _ground(scene, rng, (0.96, 0.98, 1.0), (0.84, 0.90, 0.97), 0.03)
    for _ in range(int(rng.integers(4, 10))):
        size, x = int(S * rng.uniform(0.10, 0.20)), int(rng.uniform(0, S))
        foot = int(S * (scene.horizon + rng.uniform(0.01, 0.07)))
        _stand(scene, "evergreen-tree", size, x, foot, 0.35)
        for k in range(3):  # snow on its branches
            y, half = foot - int(size * (0.45 + 0.2 * k)), int(size * (0.16 - 0.04 * k))
            cv2.ellipse(
                scene.flat,
                (x, y),
                (half, max(2, size // 22)),
                0,
                180,
                360,
                _tinted(scene, (0.98, 0.99, 1.0)),
                -1,
                cv2.LINE_AA,
            )
    for _ in range(70):
        cv2.circle(
            scene.flat,
            tuple(rng.integers(0, S, 2).tolist()),
            int(rng.integers(1, 4)),
            (0.98, 0.99, 1.0),
            -1,
            cv2.LINE_AA,
        )
    return scene


def sea(rng: np.random.Generator, light: str, beach: bool = True) -> Scene:
    scene = _empty(rng.uniform(0.46, 0.58), light)
    _sky(scene, rng)
    if rng.random() < 0.5:
        top = _ridge(rng, scene.horizon + 0.005, rng.uniform(0.04, 0.12), 0.5)
        away = smoothstep(0.25, 0.5, np.abs(X - rng.uniform(0, 1)))
        _lay(scene, smoothstep(-1, 1, ROWS - top) * (away > 0.5), _tinted(scene, (0.40, 0.48, 0.58), 0.4), FAR, 0.8)
    water = (((0.10, 0.42, 0.62), (0.46, 0.70, 0.80)), ((0.06, 0.50, 0.58), (0.50, 0.80, 0.80)),
             ((0.14, 0.30, 0.52), (0.50, 0.62, 0.76)))[rng.integers(3)]  # fmt: skip
    fall = ((Y - scene.horizon) / (1 - scene.horizon)).clip(0, 1)
    colour = mix(
        np.broadcast_to(np.asarray(_tinted(scene, water[1], 0.3), np.float32), (S, S, 3)),
        _tinted(scene, water[0]),
        fall**0.7,
    )
    waves = wide(noise(rng, 16), 3)
    waves = waves * np.sin(ROWS / (2.0 + 9 * fall) + 3 * noise(rng, 80))
    colour = (colour * (1 + 0.16 * waves[..., None])).clip(0, 1)
    colour = mix(colour, (0.95, 0.98, 1.0), smoothstep(0.45, 0.75, waves) * 0.55 * fall)
    if scene.sun:
        glitter = np.exp(-(((COLUMNS - scene.sun[0]) / (S * (0.03 + 0.10 * fall))) ** 2)) * (waves > 0.05)
        colour = mix(colour, _tinted(scene, (1.0, 0.95, 0.80)), 0.55 * glitter)
    _lay(scene, smoothstep(-1, 1, ROWS - S * scene.horizon), colour, WATER, 0.7 * (1 - fall))
    if beach:
        top = S * rng.uniform(0.72, 0.80) + 8 * np.sin(X * rng.uniform(4, 9) + rng.uniform(0, 6))
        sand = (
            np.asarray(_tinted(scene, (0.94, 0.84, 0.62)), np.float32)
            * (1 + 0.05 * noise(rng, 4) + 0.05 * noise(rng, 40))[..., None]
        )
        _lay(scene, smoothstep(-7, -4, ROWS - top), _tinted(scene, (0.97, 0.98, 0.97)), WATER, 0.3)
        _lay(scene, smoothstep(-1, 1, ROWS - top), sand.clip(0, 1), GROUND, 0.2)
    return scene


def boats_sea(rng: np.random.Generator, light: str) -> Scene:
    return sea(rng, light, beach=False)


def forest(rng: np.random.Generator, light: str) -> Scene:
    scene = _empty(rng.uniform(0.54, 0.62), light)
    _sky(scene, rng)
    scene.flat = mix(scene.flat, _tinted(scene, (0.62, 0.76, 0.56)), 0.35).astype(np.float32)
    _ground(scene, rng, (0.30, 0.44, 0.18), (0.46, 0.58, 0.30), 0.2)
    for far in (0.6, 0.4, 0.2, 0.05):
        for x in np.linspace(-0.05, 1.05, int(7 - 3 * (0.6 - far))):
            away = abs(x - 0.5)
            if far < 0.3 and away < 0.26:
                continue
            size = int(S * (0.30 + 0.42 * (0.6 - far)) * rng.uniform(0.85, 1.15))
            foot = int(S * (scene.horizon + 0.03 + 0.22 * (0.6 - far)))
            name = ("deciduous-tree", "evergreen-tree")[rng.integers(2)]
            _stand(scene, name, size, int(S * (x + rng.uniform(-0.04, 0.04))), foot, far)
    return scene


def city(rng: np.random.Generator, light: str) -> Scene:
    scene = _empty(rng.uniform(0.62, 0.70), light)
    _sky(scene, rng)
    for far in (0.6, 0.3):
        x = -10
        while x < S:
            width, height = int(rng.uniform(26, 60)), int(S * rng.uniform(0.12, 0.30 if far > 0.5 else 0.42))
            base = [(0.62, 0.56, 0.54), (0.50, 0.54, 0.62), (0.72, 0.60, 0.48), (0.56, 0.62, 0.60)][rng.integers(4)]
            wall, top = _tinted(scene, base, far), int(S * scene.horizon) - height
            window = (slice(max(0, top), int(S * (scene.horizon + 0.02))), slice(max(0, x), max(0, x + width)))
            scene.flat[window], scene.part[window], scene.depth[window] = wall, FAR, far
            for wy in range(top + 8, int(S * scene.horizon) - 8, 14):
                for wx in range(x + 6, x + width - 8, 13):
                    lit = rng.random() < (0.55 if light == NIGHT else 0.0)
                    glass = (0.99, 0.86, 0.45) if lit else _tinted(scene, (0.36, 0.42, 0.52), far)
                    cv2.rectangle(scene.flat, (wx, wy), (wx + 6, wy + 8), glass, -1)
            x += width + int(rng.integers(0, 6))
    _ground(scene, rng, (0.46, 0.46, 0.48), (0.60, 0.60, 0.60), 0.03)
    kerb = S * (scene.horizon + 0.035)
    _lay(
        scene,
        smoothstep(-3, -1, ROWS - kerb) * smoothstep(3, 1, ROWS - kerb),
        _tinted(scene, (0.82, 0.80, 0.76)),
        GROUND,
        0.5,
    )
    for k in range(5):
        x = int(S * (k + rng.uniform(0.2, 0.4)) / 5)
        cv2.line(
            scene.flat, (x, int(S * 0.95)), (x + 34, int(S * 0.95)), _tinted(scene, (0.95, 0.93, 0.85)), 5, cv2.LINE_AA
        )
    return scene


def room(rng: np.random.Generator, light: str) -> Scene:
    scene = _empty(rng.uniform(0.66, 0.74), light)
    walls = ((0.86, 0.78, 0.62), (0.66, 0.76, 0.74), (0.80, 0.60, 0.54), (0.58, 0.64, 0.78), (0.74, 0.76, 0.58),
             (0.90, 0.86, 0.80), (0.52, 0.42, 0.48))  # fmt: skip
    wall = np.asarray(walls[rng.integers(len(walls))], np.float32) * _TINT[light]
    glow = np.exp(-((X - rng.choice([0.15, 0.85])) ** 2 + (Y - 0.3) ** 2) / 0.35)
    scene.flat = (wall * (0.86 + 0.22 * glow + 0.03 * noise(rng, 90))[..., None]).clip(0, 1).astype(np.float32)
    scene.part[:], scene.depth[:] = WALL, 0.7
    if rng.random() < 0.4:
        stripes = (np.sin(COLUMNS / rng.uniform(8, 16) * np.pi) > 0.3).astype(np.float32)
        scene.flat *= (1 - 0.07 * stripes)[..., None]
    side = rng.choice([0.17, 0.83])
    if rng.random() < 0.75:
        _window(scene, rng, side, light)
    if rng.random() < 0.45:
        _framed(scene, rng, 1 - side)
    woods = ((0.50, 0.33, 0.20), (0.66, 0.46, 0.28), (0.40, 0.26, 0.20), (0.74, 0.58, 0.42))
    wood = np.asarray(woods[rng.integers(4)], np.float32) * _TINT[light]
    fall = ((Y - scene.horizon) / (1 - scene.horizon)).clip(0, 1)
    grain = 1 + 0.10 * wide(noise(rng, 8), 5) * np.sin(ROWS / 3 + 4 * noise(rng, 90))
    boards = (0.80 + 0.26 * fall) * grain
    colour = (wood * boards[..., None]).clip(0, 1)
    if rng.random() < 0.35:  # a cloth over the table
        cloth = np.asarray([(0.94, 0.93, 0.90), (0.76, 0.24, 0.24), (0.30, 0.44, 0.68)][rng.integers(3)], np.float32)
        checks = ((COLUMNS // 24 + (fall * 6) // 1) % 2)[..., None]
        colour = (cloth * _TINT[light] * (0.90 + 0.10 * checks) * (0.9 + 0.1 * fall)[..., None]).clip(0, 1)
    _lay(scene, smoothstep(-1, 1, ROWS - S * scene.horizon), colour, FLOOR, 0.5 * (1 - fall))
    return scene


def _window(scene: Scene, rng: np.random.Generator, x: float, light: str) -> None:
    left, right = int(S * (x - 0.13)), int(S * (x + 0.13))
    top, bottom = int(S * 0.08), int(S * rng.uniform(0.40, 0.48))
    sky = _SKIES[light][0]
    cv2.rectangle(scene.flat, (left - 8, top - 8), (right + 8, bottom + 8), _tinted(scene, (0.95, 0.93, 0.88)), -1)
    pane = scene.flat[top:bottom, max(0, left) : right]
    fall = np.linspace(0, 1, len(pane), dtype=np.float32)[:, None, None]
    pane[:] = np.asarray(sky[0], np.float32) * (1 - fall) + np.asarray(sky[1], np.float32) * fall
    hill = int(len(pane) * 0.78)
    pane[hill:] = np.asarray((0.42, 0.58, 0.34), np.float32) * _TINT[light]
    middle = (left + right) // 2
    for a, b in (((middle, top), (middle, bottom)), ((left, (top + bottom) // 2), (right, (top + bottom) // 2))):
        cv2.line(scene.flat, a, b, _tinted(scene, (0.95, 0.93, 0.88)), 6)


def _framed(scene: Scene, rng: np.random.Generator, x: float) -> None:
    left, top = int(S * (x - 0.10)), int(S * rng.uniform(0.10, 0.20))
    right, bottom = left + int(S * 0.20), top + int(S * rng.uniform(0.16, 0.24))
    cv2.rectangle(scene.flat, (left - 6, top - 6), (right + 6, bottom + 6), _tinted(scene, (0.46, 0.30, 0.14)), -1)
    cv2.rectangle(scene.flat, (left, top), (right, bottom), _tinted(scene, tuple(rng.uniform(0.4, 0.9, 3))), -1)
    half = (top + bottom) // 2
    cv2.rectangle(scene.flat, (left, half), (right, bottom), _tinted(scene, tuple(rng.uniform(0.2, 0.7, 3))), -1)


def underwater(rng: np.random.Generator, light: str) -> Scene:
    scene = _empty(0.80, light)
    top, bottom = (
        ((0.30, 0.74, 0.84), (0.04, 0.24, 0.46)) if rng.random() < 0.6 else ((0.36, 0.78, 0.70), (0.05, 0.32, 0.40))
    )
    image = mix(np.broadcast_to(np.asarray(top, np.float32), (S, S, 3)).copy(), bottom, Y**0.8)
    slant = COLUMNS + ROWS * rng.uniform(-0.5, 0.5)
    rays = np.interp(slant, np.linspace(-S, 2 * S, 60), rng.uniform(-1, 1, 60)).astype(np.float32)
    image = mix(image, (0.85, 0.98, 0.98), smoothstep(0.2, 0.9, rays) * (1 - Y) * 0.45)
    scene.flat = (image * np.asarray(_TINT[light], np.float32)).clip(0, 1).astype(np.float32)
    scene.part[:], scene.depth[:] = WATER, 0.8
    bed = _ridge(rng, 0.92, 0.08, 0.3)
    sand = np.asarray((0.62, 0.62, 0.46), np.float32) * _TINT[light] * (1 + 0.07 * noise(rng, 6))[..., None]
    _lay(scene, smoothstep(-2, 2, ROWS - bed), sand.clip(0, 1), GROUND, 0.3)
    for _ in range(int(rng.integers(2, 6))):
        name = ("coral", "rock", "herb")[rng.integers(3)]
        _stand(
            scene, name, int(S * rng.uniform(0.10, 0.20)), int(rng.uniform(0, S)), int(S * rng.uniform(0.93, 1.0)), 0.2
        )
    for _ in range(int(rng.integers(8, 20))):
        centre, radius = tuple(rng.integers(0, S, 2).tolist()), int(rng.integers(3, 8))
        cv2.circle(scene.flat, centre, radius, (0.80, 0.95, 0.97), 2, cv2.LINE_AA)
    return scene


def heights(rng: np.random.Generator, light: str) -> Scene:
    """High in the sky, with little land below."""
    scene = _empty(rng.uniform(0.84, 0.92), light)
    _sky(scene, rng)
    top = _ridge(rng, scene.horizon + 0.01, 0.05, 0.45)
    _lay(scene, smoothstep(-1, 1, ROWS - top), _tinted(scene, (0.44, 0.56, 0.52), 0.35), FAR, 0.6)
    _ground(scene, rng, (0.42, 0.60, 0.28), (0.62, 0.72, 0.42))
    return scene


PLACES = {
    "field": field, "mountains": mountains, "snow": snow, "sea": sea, "water": boats_sea, "forest": forest,
    "city": city, "room": room, "underwater": underwater, "sky": heights,
}  # fmt: skip


# Objects


def put(scene: Scene, flat: Cutout, solid: Cutout, x: int, foot: int, shadow: bool) -> None:
    """An object, its foot's middle at (x, foot), over what is there. flat, solid: of the same size."""
    scene.objects += 1
    height, width = flat.shape[:2]
    top, left = foot - height, x - width // 2
    y0, y1, x0, x1 = max(0, top), min(S, foot), max(0, left), min(S, left + width)
    if shadow:
        cast = np.zeros((S, S), np.float32)
        cv2.ellipse(cast, (x + width // 16, foot - 3), (int(width * 0.44), max(4, int(width * 0.07))), 0, 0, 360, 1, -1)
        cast = blur(cast, 6)[..., None]
        scene.flat = scene.flat * (1 - 0.30 * cast)
        scene.solid = scene.solid * (1 - 0.42 * cast)
    window = (slice(y0, y1), slice(x0, x1))
    part = (slice(y0 - top, y1 - top), slice(x0 - left, x1 - left))
    tint = np.asarray(_TINT[scene.light], np.float32)
    tint = tint if scene.light != NIGHT else (0.55 + 0.45 * tint)  # what is asked for is seen at night, too
    drawn, round_ = flat[part], solid[part]
    for image, cuts in ((scene.flat, (round_, drawn)), (scene.solid, (drawn, round_))):  # the other fills what it lacks
        for cut in cuts:
            image[window] = mix(image[window], (cut[..., :3] * tint).clip(0, 1), cut[..., 3])
    alpha = np.maximum(drawn[..., 3], round_[..., 3])
    scene.cover[window] = np.maximum(scene.cover[window], alpha)
    seen = alpha > 0.5
    scene.which[window][seen] = scene.objects
    scene.depth[window][seen] = 0.0


def ready(scene: Scene) -> None:
    """The background in the round, before objects are put in: light falls off, and what is far is soft."""
    soft = blur(scene.flat, 1.2)
    softer = blur(scene.flat, 4.5)
    image = mix(soft, softer, (scene.depth * 1.3 - 0.15).clip(0, 1))
    vignette = 1.06 - 0.26 * ((X - 0.5) ** 2 + (Y - 0.45) ** 2) / 0.5
    scene.solid = (image * vignette[..., None]).clip(0, 1).astype(np.float32)

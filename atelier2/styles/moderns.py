"""Painters of planes, signs and gestures."""

from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np

from atelier2.brush import (
    averaged,
    backdrop,
    detail,
    disc,
    even,
    grain,
    ink,
    key_lines,
    line,
    nearest,
    painted,
    polygon,
    sheet,
    warped,
)  # fmt: skip
from atelier2.canvas import (
    COLUMNS,
    ROWS,
    Colour,
    Field,
    Image,
    S,
    blur,
    clouds,
    luminance,
    mix,
    noise,
    saturated,
    smoothstep,
)  # fmt: skip
from atelier2.scene import NIGHT, Scene

Points = np.ndarray  # (n, 2) as x, y


# Cubists


class _Planes:
    """Planes between straight lines: how far each pixel is from each line, and what is drawn by chance for a plane."""

    def __init__(self, points: Points, angles: np.ndarray) -> None:
        cos, sin = np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)
        at = (points[:, 0] * sin - points[:, 1] * cos).astype(np.float32)
        self.far = COLUMNS[None] * sin[:, None, None] - ROWS[None] * cos[:, None, None] - at[:, None, None]
        self._sides = (self.far > 0).reshape(len(points), -1).astype(np.float32)

    def chance(self, rng: np.random.Generator, count: int) -> np.ndarray:
        """count fields (count, S, S), even in [0, 1) on every plane."""
        keys = rng.uniform(0, 1, (count, len(self._sides))).astype(np.float32)
        values: np.ndarray = (keys @ self._sides % 1).reshape(count, S, S)
        return values

    def shade(self, reach: float, rng: np.random.Generator) -> Field:
        """Planes darken towards some of their edges and lighten towards others: about [-1, 1]."""
        total = np.zeros((S // 2, S // 2), np.float32)
        for far in self.far[:, ::2, ::2]:
            near = (1 - np.abs(far) / (2.2 * reach)).clip(0, None) ** 2
            total += np.where(far > 0, near, -0.8 * near) * np.float32(rng.choice((-1.0, 1.0)) * rng.uniform(0.5, 1))
        return cv2.resize(total, (S, S), interpolation=cv2.INTER_LINEAR).clip(-1.2, 1.2)

    def creases(self, width: float) -> Field:
        """The lines themselves, (S, S) in [0, 1]."""
        return smoothstep(width / 2 + 0.8, width / 2 - 0.4, np.abs(self.far).min(0))


def _middle(scene: Scene) -> tuple[Points, float]:
    """The objects' centre, and how far they reach from it."""
    rows, columns = np.nonzero(scene.cover > 0.5)
    if not len(rows):
        return np.asarray((S / 2, S / 2)), S / 3
    return np.asarray((columns.mean(), rows.mean())), float(max(np.ptp(rows), np.ptp(columns)) / 2)


def _around(scene: Scene, rng: np.random.Generator, count: int, slants: tuple[float, ...]) -> _Planes:
    """Lines over the whole canvas, in a few directions (degrees)."""
    centre, reach = _middle(scene)
    turns = np.deg2rad(rng.permutation(np.resize(slants, count)) + rng.uniform(-9, 9, count))
    away = rng.permutation(np.linspace(-1, 1, count) + rng.uniform(-0.1, 0.1, count)) * 1.25 * reach
    return _Planes(centre + away[:, None] * np.stack([-np.sin(turns), np.cos(turns)], 1), turns)


def _drawn(scene: Scene, width: int, inner: float, behind: float) -> Field:
    """Lines of the objects, and behind as black those of the background's parts."""
    part = cv2.morphologyEx(cv2.medianBlur(scene.part, 7), cv2.MORPH_GRADIENT, np.ones((4, 4), np.uint8)) > 0
    near = smoothstep(0.05, 0.3, blur(scene.cover, 2))
    lines: Field = np.maximum(key_lines(scene, width, inner), behind * blur(part.astype(np.float32), 0.7) * (1 - near))
    return lines


def _moved(scene: Scene, dx: np.ndarray, dy: np.ndarray) -> Scene:
    """The scene with its planes shifted."""
    which = cv2.remap(scene.which, COLUMNS + dx, ROWS + dy, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REFLECT)
    return replace(scene, flat=warped(scene.flat, dx, dy), cover=warped(scene.cover, dx, dy), which=which)


def picasso(scene: Scene, rng: np.random.Generator) -> Image:
    """Large cubist planes, shifted against each other, ochre and blue and shaded to their edges, with black lines."""
    planes = _around(scene, rng, 8, (22, 65, 92, 118, 155))
    east, south, tint, tone = planes.chance(rng, 4)
    fine = detail(scene, scene.flat)
    shift = 30 * (1 - 0.65 * blur(fine, 6))  # eyes and mouths stay together
    dx, dy = (east - 0.5) * shift, (south - 0.5) * shift
    seen = _moved(scene, dx, dy)
    cover = seen.cover
    palette = (
        (0.86, 0.64, 0.30),
        (0.32, 0.46, 0.66),
        (0.93, 0.84, 0.62),
        (0.62, 0.36, 0.22),
        (0.50, 0.60, 0.66),
        (0.76, 0.55, 0.45),
    )
    inks = np.asarray(palette, np.float32)[(tint * len(palette)).astype(int)]
    own = luminance(seen.flat)[..., None]
    own = own**0.6 if scene.light == NIGHT else own  # his night is blue, not black
    around = mix(inks, seen.flat, 0.25) * (0.62 + 0.55 * own)
    object_ = mix(saturated(seen.flat, 1.25), inks, 0.22)
    image = mix(around, object_, blur(cover, 0.7))
    light = planes.shade(30, rng)
    image = image * (1 + (0.34 - 0.12 * cover) * light + 0.22 * (tone - 0.5))[..., None]
    brushed = 1 + 0.05 * np.where(tint > 0.5, noise(rng, 7), noise(rng, 12))
    image = (image * brushed[..., None]).clip(0, 1)
    kept = smoothstep(0.55, 0.25, warped(fine, dx, dy))
    image = mix(image, (0.07, 0.06, 0.07), planes.creases(3.5) * (0.35 + 0.65 * kept) * (0.55 + 0.45 * cover))
    return mix(image, (0.05, 0.05, 0.06), _drawn(seen, 6, 0.75, 0.6)).astype(np.float32)


_STOPS = (0, 0.3, 0.6, 1)
_RAMPS = np.stack([  # from dark to light, (2, 256, 3): grey-green, and brown and ochre
    np.stack([np.interp(np.linspace(0, 1, 256), _STOPS, part) for part in parts], -1)
    for parts in (((0.12, 0.33, 0.56, 0.88), (0.13, 0.35, 0.56, 0.87), (0.13, 0.33, 0.50, 0.80)),
                  ((0.13, 0.42, 0.70, 0.95), (0.10, 0.30, 0.56, 0.89), (0.08, 0.18, 0.36, 0.73)))
]).astype(np.float32)  # fmt: skip


def braque(scene: Scene, rng: np.random.Generator) -> Image:
    """Many small grey, brown and ochre fragments that melt into each other, broken dark lines, bars like stencils."""
    planes = _around(scene, rng, 15, (0, 28, 62, 90, 118, 152))
    east, south, tone, tint = planes.chance(rng, 4)
    fine = detail(scene, scene.flat)
    shift = 15 * (1 - 0.6 * blur(fine, 5))
    dx, dy = (east - 0.5) * shift, (south - 0.5) * shift
    seen = _moved(scene, dx, dy)
    own = luminance(seen.flat)
    low, high = np.percentile(own, (3, 97))
    own = ((own - low) / (high - low + 1e-3)).clip(0, 1)
    inside = float(own[seen.cover > 0.5].mean()) if (seen.cover > 0.5).any() else 0.5
    apart = (0.14 if inside < 0.55 else -0.16) * (1 - seen.cover)  # lighter behind what is dark, and the other way
    light = 0.28 + 0.58 * own + 0.20 * (tone - 0.5) + 0.24 * planes.shade(15, rng) + apart
    light = light.clip(0.02, 1)
    warm = tint > 0.85 - 0.65 * seen.cover  # the subject is the warmer
    image = _RAMPS[warm.astype(np.uint8), (light * 255).astype(np.uint8)]
    image = mix(image, seen.flat * (0.55 + 0.5 * light[..., None]), 0.30 * seen.cover)
    dabs = cv2.resize(noise(rng, 6), (S * 2, S))[:, :S]
    image = image * (1 + 0.07 * dabs)[..., None]
    dark = (0.10, 0.08, 0.07)
    kept = smoothstep(0.5, 0.2, warped(fine, dx, dy))
    broken = smoothstep(-0.25, 0.25, noise(rng, 45))
    image = mix(image, dark, 0.75 * planes.creases(3) * broken * (0.3 + 0.7 * kept))
    image = mix(image, dark, _drawn(seen, 6, 0.8, 0.5) * (0.75 + 0.25 * broken))
    return _stencilled(scene, image, rng)


def _stencilled(scene: Scene, image: Image, rng: np.random.Generator) -> Image:
    """Sets of parallel bars and an arc, beside the objects."""
    on = sheet(image)
    for _ in range(4):
        x, y = rng.uniform(0.06, 0.94, 2) * S
        turn, long, gap = rng.choice((0.0, 0.5, 1.57, 2.6)), rng.uniform(30, 62), 12
        along, across = np.asarray((np.cos(turn), np.sin(turn))), np.asarray((-np.sin(turn), np.cos(turn)))
        for k in range(4):
            start = np.asarray((x, y)) + across * gap * k
            line(on, np.stack([start, start + along * long]), (0.10, 0.08, 0.07), 4)
    for _ in range(2):
        x, y = rng.uniform(0.05, 0.95, 2) * S
        cv2.ellipse(
            on, (int(x), int(y)), (34, 34), 0, rng.uniform(0, 180), rng.uniform(240, 330), (26, 22, 20), 4, cv2.LINE_AA
        )
    return mix(painted(on), image, smoothstep(0.1, 0.6, blur(scene.cover, 3))).clip(0, 1)


# Squares

_PRIMARY_RED: Colour = (0.86, 0.11, 0.12)
_PRIMARY_YELLOW: Colour = (0.98, 0.82, 0.10)
_PRIMARY_BLUE: Colour = (0.07, 0.22, 0.62)
_CHALK: Colour = (0.96, 0.95, 0.92)
_LINE_BLACK: Colour = (0.05, 0.05, 0.06)
_PEARL: Colour = (0.80, 0.81, 0.82)
# What the eye sees, and which of the six stands for it
_REDUCED: tuple[tuple[Colour, Colour], ...] = (
    ((0.86, 0.11, 0.12), _PRIMARY_RED), ((0.95, 0.50, 0.60), _PRIMARY_RED), ((0.55, 0.32, 0.20), _PRIMARY_RED),
    ((0.38, 0.22, 0.15), _PRIMARY_RED), ((0.20, 0.12, 0.09), _LINE_BLACK), ((0.97, 0.55, 0.20), _PRIMARY_YELLOW),
    ((0.98, 0.82, 0.20), _PRIMARY_YELLOW), ((0.80, 0.60, 0.42), _PRIMARY_YELLOW), ((0.97, 0.84, 0.72), _CHALK),
    ((0.97, 0.92, 0.62), _PRIMARY_YELLOW), ((0.60, 0.75, 0.30), _PRIMARY_YELLOW),
    ((0.25, 0.58, 0.30), _PRIMARY_BLUE), ((0.15, 0.38, 0.85), _PRIMARY_BLUE), ((0.08, 0.12, 0.34), _PRIMARY_BLUE),
    ((0.18, 0.58, 0.92), _PRIMARY_BLUE), ((0.10, 0.76, 0.90), _PRIMARY_BLUE), ((0.10, 0.45, 0.50), _PRIMARY_BLUE),
    ((0.65, 0.82, 0.97), _PEARL), ((0.48, 0.26, 0.66), _PRIMARY_BLUE), ((0.97, 0.97, 0.97), _CHALK),
    ((0.72, 0.72, 0.74), _PEARL), ((0.45, 0.45, 0.47), _PEARL), ((0.08, 0.08, 0.09), _LINE_BLACK),
)  # fmt: skip
_SEEN = tuple(row[0] for row in _REDUCED)
_SIX = (_PRIMARY_RED, _PRIMARY_YELLOW, _PRIMARY_BLUE, _CHALK, _LINE_BLACK, _PEARL)
_STANDS_FOR = np.asarray([_SIX.index(row[1]) for row in _REDUCED], np.uint8)
_CELL = 6  # pixels of the steps in which a subject is cut


def _steps(image: np.ndarray) -> np.ndarray:
    """In cells of _CELL pixels."""
    return cv2.resize(image, (S // _CELL, S // _CELL), interpolation=cv2.INTER_AREA)


def _unstepped(cells: np.ndarray) -> np.ndarray:
    return np.repeat(np.repeat(cells, _CELL, 0), _CELL, 1)


def _cuts(rng: np.random.Generator, through: float, count: int) -> np.ndarray:
    """Where lines cross the canvas, in whole cells, one of them at `through` pixels: from 0 to S."""
    lines = [0, S]
    for at in (through, *rng.uniform(0.06, 0.94, 24) * S):
        if min(abs(at - other) for other in lines) > 38 and len(lines) < count + 2:
            lines.append(round(at / _CELL) * _CELL)
    return np.asarray(sorted(lines))


def mondrian(scene: Scene, rng: np.random.Generator) -> Image:
    """A grid of black lines with red, yellow, blue and white blocks, the subject cut in steps of the same colours."""
    xs, ys = _cuts(rng, rng.uniform(0.2, 0.8) * S, 4), _cuts(rng, scene.horizon * S, 4)
    on = sheet(_CHALK)
    last = 3
    for y0, y1 in pairwise(ys):
        for x0, x1 in pairwise(xs):
            chosen = int(rng.choice(6, p=(0.15, 0.15, 0.15, 0.45, 0.0, 0.10)))
            chosen = 3 if chosen == last else chosen
            on[y0:y1, x0:x1], last = ink(_SIX[chosen]), chosen
    for x in xs[1:-1]:
        on[:, x - 4 : x + 4] = ink(_LINE_BLACK)
    for y in ys[1:-1]:
        on[y - 4 : y + 4] = ink(_LINE_BLACK)
    cover = _steps(scene.cover)
    held = cover > 0.45
    dark = cv2.erode(scene.flat, np.ones((3, 3), np.uint8))  # what is small and dark stays
    mean = (_steps(dark * scene.cover[..., None]) / (cover[..., None] + 1e-3)).clip(0, 1).astype(np.float32)
    chosen = _STANDS_FOR[nearest(mean, _SEEN)]
    tone = luminance(mean) * held
    around = cv2.blur(tone, (11, 11)) / (cv2.blur(held.astype(np.float32), (11, 11)) + 1e-3)
    chosen[(tone < around - 0.13) & (np.ptp(mean, -1) < 0.42)] = _SIX.index(_LINE_BLACK)
    cells = np.where(held, chosen + 1, 0).astype(np.uint8)
    labels = _unstepped(cells)
    large = np.where(held, cv2.medianBlur(cells, 5), 0).astype(np.uint8)  # eyes and the like have no lines around them
    edge = cv2.morphologyEx(_unstepped(large), cv2.MORPH_GRADIENT, np.ones((4, 4), np.uint8)) > 0
    rim = cv2.dilate(_unstepped(held.astype(np.uint8)), np.ones((13, 13), np.uint8)) > 0
    image = painted(on)
    image[rim] = _LINE_BLACK
    body = np.asarray(_SIX, np.float32)[(labels.astype(int) - 1).clip(0)]
    image = np.where((labels > 0)[..., None], body, image)
    image[edge & (labels > 0)] = _LINE_BLACK
    return grain(image, rng, 0.012, 6)


def _wobbly_grid(rng: np.random.Generator, cell: float, bend: float) -> tuple[np.ndarray, Field]:
    """Labels of a grid of squares drawn by hand, and how far within its square each pixel is (pixels)."""
    x, y = COLUMNS + bend * noise(rng, 60) + 40, ROWS + bend * noise(rng, 60) + 40
    labels = (x // cell).astype(int) + (y // cell).astype(int) * (int(S / cell) + 6)
    within = np.minimum.reduce([x % cell, cell - x % cell, y % cell, cell - y % cell])
    return labels, within


_KLEE: tuple[Colour, ...] = (
    (0.88, 0.52, 0.22), (0.93, 0.74, 0.36), (0.76, 0.30, 0.22), (0.96, 0.86, 0.62), (0.62, 0.22, 0.26),
    (0.44, 0.52, 0.42), (0.30, 0.42, 0.56), (0.90, 0.60, 0.52), (0.55, 0.38, 0.30), (0.70, 0.66, 0.40),
)  # fmt: skip


def klee(scene: Scene, rng: np.random.Generator) -> Image:
    """A patchwork of small warm squares; the subject in a bold childlike line, its patches in its own colours."""
    labels, within = _wobbly_grid(rng, 33, 8)
    count = int(labels.max()) + 1
    chosen = np.asarray(_KLEE, np.float32)[
        rng.choice(len(_KLEE), count, p=(0.16, 0.15, 0.13, 0.12, 0.07, 0.07, 0.08, 0.10, 0.06, 0.06))
    ]
    back = averaged(labels, backdrop(scene))
    around = saturated(mix(chosen[labels], back, 0.36), 1.15)
    wobble = 4 * noise(rng, 34), 4 * noise(rng, 34)
    seen = _moved(scene, *wobble)
    gain = rng.uniform(0.80, 1.22, count).astype(np.float32)[labels][..., None]
    object_ = mix(saturated(seen.flat, 1.1) * gain, chosen[labels], 0.16).clip(0, 1)
    image = mix(around, object_, blur(seen.cover, 0.7))
    joints = smoothstep(1.0, 2.2, within) * 0.14 + 0.86
    image = image * (joints * (1 + 0.06 * clouds(rng, 24) + 0.02 * noise(rng, 4)))[..., None]
    return mix(image.clip(0, 1), (0.16, 0.09, 0.08), 0.92 * key_lines(seen, 7, 0.9)).astype(np.float32)


# Abstraction

_BOLD: tuple[Colour, ...] = (
    (0.88, 0.18, 0.16), (0.98, 0.78, 0.14), (0.12, 0.32, 0.72), (0.10, 0.10, 0.12),
    (0.20, 0.60, 0.48), (0.95, 0.52, 0.18), (0.56, 0.26, 0.58), (0.92, 0.60, 0.68), (0.50, 0.76, 0.90),
)  # fmt: skip


def _bold(rng: np.random.Generator) -> Colour:
    return _BOLD[rng.integers(len(_BOLD))]


def _target(on: np.ndarray, rng: np.random.Generator, x: float, y: float, radius: float) -> None:
    """Circles within a circle, with a halo."""
    for share, colour in ((1.0, _BOLD[3]), (0.86, _bold(rng)), (0.56, _bold(rng)), (0.28, _bold(rng))):
        disc(on, x, y, radius * share, colour)


def _signs(on: np.ndarray, rng: np.random.Generator, points: Points) -> None:
    """Triangles, arcs, chequers, combs of lines and small discs at points."""
    for k, (x, y) in enumerate(points):
        at, turn, size = np.asarray((x, y)), rng.uniform(0, 2 * np.pi), rng.uniform(20, 36)
        along, across = np.asarray((np.cos(turn), np.sin(turn))), np.asarray((-np.sin(turn), np.cos(turn)))
        if k % 6 == 0:
            _target(on, rng, x, y, size * 1.15)
        elif k % 6 == 1:
            polygon(
                on, np.stack([at + along * size * 1.4, at + across * size * 0.6, at - across * size * 0.6]), _bold(rng)
            )
        elif k % 6 == 2:
            for radius in (size * 1.2, size * 0.8):
                start = np.rad2deg(turn)
                cv2.ellipse(
                    on, (int(x), int(y)), (int(radius),) * 2, 0, start, start + 150, ink(_BOLD[3]), 5, cv2.LINE_AA
                )
        elif k % 6 == 3:
            for i in range(9):
                corner = at + along * (i % 3 - 1.5) * 12 + across * (i // 3 - 1.5) * 12
                square = np.stack([corner, corner + along * 12, corner + (along + across) * 12, corner + across * 12])
                polygon(on, square, _BOLD[3] if i % 2 else _bold(rng))
        elif k % 6 == 4:
            for i in range(4):
                a = at + across * (i - 1.5) * 11
                line(on, np.stack([a - along * size, a + along * size]), _BOLD[3] if i % 2 else _bold(rng), 4)
        else:
            disc(on, x, y, size * 0.55, _bold(rng))
            disc(on, x, y, size * 0.55, _BOLD[3], 4)


def _telling(scene: Scene) -> Field:
    """Where eyes, mouths and the like are, and what is close to them: (S, S) in [0, 1]."""
    small = cv2.resize(detail(scene, scene.flat) * scene.cover, (S // 4, S // 4), interpolation=cv2.INTER_AREA)
    near = blur(cv2.dilate((small > 0.35).astype(np.float32), np.ones((9, 9), np.uint8)), 2)
    return cv2.resize(near, (S, S), interpolation=cv2.INTER_LINEAR)


def kandinsky(scene: Scene, rng: np.random.Generator) -> Image:
    """Circles, arcs, triangles and long lines float on a pale ground; the subject in bold flat shapes among them."""
    back = backdrop(scene, 6)
    ground = mix(even((0.95, 0.92, 0.83)), saturated(back, 1.4) * 0.6 + 0.4, 0.30 + 0.20 * clouds(rng, 80))
    on = sheet(ground)
    centre, reach = _middle(scene)
    halo = centre + rng.uniform(-40, 40, 2)
    disc(on, halo[0], halo[1], reach * 1.02, mix(np.asarray(_bold(rng)), (0.97, 0.94, 0.86), 0.45))
    disc(on, halo[0], halo[1], reach * 1.02, _BOLD[3], 4)
    for _ in range(4):  # long lines that cross the whole
        turn = rng.uniform(0, np.pi)
        at, along = centre + rng.uniform(-110, 110, 2), np.asarray((np.cos(turn), np.sin(turn)))
        line(on, np.stack([at - along * 2 * S, at + along * 2 * S]), _BOLD[3], rng.choice((3, 4, 6)))
    columns, rows = np.meshgrid(np.arange(46, S, 97), np.arange(46, S, 97))
    points = rng.permutation(np.stack([columns, rows], -1).reshape(-1, 2) + rng.uniform(-24, 24, (columns.size, 2)))
    _signs(on, rng, points)
    if scene.sun:
        _target(on, rng, *scene.sun, 44)
    image = painted(on)
    body = saturated(scene.flat, 1.45)
    plain = 1 - _telling(scene)
    for _ in range(3):  # transparent discs: what lies under them changes its tone
        x, y = centre + rng.uniform(-80, 80, 2)
        inside = smoothstep(1, -1, np.hypot(COLUMNS - x, ROWS - y) - rng.uniform(34, 62))
        body = mix(body, mix(body * 0.92, _bold(rng), 0.34), inside * plain)
    image = mix(image, body.clip(0, 1), blur(scene.cover, 0.6))
    image = mix(image, _BOLD[3], key_lines(scene, 5, 0.85))
    on = sheet(image)
    start = rng.uniform(150, 260)
    for radius in (rng.uniform(70, 105), rng.uniform(118, 150)):
        middle, axes, turn = (int(centre[0]), int(centre[1])), (int(radius), int(radius * 1.1)), rng.uniform(-20, 20)
        cv2.ellipse(on, middle, axes, turn, start, start + 130, ink(_bold(rng)), 6, cv2.LINE_AA)
    calm = detail(scene, scene.flat) * scene.cover
    return grain(mix(painted(on), image, smoothstep(0.25, 0.5, calm)), rng, 0.015, 5)


_FIELDS_OF_COLOUR: tuple[tuple[Colour, Colour, Colour, Colour], ...] = (  # the ground, and three fields from the top
    ((0.62, 0.12, 0.10), (0.95, 0.48, 0.12), (0.88, 0.22, 0.14), (0.98, 0.72, 0.20)),
    ((0.90, 0.46, 0.14), (0.98, 0.80, 0.26), (0.86, 0.20, 0.16), (0.96, 0.60, 0.18)),
    ((0.10, 0.14, 0.32), (0.14, 0.30, 0.62), (0.06, 0.10, 0.24), (0.20, 0.46, 0.60)),
    ((0.30, 0.08, 0.14), (0.55, 0.10, 0.16), (0.16, 0.05, 0.10), (0.74, 0.22, 0.18)),
    ((0.84, 0.66, 0.30), (0.94, 0.86, 0.60), (0.60, 0.68, 0.42), (0.95, 0.76, 0.34)),
    ((0.34, 0.16, 0.34), (0.62, 0.24, 0.42), (0.90, 0.42, 0.30), (0.24, 0.14, 0.36)),
    ((0.12, 0.28, 0.26), (0.20, 0.46, 0.38), (0.10, 0.20, 0.28), (0.42, 0.58, 0.34)),
)


def rothko(scene: Scene, rng: np.random.Generator) -> Image:
    """Two or three soft rectangles of glowing colour float one above another; the subject hovers in them, feathered."""
    inside = scene.flat[scene.cover > 0.5]
    own = inside.mean(0) if len(inside) else np.asarray((0.5, 0.5, 0.5), np.float32)
    tones = np.asarray(_FIELDS_OF_COLOUR)[:, 1:]
    apart = np.linalg.norm(tones - own, axis=-1).min(1)  # the subject must not sink into a field of its own colour
    fit = np.flatnonzero(apart >= min(0.38, float(apart.max())))
    ground, *fields = _FIELDS_OF_COLOUR[rng.choice(fit)]
    image = even(ground) * (1 + 0.10 * clouds(rng, 90))[..., None]
    split = (scene.horizon + rng.uniform(-0.05, 0.05)) * S
    edges = (0.05 * S, split) if rng.random() < 0.5 else (0.05 * S, split * rng.uniform(0.30, 0.45), split)
    colours = fields if len(edges) > 2 else (fields[0], fields[2])
    for k, (top, bottom) in enumerate(zip(edges, (*edges[1:], 0.96 * S), strict=True)):
        ragged = 8 * noise(rng, 40) + 3 * noise(rng, 12)
        far = np.minimum.reduce([COLUMNS - 0.06 * S, 0.94 * S - COLUMNS, ROWS - top - 6, bottom - 6 - ROWS]) + ragged
        thin = 0.90 + 0.10 * clouds(rng, 60)
        off = (ROWS - (top + bottom) / 2) / (0.36 * (bottom - top))  # it glows from its middle
        glow = 1 + 0.16 * np.exp(-(off**2)) + 0.07 * clouds(rng, 46)
        image = mix(image, even(colours[k]) * glow[..., None], smoothstep(-11, 16, far) * thin)
    own_colours = np.dstack([scene.flat * scene.cover[..., None], scene.cover])
    half = blur(cv2.resize(own_colours, (S // 2, S // 2), interpolation=cv2.INTER_AREA), 2.2)
    spread = cv2.resize(half[..., :3] / (half[..., 3:] + 1e-3), (S, S))
    soft = mix(saturated(spread, 1.15), blur(scene.flat, 1.8), detail(scene, scene.flat) * scene.cover)
    shape = smoothstep(0.12, 0.88, blur(scene.cover, 5.5) + 0.12 * noise(rng, 14))
    shape = np.maximum(shape, smoothstep(0.4, 1.0, blur(scene.cover, 2.5)) * 0.75)  # legs and masts, too
    halo = blur(cv2.resize(scene.cover, (S // 4, S // 4), interpolation=cv2.INTER_AREA), 4)
    image = image * (1 + 0.20 * cv2.resize(halo, (S, S)))[..., None]
    image = mix(image, soft * (1 + 0.12 * clouds(rng, 40))[..., None], 0.90 * shape)
    return image.clip(0, 1).astype(np.float32)


def _tangle(rng: np.random.Generator, count: int, long: int, step: float, where: Points | None = None) -> list[Points]:
    """Thrown lines: walks whose turning changes smoothly, each (long, 2)."""
    starts = rng.uniform(-20, S + 20, (count, 2)) if where is None else where[rng.integers(len(where), size=count)]
    curl = rng.normal(0, 0.21, (count, long // 8 + 2))
    at = np.linspace(0, curl.shape[1] - 1, long)
    turning = np.stack([np.interp(at, np.arange(len(row)), row) for row in curl])
    angle = rng.uniform(0, 2 * np.pi, (count, 1)) + np.cumsum(turning, 1)
    walks = starts[:, None] + step * np.cumsum(np.stack([np.cos(angle), np.sin(angle)], -1), 1)
    return list(walks)


def _throw(
    on: np.ndarray, rng: np.random.Generator, lines: list[Points], colour: Colour, width: tuple[float, float]
) -> None:
    """Lines that thicken and thin as paint runs, with blobs where they end."""
    for walk in lines:
        wide = rng.uniform(*width)
        for part in np.array_split(np.arange(len(walk)), 4):
            line(on, walk[part[0] : part[-1] + 2], colour, wide * rng.uniform(0.6, 1.3))
        disc(on, walk[-1, 0], walk[-1, 1], wide * 0.9, colour)


def _splatter(on: np.ndarray, rng: np.random.Generator, count: int, colour: Colour, largest: float) -> None:
    for x, y in rng.uniform(0, S, (count, 2)):
        disc(on, x, y, largest * rng.uniform(0.3, 1) ** 2, colour)


_DRIP_BLACK: Colour = (0.06, 0.05, 0.05)
_DRIPS: tuple[tuple[Colour, Colour], ...] = (
    ((0.72, 0.20, 0.14), (0.86, 0.66, 0.18)), ((0.16, 0.42, 0.50), (0.86, 0.62, 0.24)),
    ((0.20, 0.30, 0.58), (0.80, 0.26, 0.18)),
    ((0.56, 0.40, 0.24), (0.36, 0.50, 0.46)),
)  # fmt: skip


def pollock(scene: Scene, rng: np.random.Generator) -> Image:
    """Dripped tangles and splatters in black, white and two colours on raw canvas; the subject in its own."""
    ground = mix(even((0.90, 0.84, 0.71)), backdrop(scene, 4), 0.38)
    on = sheet(ground)
    first, second = _DRIPS[rng.integers(len(_DRIPS))]
    white = (0.97, 0.95, 0.90)
    for colour, count, width in (
        (second, 14, (4, 7)),
        (first, 14, (4, 7)),
        (white, 16, (4, 6)),
        (_DRIP_BLACK, 17, (3.5, 7)),
    ):
        _throw(on, rng, _tangle(rng, count, 44, 9), colour, width)
        _splatter(on, rng, 34, colour, 8)
    room = blur(
        cv2.resize(cv2.dilate(scene.cover, np.ones((9, 9), np.uint8)), (S // 4, S // 4), interpolation=cv2.INTER_AREA),
        2.5,
    )
    around = mix(painted(on), ground, 0.75 * smoothstep(0.15, 0.7, cv2.resize(room, (S, S))))  # lines keep away from it
    within = np.argwhere(scene.cover[::4, ::4] > 0.6)[:, ::-1] * 4.0
    inner = sheet((0.0, 0.0, 0.0))
    if len(within):
        _throw(inner, rng, _tangle(rng, 75, 24, 7, within), (1.0, 1.0, 1.0), (6, 9))
    paint = np.maximum(painted(inner)[..., 0], 0.9 * detail(scene, scene.flat))
    body = saturated(scene.flat, 1.35)
    streak = 1 + 0.16 * noise(rng, 9)
    object_ = mix(mix(body, (0.93, 0.88, 0.78), 0.58), body * streak[..., None], paint)
    image = mix(around, object_.clip(0, 1), 0.94 * smoothstep(0.3, 0.7, blur(scene.cover, 1.5) + 0.12 * noise(rng, 10)))
    thrown = sheet(image)
    for colour in (_DRIP_BLACK, white, first):
        _throw(thrown, rng, _tangle(rng, 3, 44, 9), colour, (3.5, 5))
    image = mix(painted(thrown), image, _telling(scene) * scene.cover)
    run = 3 * noise(rng, 26), 3 * noise(rng, 26)
    return (
        mix(image, _DRIP_BLACK, warped(key_lines(scene, 6, 0.7), *run) * smoothstep(-0.75, -0.35, noise(rng, 24)))
        .clip(0, 1)
        .astype(np.float32)
    )

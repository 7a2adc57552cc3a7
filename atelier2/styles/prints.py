"""Makers of flat colour: woodblocks, silkscreens, comics, glass, cut paper, gold leaf."""

import cv2
import numpy as np

from atelier2.brush import (
    averaged,
    backdrop,
    disc,
    even,
    grain,
    ink,
    key_lines,
    line,
    nearest,
    painted,
    pieces,
    polygon,
    sample,
    sheet,
    silhouettes,
    warped,
)  # fmt: skip
from atelier2.canvas import (
    COLUMNS,
    ROWS,
    Colour,
    Field,
    Image,
    S,
    X,
    Y,
    blur,
    clouds,
    luminance,
    mix,
    noise,
    saturated,
    smoothstep,
)  # fmt: skip
from atelier2.scene import FAR, FLOOR, GROUND, NIGHT, SKY, SUNSET, WALL, WATER, Scene

Points = np.ndarray  # (n, 2) as x, y


def _spline(knots: Points, count: int) -> Points:
    """A smooth curve through the knots (Catmull-Rom)."""
    padded = np.concatenate([2 * knots[:1] - knots[1:2], knots, 2 * knots[-1:] - knots[-2:-1]])
    t = np.linspace(0, len(knots) - 1, count)
    k = np.minimum(t.astype(int), len(knots) - 2)
    f = (t - k)[:, None]
    a, b, c, d = (padded[k + i] for i in range(4))
    curve: Points = 0.5 * (2 * b + (c - a) * f + (2 * a - 5 * b + 4 * c - d) * f**2 + (3 * b - a - 3 * c + d) * f**3)
    return curve


def _spiral(x: float, y: float, radius: float, turns: float, start: float, way: int) -> Points:
    t = np.linspace(0.12, 1, int(14 * turns) + 2)
    turn = start + way * 2 * np.pi * turns * t
    curve: Points = np.stack([x + radius * t * np.cos(turn), y + radius * t * np.sin(turn)], 1)
    return curve


def _darkness(scene: Scene) -> Field:
    """Shadows of the round that flat colours lack, in [0, 1]."""
    dark: Field = ((luminance(scene.flat) - luminance(scene.solid)) * 2.2 * scene.cover).clip(0, 1)
    return dark


# Woodblock prints

_PRUSSIAN: Colour = (0.10, 0.19, 0.42)
_INDIGO: Colour = (0.27, 0.43, 0.63)
_PALE_BLUE: Colour = (0.62, 0.75, 0.81)
_CREAM: Colour = (0.94, 0.89, 0.76)
_OCHRE: Colour = (0.81, 0.63, 0.36)
_SAND: Colour = (0.89, 0.79, 0.58)
_VERMILION: Colour = (0.78, 0.30, 0.21)
_MOSS: Colour = (0.44, 0.54, 0.35)
_BLACK_INK: Colour = (0.12, 0.13, 0.19)
_UMBER: Colour = (0.45, 0.31, 0.22)
_ROSE: Colour = (0.87, 0.61, 0.53)
_GREY: Colour = (0.60, 0.59, 0.56)
_MAUVE: Colour = (0.46, 0.34, 0.50)
_WOODBLOCK = (_PRUSSIAN, _INDIGO, _PALE_BLUE, _CREAM, _OCHRE, _SAND, _VERMILION, _MOSS, _BLACK_INK, _UMBER, _ROSE,
              _GREY, _MAUVE)  # fmt: skip
_FIELDS = (_OCHRE, _SAND, _MOSS, _CREAM, _INDIGO, _PALE_BLUE)

# A wave that breaks to the right, in a unit square: its back up to the lip, and its hollow up to the lip.
_BACK = np.asarray([(-0.75, 1.0), (-0.42, 0.62), (-0.12, 0.22), (0.14, 0.04), (0.40, 0.03), (0.60, 0.14), (0.70, 0.30)])
_HOLLOW = np.asarray(
    [(1.15, 1.0), (0.72, 0.92), (0.42, 0.80), (0.27, 0.62), (0.25, 0.44), (0.36, 0.29), (0.54, 0.25), (0.70, 0.30)]
)


def _claws(on: np.ndarray, curve: Points, side: float, size: float) -> None:
    """Foam that breaks off a curve in hooks, to one side of it."""
    along = np.gradient(curve, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True) + 1e-6
    across = side * np.stack([-along[:, 1], along[:, 0]], 1)
    reach = np.asarray([(-0.5, 0), (0.7, 0), (1.3, 0.25), (1.5, 0.85), (1.15, 1.25)])
    hooks = [p + size * (reach[:, :1] * n + reach[:, 1:] * t) for p, n, t in zip(curve, across, along, strict=True)]
    for colour, wider in ((_PRUSSIAN, 5.0), (_CREAM, 0.0)):
        for p, hook in zip(curve, hooks, strict=True):
            line(on, _spline(hook, 10), colour, 0.62 * size + wider)
            disc(on, p[0], p[1], 0.75 * size + wider / 2, colour)


def _great_wave(on: np.ndarray, left: float, top: float, width: float, height: float, way: int) -> None:
    """The wave, with stripes along its hollow and claws of foam; way: 1 breaks to the right, -1 to the left."""
    size = np.asarray((width, height))
    back, hollow = (_spline(knots * size, 60) for knots in (_BACK, _HOLLOW))
    if way < 0:
        back, hollow = ((width, 0) + curve * (-1, 1) for curve in (back, hollow))
    corner = np.asarray((left, top))
    back, hollow = back + corner, hollow + corner

    def between(share: float) -> Points:
        curve: Points = back + (hollow - back) * share
        return curve

    polygon(on, np.concatenate([back, hollow[::-1]]), _INDIGO)
    stripes = ((0.18, 0.34, _PRUSSIAN), (0.44, 0.56, _PALE_BLUE), (0.64, 0.80, _PRUSSIAN), (0.86, 0.93, _CREAM))
    for near, far, colour in stripes:
        polygon(on, np.concatenate([between(near), between(far)[::-1]]), colour)
    line(on, np.concatenate([back, hollow[::-1]]), _BLACK_INK, 4)
    polygon(on, np.concatenate([back[24:], between(0.16)[24:][::-1]]), _CREAM)
    _claws(on, hollow[46::3], -way, height * 0.045)
    _claws(on, back[26::5], way, height * 0.032)
    tip = back[-1]
    for x, y, radius in ((10, 34, 5), (30, 10, 4), (26, 40, 3.5), (-12, 56, 4.5), (44, 28, 3.5), (8, 64, 3.5)):
        disc(on, tip[0] + way * x, tip[1] + y, radius + 1.5, _PRUSSIAN)
        disc(on, tip[0] + way * x, tip[1] + y, radius, _CREAM)


def _swells(on: np.ndarray, rng: np.random.Generator, top: float, way: int) -> None:
    """Rows of smaller waves from the horizon to the lower edge, the nearer the larger."""
    y, step = top + 6, 15.0
    blues = (_PALE_BLUE, _INDIGO, _PRUSSIAN)
    for row in range(9):
        long, phase = 3.4 * step, rng.uniform(0, 6.28)
        t = np.linspace(-1, S / long * 2 * np.pi + 1, 160)
        x, crest = t * long / (2 * np.pi) + way * 0.22 * step * np.cos(t + phase), y - 0.30 * step * np.sin(t + phase)
        crests = np.stack([x, crest], 1)
        polygon(on, np.concatenate([crests, [(S + 9, S + 9), (-9, S + 9)]]), blues[row % 3])
        line(on, crests + np.asarray((0, 0.22 * step)), _CREAM, 0.16 * step)
        line(on, crests, _BLACK_INK, 3)
        peaks = np.flatnonzero((crest[1:-1] < crest[:-2]) & (crest[1:-1] <= crest[2:])) + 1
        for peak in peaks if step > 26 else ():
            _claws(on, crests[max(0, peak - 4) : peak + 9 : 4][::way], -way, 0.15 * step + 2)
        y, step = y + 0.95 * step, step * 1.24
        if y > S + 20:
            break


def _mist_bands(on: np.ndarray, rng: np.random.Generator, horizon: float, colour: Colour, rim: Colour) -> None:
    """Clouds in level bands with curled ends."""
    for _ in range(3):
        y, x = rng.uniform(0.10, 0.72) * horizon * S, rng.choice((-0.1, 0.62)) * S + rng.uniform(-30, 30)
        count = int(rng.integers(2, 4))
        bars = [(x + rng.uniform(-40, 40), y + 15 * k, rng.uniform(0.28, 0.5) * S) for k in range(count)]
        for paint, width in ((rim, 23), (colour, 17)):
            for left, level, long in bars:
                line(on, np.asarray([(left, level), (left + long, level)]), paint, width)
        for left, level, long in bars:
            line(on, _spiral(left + long - 2, level, 7, 1.1, rng.uniform(0, 6), 1), rim, 3)


def _carved(scene: Scene, share: float) -> Image:
    """The objects' colours, nearer by share to the woodblock's inks."""
    inks = np.asarray(_WOODBLOCK, np.float32)[nearest(scene.flat, _WOODBLOCK)]
    return mix(scene.flat, inks, share)


def hokusai(scene: Scene, rng: np.random.Generator) -> Image:
    """Prussian blue, ochre and cream in flat fields with key lines; a great wave with claws; blue at the sky's top."""
    back = backdrop(scene)
    way = int(rng.choice((-1, 1))) if scene.sun is None else (1 if scene.sun[0] > S / 2 else -1)
    horizon = scene.horizon if (scene.part == SKY).any() or (scene.part == WALL).any() else 0.34
    glow = {SUNSET: _ROSE, NIGHT: _PALE_BLUE}.get(scene.light, _SAND)
    sky = mix(even(_CREAM), glow, smoothstep(0.4, 1.0, Y / horizon) * 0.75)
    on = sheet(sky)
    if (scene.part == SKY).any():
        _mist_bands(on, rng, scene.horizon, _CREAM if scene.light != NIGHT else _PALE_BLUE, _INDIGO)
    if scene.sun:
        disc(on, *scene.sun, 25, _VERMILION if scene.light != NIGHT else _CREAM)
    image = painted(on)
    far = mix(even(_INDIGO), _PALE_BLUE, smoothstep(0.25, 0.7, scene.depth))
    far = mix(far, _CREAM, smoothstep(0.10, 0.0, scene.horizon - Y) * 0.5)
    image = mix(image, far, (scene.part == FAR).astype(np.float32))
    image = mix(image, _PRUSSIAN, smoothstep(0.26, 0.02, Y) * (0.95 if scene.light != NIGHT else 1.0))  # bokashi
    if scene.light == NIGHT:
        image = mix(image, _PRUSSIAN, np.where(scene.part == SKY, 0.45, 0.25).astype(np.float32))
    on = sheet(image)
    if (scene.part == WATER).any():
        _swells(on, rng, horizon * S, way)
    tall, width = S * rng.uniform(0.74, 0.84), S * rng.uniform(0.54, 0.62)
    _great_wave(on, -0.09 * S if way > 0 else 1.09 * S - width, S * 0.98 - tall, width, tall, way)
    image = painted(on)
    land = np.isin(scene.part, (GROUND, FLOOR))
    fields = np.asarray(_FIELDS, np.float32)[nearest(back, _FIELDS)]
    rim = cv2.morphologyEx(land.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((4, 4), np.uint8))
    image = mix(image, mix(fields, back, 0.15), blur(land.astype(np.float32), 0.6))
    image = mix(image, _BLACK_INK, blur(rim.astype(np.float32), 0.6))
    image = mix(image, _carved(scene, 0.72), blur(scene.cover, 0.6))
    image = mix(image, _BLACK_INK, key_lines(scene, 4, 0.85))
    return _on_paper(image, rng)


def _on_paper(image: Image, rng: np.random.Generator) -> Image:
    """Mulberry paper, and the block's wood grain in it."""
    wood = cv2.resize(noise(rng, 5), (S * 6, S))[:, :S]
    printed: Image = (image * (0.985 + 0.022 * wood)[..., None] * np.asarray((1.0, 0.985, 0.95), np.float32)).clip(0, 1)
    return printed


_TEAL: Colour = (0.27, 0.45, 0.47)
_DUSK: Colour = (0.14, 0.19, 0.29)
_PINK: Colour = (0.90, 0.66, 0.60)
_MIST: Colour = (0.86, 0.87, 0.80)
_SEAL: Colour = (0.76, 0.16, 0.14)


def _rain(rng: np.random.Generator, count: int) -> Field:
    """Long slanting lines of two slants, (S, S) in [0, 1]."""
    wet = np.zeros((S, S), np.uint8)
    for slant in (0.30, 0.40):
        for x in np.linspace(-0.45 * S, S, count) + rng.uniform(-6, 6, count):
            y, long = rng.uniform(-0.6, 0.7) * S, rng.uniform(0.5, 1.1) * S
            x = x + slant * (S - y)
            ends = np.round(np.asarray([(x, y), (x - slant * long, y + long)]) * 16).astype(np.int32)
            cv2.polylines(wet, [ends], False, 255, 3, cv2.LINE_AA, 4)
    return wet.astype(np.float32) / 255


def _cartouche(on: np.ndarray, rng: np.random.Generator, x: int, y: int, width: int, height: int) -> None:
    """A red title in a cream frame, with brushed marks that are no writing."""
    cv2.rectangle(on, (x - 4, y - 4), (x + width + 4, y + height + 4), ink(_CREAM), -1)
    cv2.rectangle(on, (x, y), (x + width, y + height), ink(_SEAL), -1)
    for top in np.arange(y + 8, y + height - 12, 20):
        for _ in range(3):
            a = np.asarray((x + rng.uniform(6, width - 6), top + rng.uniform(0, 12)))
            mark = np.stack([a, a + rng.choice(([10, 1], [1, 11], [-7, 8]))])
            line(on, mark.clip((x + 5, 0), (x + width - 5, S)), _CREAM, 4)


def hiroshige(scene: Scene, rng: np.random.Generator) -> Image:
    """A print at dusk in teal, rose and grey: rain slants across it, the sky darkens upwards; a red cartouche."""
    height = (Y / scene.horizon).clip(0, 1)
    warm = {SUNSET: (0.93, 0.62, 0.46), NIGHT: (0.36, 0.50, 0.58)}.get(scene.light, _PINK)
    sky = mix(even(_TEAL), _MIST, smoothstep(0.12, 0.62, height))
    sky = mix(sky, warm, smoothstep(0.55, 1.0, height) * 0.9)
    sky = mix(sky, _DUSK, smoothstep(0.24, 0.0, Y + 0.012 * noise(rng, 60)))
    if scene.light == NIGHT:
        sky = mix(sky, _DUSK, 0.45)
    if scene.sun:
        sky = mix(sky, (0.95, 0.90, 0.78), smoothstep(25, 23, np.hypot(COLUMNS - scene.sun[0], ROWS - scene.sun[1])))
    shade = smoothstep(0.34, 0.0, scene.horizon + 0.02 - Y)  # hills stand dark, and dissolve at their feet
    far = mix(mix(even(_DUSK), _TEAL, 0.25 + 0.6 * scene.depth), _MIST, 0.75 * shade)
    below = smoothstep(0.70, 1.0, Y)
    land = mix(mix(backdrop(scene), (0.50, 0.58, 0.50), 0.60), _DUSK, below * 0.62)
    ripples = smoothstep(0.2, 0.5, np.sin(ROWS / (3.2 + 5 * (Y - scene.horizon).clip(0, 1)) + 1.2 * noise(rng, 90)))
    water = mix(mix(even(_TEAL), _MIST, 0.30 * ripples), _DUSK, below * 0.7)
    image = sky
    for part, colours in ((FAR, far), (GROUND, land), (WATER, water), (FLOOR, mix(land, _PINK, 0.18))):
        image = mix(image, colours, (scene.part == part).astype(np.float32))
    rain = _rain(rng, 19)
    image = mix(image, _DUSK if scene.light != NIGHT else _MIST, rain * 0.55)
    tone = 0.55 * scene.flat + 0.45 * np.asarray(_WOODBLOCK, np.float32)[nearest(scene.flat, _WOODBLOCK)]
    soft = mix(tone, _TEAL, 0.10)
    image = mix(image, soft, blur(scene.cover, 0.6))
    image = mix(image, _DUSK, 0.9 * key_lines(scene, 3, 0.8))
    image = mix(image, _DUSK, rain * 0.16 * scene.cover)
    on = sheet(image)
    right = scene.cover[: S // 2, -S // 5 :].mean() <= scene.cover[: S // 2, : S // 5].mean()
    _cartouche(on, rng, S - 56 if right else 20, 22, 36, 104)
    _cartouche(on, rng, S - 52 if not right else 24, S - 54, 28, 28)
    return _on_paper(painted(on), rng)


# Silkscreen and comics

_PANELS: tuple[tuple[Colour, Colour, Colour, float], ...] = (  # above, below, what stands far, and the hue's turn
    ((0.99, 0.85, 0.10), (0.98, 0.45, 0.62), (0.98, 0.58, 0.12), 0),
    ((0.96, 0.20, 0.52), (0.30, 0.85, 0.82), (0.70, 0.12, 0.60), 95),
    ((0.10, 0.75, 0.80), (0.96, 0.88, 0.15), (0.10, 0.45, 0.80), 190),
    ((0.96, 0.42, 0.10), (0.45, 0.20, 0.70), (0.85, 0.12, 0.20), 265),
    ((0.45, 0.82, 0.25), (0.95, 0.25, 0.30), (0.05, 0.55, 0.45), 140),
    ((0.42, 0.30, 0.80), (0.98, 0.60, 0.75), (0.22, 0.20, 0.60), 50),
)


def _loud(image: Image, turn: float, white: np.ndarray, grey: Colour) -> Image:
    """Colours with their hues turned, in flat full strength; white and grey in inks of their own."""
    hls = cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2HLS)
    chroma = image.max(-1) - image.min(-1)
    hue = (hls[..., 0] + turn) % 360
    lightness = np.where(hls[..., 1] > 0.72, 0.74, np.where(hls[..., 1] > 0.3, 0.52, 0.28))
    vivid = cv2.cvtColor(np.dstack([hue, lightness, np.full_like(hue, 0.95)]).astype(np.float32), cv2.COLOR_HLS2RGB)
    plain = mix(np.broadcast_to(np.asarray(grey, np.float32), image.shape), white, smoothstep(0.55, 0.75, hls[..., 1]))
    return mix(plain, vivid, smoothstep(0.08, 0.18, chroma))


def warhol(scene: Scene, rng: np.random.Generator) -> Image:
    """The same picture four times, each panel in other loud flat inks, the black printed a little off."""
    half = S // 2
    small = cv2.resize(scene.flat, (half, half), interpolation=cv2.INTER_AREA)
    cover = smoothstep(0.35, 0.65, cv2.resize(scene.cover, (half, half), interpolation=cv2.INTER_AREA))
    part = cv2.medianBlur(scene.part, 7)[::2, ::2]
    dark = smoothstep(0.22, 0.14, luminance(scene.flat)) * scene.cover
    black = np.maximum(key_lines(scene, 5, 0.9), np.maximum(dark, 0.9 * smoothstep(0.42, 0.55, _darkness(scene))))
    black = cv2.resize(black, (half, half), interpolation=cv2.INTER_AREA)
    panels = []
    others = [0, *(1 + rng.permutation(len(_PANELS) - 1)[:3])]  # one keeps the subject's own hues
    for above, below, far, turn in (_PANELS[k] for k in rng.permutation(others)):
        low, away = np.isin(part, (GROUND, WATER, FLOOR)), part == FAR
        ground = np.where(low[..., None], below, np.where(away[..., None], far, above)).astype(np.float32)
        coloured = _loud(small, turn, mix(np.asarray(above), (1, 1, 1), 0.72), far)
        shift = np.asarray([[1, 0, rng.uniform(1.5, 3) * rng.choice((-1, 1))], [0, 1, rng.uniform(1, 2.5)]])
        off = cv2.warpAffine(black, shift, (half, half))
        panel = mix(mix(ground, coloured, cover), (0.06, 0.05, 0.08), off)
        panels.append(cv2.copyMakeBorder(panel[2:-2, 2:-2], 2, 2, 2, 2, cv2.BORDER_CONSTANT, value=(1.0, 1.0, 1.0)))
    return np.vstack([np.hstack(panels[:2]), np.hstack(panels[2:])]).astype(np.float32)


_RED: Colour = (0.90, 0.10, 0.14)
_YELLOW: Colour = (1.0, 0.86, 0.08)
_BLUE: Colour = (0.08, 0.26, 0.76)
_GREEN: Colour = (0.05, 0.58, 0.28)
_WHITE: Colour = (1.0, 0.99, 0.95)
_BLACK: Colour = (0.03, 0.03, 0.05)
# A colour, and how the press makes it: the ground, its dots, and the dots' share of the area
_PRESS: tuple[tuple[Colour, Colour, Colour, float], ...] = (
    ((0.85, 0.12, 0.15), _RED, _RED, 0), ((0.97, 0.78, 0.66), (1.0, 0.92, 0.86), _RED, 0.20),
    ((0.78, 0.56, 0.40), (1.0, 0.80, 0.52), _RED, 0.28), ((0.40, 0.24, 0.16), (0.70, 0.22, 0.10), _BLACK, 0.34),
    ((0.55, 0.36, 0.24), (0.86, 0.45, 0.16), _BLACK, 0.22), ((0.97, 0.52, 0.15), _YELLOW, _RED, 0.36),
    ((0.99, 0.84, 0.20), _YELLOW, _YELLOW, 0), ((0.98, 0.93, 0.65), _WHITE, _YELLOW, 0.5),
    ((0.22, 0.58, 0.26), _GREEN, _GREEN, 0), ((0.60, 0.78, 0.35), _YELLOW, _GREEN, 0.40),
    ((0.12, 0.26, 0.14), _GREEN, _BLACK, 0.26), ((0.68, 0.84, 0.96), _WHITE, _BLUE, 0.30),
    ((0.40, 0.62, 0.88), _WHITE, _BLUE, 0.40), ((0.15, 0.38, 0.85), _BLUE, _BLUE, 0),
    ((0.18, 0.58, 0.92), (0.45, 0.76, 1.0), _BLUE, 0.30), ((0.12, 0.76, 0.94), (0.50, 0.82, 1.0), _BLUE, 0.20),
    ((0.25, 0.66, 0.70), _WHITE, _BLUE, 0.42), ((0.10, 0.36, 0.44), _BLUE, _GREEN, 0.34),
    ((0.62, 0.52, 0.68), (1.0, 0.72, 0.80), _BLUE, 0.34), ((0.08, 0.12, 0.34), _BLUE, _BLACK, 0.26),
    ((0.50, 0.26, 0.66), (0.62, 0.22, 0.66), _BLUE, 0.34), ((0.96, 0.52, 0.70), (1.0, 0.72, 0.80), _RED, 0.30),
    ((0.97, 0.97, 0.97), _WHITE, _WHITE, 0), ((0.78, 0.78, 0.78), _WHITE, _BLACK, 0.16),
    ((0.50, 0.50, 0.52), _WHITE, _BLACK, 0.34), ((0.10, 0.10, 0.11), _BLACK, _BLACK, 0),
)  # fmt: skip
_PRESS_COLOURS = tuple(row[0] for row in _PRESS)
_PITCH = 10.5  # of the dots, 7 pixels in the picture


def _pressed(image: Image) -> Image:
    """Every colour as its ground and dots."""
    row = nearest(image, _PRESS_COLOURS)
    ground, dot = (np.asarray([entry[k] for entry in _PRESS], np.float32)[row] for k in (1, 2))
    share = np.asarray([entry[3] for entry in _PRESS], np.float32)[row]
    u, v = (COLUMNS + ROWS) * (np.pi / _PITCH), (COLUMNS - ROWS) * (np.pi / _PITCH)
    wave = np.cos(u) * np.cos(v)  # its maxima are the dots' centres, staggered
    level = 1 - 2.1 * share
    return mix(ground, dot, smoothstep(-0.14, 0.14, wave - level) * (share > 0))


def lichtenstein(scene: Scene, rng: np.random.Generator) -> Image:
    """A comic strip's panel: thick black lines, Ben-Day dots, primary colours."""
    back = saturated(backdrop(scene, 2.5), 1.6)
    grey = 1 - smoothstep(0.10, 0.22, back.max(-1) - back.min(-1))  # behind, blue dots are printed for greys
    back = mix(back, (0.40, 0.62, 0.88), grey * smoothstep(0.93, 0.86, luminance(back)))
    image = _pressed(mix(back, saturated(scene.flat, 1.25), (scene.cover > 0.5).astype(np.float32)))
    parts = cv2.morphologyEx(cv2.medianBlur(scene.part, 7), cv2.MORPH_GRADIENT, np.ones((5, 5), np.uint8)) > 0
    image = mix(image, _BLACK, blur((parts & scene.behind).astype(np.float32), 0.7))
    image = mix(image, _BLACK, smoothstep(0.50, 0.58, blur(_darkness(scene), 2)) * scene.cover)
    image = mix(image, _BLACK, np.maximum(silhouettes(scene, 8), key_lines(scene, 4)))
    frame = np.minimum.reduce([COLUMNS, ROWS, S - 1 - COLUMNS, S - 1 - ROWS])
    return mix(mix(image, _BLACK, smoothstep(14, 13, frame)), _WHITE, smoothstep(8, 7, frame))


# Glass


def _tall_pieces(rng: np.random.Generator, across: float, along: float) -> np.ndarray:
    """Pieces of staggered courses, across pixels wide and along pixels high: (S, S) labels."""
    columns, rows = np.meshgrid(np.arange(-across, S + across, across), np.arange(-along, S + along, along))
    columns = columns + (np.arange(len(columns)) % 2)[:, None] * across / 2
    points = np.stack([columns, rows], -1).reshape(-1, 2)
    points = points + rng.uniform(-0.3, 0.3, points.shape) * (across, along)
    return pieces(points[((points > 0) & (points < S)).all(1)])


_OPAL: tuple[Colour, ...] = (
    (1.0, 0.80, 0.45),
    (0.55, 0.90, 0.86),
    (0.98, 0.68, 0.66),
    (0.72, 0.66, 0.98),
    (0.80, 0.95, 0.60),
)


def _glazing(scene: Scene, rng: np.random.Generator) -> np.ndarray:
    """Labels of the pieces of glass: long in skies and water, upright elsewhere, smaller on objects."""
    level, upright, fine = _tall_pieces(rng, 128, 36), _tall_pieces(rng, 44, 66), _tall_pieces(rng, 54, 54)
    course = np.where(np.isin(scene.part, (SKY, WATER, FLOOR)), level, upright).astype(np.float32)
    x, y = COLUMNS + 16 * noise(rng, 90), ROWS + 16 * noise(rng, 90)
    course = cv2.remap(course, x, y, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE).astype(np.int32)
    count = int(max(level.max(), upright.max(), fine.max())) + 1
    part = cv2.medianBlur(np.where(scene.part == FAR, 2, np.isin(scene.part, (SKY, WALL))).astype(np.uint8), 9)
    inner = cv2.erode((scene.cover > 0.5).astype(np.uint8), np.ones((11, 11), np.uint8))
    edges = np.abs(cv2.Laplacian(blur(luminance(scene.flat), 1), cv2.CV_32F)) * inner
    near = blur(cv2.resize(edges, (S // 4, S // 4), interpolation=cv2.INTER_AREA), 5)
    edges = cv2.resize(near, (S, S), interpolation=cv2.INTER_LINEAR) * scene.cover
    drawn = np.bincount(fine.ravel(), edges.ravel()) / np.bincount(fine.ravel()).clip(1)
    fine = np.where(drawn[fine] > 0.003, 0, fine)  # no came crosses a face or the like
    return np.where(scene.which > 0, fine + count * (3 + scene.which.astype(np.int32)), course + count * part)


def _cames(labels: np.ndarray) -> Field:
    """How far each pixel is from the next piece."""
    lead = np.zeros((S, S), np.uint8)
    lead[1:] |= labels[1:] != labels[:-1]
    lead[:, 1:] |= labels[:, 1:] != labels[:, :-1]
    return cv2.distanceTransform(1 - lead, cv2.DIST_L2, 3)


def tiffany(scene: Scene, rng: np.random.Generator) -> Image:
    """A leaded window: pieces of glowing uneven glass that follow sky, land and object, with dark cames between."""
    labels = _glazing(scene, rng)
    deep = _cames(labels)
    base = mix(backdrop(scene), scene.flat, scene.cover)
    base = base**0.72 if scene.light == NIGHT else base  # light comes through the darkest glass
    glass = mix(averaged(labels, base), base, np.where(scene.which > 0, 0.85, 0.35).astype(np.float32))
    glass = saturated(glass, 1.75) * 0.90 + 0.05
    chosen = rng.uniform(0, 1, (int(labels.max()) + 1, 4)).astype(np.float32)[labels]
    pale = 1 - smoothstep(0.08, 0.30, glass.max(-1) - glass.min(-1))  # plain glass is opalescent
    tint = np.asarray(_OPAL, np.float32)[(chosen[..., 3] * len(_OPAL)).astype(int)]
    glass = mix(glass, glass * tint * 1.1, np.where(scene.which > 0, 0.25, 0.8).astype(np.float32) * pale)
    streaks = clouds(rng, 44, 3)
    streaks = np.where(chosen[..., 3] > 0.5, streaks, streaks.T)
    strength = np.where(scene.which > 0, 0.5, 1.0).astype(np.float32)[..., None]
    uneven = 0.44 * (chosen[..., :1] - 0.5) + 0.12 * (chosen[..., :3] - 0.5) + 0.34 * streaks[..., None]
    glass = glass * (1 + strength * uneven) * (0.88 + 0.10 * scene.cover)[..., None]
    glass = glass * (0.70 + 0.45 * smoothstep(0, 15, deep))[..., None] + 0.10 * smoothstep(8, 24, deep)[..., None]
    glass = mix(glass, glass * 1.10, np.exp(-((X - 0.5) ** 2 + (Y - 0.45) ** 2) / 0.18))
    wide = 3.3 - 0.8 * scene.cover
    came = np.maximum(((wide - deep) / 1.4).clip(0, 1), silhouettes(scene, 8))
    glass = mix(glass.clip(0, 1), (0.08, 0.06, 0.06), 0.85 * key_lines(scene, 3, 0.9))
    shine = 0.05 + 0.10 * smoothstep(1.6, 0.4, deep)[..., None] * np.asarray((1, 1, 1.1), np.float32)
    return mix(glass, shine.astype(np.float32), came).clip(0, 1)


# Cut paper

_GOUACHE: tuple[Colour, ...] = (
    (0.10, 0.26, 0.68), (0.22, 0.55, 0.82), (0.96, 0.74, 0.14), (0.93, 0.40, 0.16), (0.86, 0.16, 0.22),
    (0.94, 0.52, 0.62), (0.16, 0.52, 0.30), (0.52, 0.72, 0.28), (0.36, 0.18, 0.46),
    (0.96, 0.94, 0.88), (0.08, 0.09, 0.12), (0.66, 0.74, 0.80),
    (0.48, 0.28, 0.16), (0.95, 0.78, 0.62), (0.72, 0.50, 0.34), (0.80, 0.70, 0.50),
)  # fmt: skip
_LEAVES = (0, 2, 3, 4, 5, 6, 7, 9, 10)  # those of them that leaves are cut from


def _alga(on: np.ndarray, rng: np.random.Generator, at: Points, size: float, colour: Colour) -> None:
    """A frond with rounded fingers on both sides, as scissors cut it."""
    turn = rng.uniform(-0.9, 0.9) + (np.pi if rng.random() < 0.3 else 0.0)
    t = np.linspace(-1, 1, 5)
    bend = rng.uniform(-0.3, 0.3)
    spine = np.stack([bend * size * t**2, -size * t], 1)
    spin = np.asarray([(np.cos(turn), np.sin(turn)), (-np.sin(turn), np.cos(turn))])
    line(on, spine @ spin + at, colour, 0.26 * size)
    for k in range(5):
        for side in (-1, 1):
            reach = size * (0.95 - 0.45 * abs(t[k] + 0.1)) * rng.uniform(0.85, 1.15)
            knee = spine[k] + reach * np.asarray((side * 0.62, -0.12))
            tip = spine[k] + reach * np.asarray((side * 0.84, -0.52))
            line(on, _spline(np.stack([spine[k], knee, tip]), 7) @ spin + at, colour, 0.29 * size)


def _alike(scene: Scene) -> np.ndarray:
    """How near each gouache is to the colours of the objects, in [0, 1]."""
    inside = scene.flat[scene.cover > 0.5][::97]
    if not len(inside):
        return np.zeros(len(_GOUACHE))
    distance = np.linalg.norm(inside[:, None] - np.asarray(_GOUACHE), axis=-1)
    alike: np.ndarray = (1 - distance / 0.5).clip(0, 1).mean(0)
    return alike / max(float(alike.max()), 1e-3)


def _papers(scene: Scene, rng: np.random.Generator, back: Image) -> np.ndarray:
    """The background's panels, each a sheet of gouache in a colour near that of the place, and not the objects'."""
    alike = _alike(scene)
    on = sheet((0.96, 0.94, 0.88))
    xs = np.asarray([-0.02, *np.sort(rng.uniform(0.26, 0.74, 2)), 1.02]) * S
    xs[1:3] = (xs[1:3] + np.asarray((0.34, 0.66)) * S) / 2
    split = scene.horizon * S
    ys = np.asarray([-8, split * rng.uniform(0.42, 0.56), split, S + 8])
    last = -1
    for row in range(3):
        for column in range(3):
            y0, y1, x0, x1 = ys[row], ys[row + 1], xs[column], xs[column + 1]
            window = back[max(0, int(y0)) : int(y1), max(0, int(x0)) : int(x1)]
            mean = window.reshape(-1, 3).mean(0) + rng.normal(0, 0.13, 3)
            distance = np.linalg.norm(np.asarray(_GOUACHE) - saturated(mean[None].astype(np.float32), 1.7), axis=1)
            distance += 0.5 * alike
            distance[last if last >= 0 else 10] += 1  # not the same twice, and black only by another way
            last = int(distance.argmin())
            corners = np.asarray([(x0, y0), (x1, y0), (x1, y1), (x0, y1)]) + rng.uniform(-5, 5, (4, 2))
            polygon(on, corners, _GOUACHE[last])
    return on


def matisse(scene: Scene, rng: np.random.Generator) -> Image:
    """Cut paper: plain bright shapes with the scissors' edges, algae and leaves on panels of coloured paper."""
    back = backdrop(scene)
    on = _papers(scene, rng, back)
    if scene.sun:
        disc(on, *scene.sun, 30, (0.96, 0.74, 0.14) if scene.light != NIGHT else (0.96, 0.94, 0.88))
    image = painted(on)
    far = cv2.medianBlur((scene.part == FAR).astype(np.uint8), 9).astype(np.float32)
    near = np.asarray(_GOUACHE, np.float32)[nearest(saturated(back, 1.5), _GOUACHE)]
    wobble = 4.5 * noise(rng, 22), 4.5 * noise(rng, 22)
    image = mix(image, near, smoothstep(0.35, 0.65, blur(warped(far, *wobble), 1.5)))
    on = sheet(image)
    alike = _alike(scene)
    away = cv2.distanceTransform((scene.cover < 0.5).astype(np.uint8), cv2.DIST_L2, 3)
    for at in _places(rng, 100):
        size, under = rng.uniform(34, 50), image[int(at[1]), int(at[0])]
        if away[int(at[1]), int(at[0])] < 0.55 * size:
            continue
        fit = [k for k in _LEAVES if alike[k] < 0.6 and np.abs(np.asarray(_GOUACHE[k]) - under).sum() > 0.8]
        _alga(on, rng, at, size, _GOUACHE[rng.choice(fit or _LEAVES)])
    image = painted(on)
    cut = np.asarray(_GOUACHE, np.float32)[nearest(saturated(scene.flat, 1.2), _GOUACHE)]
    cut = painted(cv2.medianBlur(sheet(mix(cut, saturated(scene.flat, 1.25), 0.4)), 7))
    slight = 2.6 * noise(rng, 18), 2.6 * noise(rng, 18)
    shape = smoothstep(0.35, 0.65, warped(scene.cover, *slight))
    image = image * (1 - 0.45 * blur(np.roll(shape, (4, 3), (0, 1)), 2.5) * (1 - shape))[..., None]
    image = mix(image, warped(cut, *slight), shape)
    brushed = cv2.resize(noise(rng, 7), (S, S * 4))[:S]
    gouache: Image = (image * (1 + 0.035 * brushed)[..., None]).clip(0, 1)
    return gouache.astype(np.float32)


def _places(rng: np.random.Generator, pitch: float) -> Points:
    """Points spread over the canvas with room between them."""
    columns, rows = np.meshgrid(np.arange(pitch / 2, S, pitch), np.arange(pitch / 2, S, pitch))
    columns = columns + ((np.arange(len(columns)) % 2)[:, None] - 0.5) * pitch / 2
    points = np.stack([columns, rows], -1).reshape(-1, 2) + rng.uniform(-0.22, 0.22, (columns.size, 2)) * pitch
    return rng.permutation(points.clip(0, S - 1))


# Gold leaf

_GOLD: Colour = (0.86, 0.67, 0.24)
_PALE_GOLD: Colour = (0.98, 0.86, 0.48)
_BRONZE: Colour = (0.40, 0.26, 0.10)
_MOSAIC: tuple[Colour, ...] = (
    _PALE_GOLD, (0.10, 0.08, 0.08), (0.95, 0.93, 0.85), (0.72, 0.50, 0.14), (0.62, 0.20, 0.14), (0.16, 0.34, 0.42),
    (0.70, 0.70, 0.68),
)  # fmt: skip


def _leaf(rng: np.random.Generator, image: Image) -> Image:
    """Gold leaf laid in squares, a little in the colour and tone of what it covers."""
    squares = cv2.resize(rng.uniform(-1, 1, (10, 10)).astype(np.float32), (S, S), interpolation=cv2.INTER_NEAREST)
    gold = np.asarray(_GOLD, np.float32) * (0.92 + 0.10 * squares + 0.16 * clouds(rng, 50))[..., None]
    tone = (luminance(image) - 0.55).clip(-0.4, 0.3)[..., None]
    return mix(gold * (1 + 0.7 * tone), saturated(image, 1.2), 0.20).clip(0, 1)


def _ornament(on: np.ndarray, rng: np.random.Generator, points: Points, size: float) -> None:
    """Spirals most of all, eyes, and stacks of mosaic rectangles."""
    for x, y in points:
        kind = rng.random()
        radius = size * rng.uniform(0.75, 1.1)
        if kind < 0.60:
            curl = _spiral(x, y, radius, rng.uniform(2.0, 2.6), rng.uniform(0, 6.28), int(rng.choice((-1, 1))))
            line(on, curl, _BRONZE, 7)
            line(on, curl, _PALE_GOLD, 3)
        elif kind < 0.80:
            t = np.linspace(0, 2 * np.pi, 24)
            turn = rng.uniform(-0.6, 0.6)
            lens = np.stack([np.cos(t), 0.55 * np.sin(t) * np.abs(np.sin(t)) ** 0.4], 1) * radius
            lens = lens @ np.asarray([(np.cos(turn), np.sin(turn)), (-np.sin(turn), np.cos(turn))]) + (x, y)
            polygon(on, lens, _MOSAIC[rng.integers(2, 4)])
            line(on, np.concatenate([lens, lens[:1]]), _BRONZE, 4)
            disc(on, x, y, 0.36 * radius, _MOSAIC[rng.choice((4, 5))])
            disc(on, x, y, 0.16 * radius, _MOSAIC[1])
        else:
            for k in range(3):
                for j in range(3):
                    a = (round(x + (k - 1.5) * 0.6 * radius), round(y + (j - 1.5) * 0.6 * radius))
                    b = (round(a[0] + 0.5 * radius), round(a[1] + 0.5 * radius))
                    cv2.rectangle(on, a, b, ink(_MOSAIC[rng.integers(len(_MOSAIC))]), -1)


def _tesserae(rng: np.random.Generator, cell: int, base: Image, own: float) -> Image:
    """Upright mosaic rectangles in gold, black and silver, with own of the base's colour."""
    count = S // cell + 1
    shares = (0.34, 0.14, 0.12, 0.22, 0.06, 0.06, 0.06)
    grid = np.asarray(_MOSAIC, np.float32)[rng.choice(len(_MOSAIC), (count // 2 + 1, count), p=shares)]
    blocks = np.repeat(np.repeat(grid, 2 * cell, 0), cell, 1)[:S, :S]
    joint = (COLUMNS % cell < 2) | (ROWS % (2 * cell) < 2)
    return mix(mix(blocks, base, own), _BRONZE, joint.astype(np.float32) * 0.8)


def _garment(scene: Scene) -> Field:
    """Clothes: what is no skin below the chin of those who stand on the lower edge, (S, S) in [0, 1]."""
    worn = np.zeros((S, S), np.float32)
    for number in set(scene.which[-2].tolist()) - {0}:
        rows, columns = np.nonzero(scene.which == number)
        top, middle = int(rows.min()), int(np.median(columns))
        tall = S - top
        band = scene.flat[:, max(0, middle - 30) : middle + 30]
        face = np.median(band[top + tall * 3 // 10 : top + tall * 55 // 100].reshape(-1, 3), 0)
        bare = np.abs(scene.flat - face).sum(-1) < 0.22
        skin = bare[:, max(0, middle - 30) : middle + 30].mean(1) > 0.35
        skin[top + tall * 72 // 100 :] = False
        chin = np.flatnonzero(skin).max(initial=top + tall // 2)
        worn += (scene.which == number) * ~bare * smoothstep(chin, chin + 9, ROWS)
    return worn.clip(0, 1)


def klimt(scene: Scene, rng: np.random.Generator) -> Image:
    """Gold leaf all over, with spirals, eyes and mosaic, clothes of ornament too; the subject itself as in life."""
    back = backdrop(scene)
    image = _leaf(rng, back)
    low = np.isin(scene.part, (GROUND, FLOOR))
    image = mix(image, _tesserae(rng, 17, back, 0.42), blur(low.astype(np.float32), 1) * 0.92)
    on = sheet(image)
    points = _places(rng, 66)
    away = cv2.distanceTransform((scene.cover < 0.5).astype(np.uint8), cv2.DIST_L2, 3)
    _ornament(on, rng, points[sample((away > 8) & ~low, points)], 31)
    image = painted(on)
    body = saturated(mix(scene.flat, scene.solid, 0.8), 1.1)
    body = mix(body, body * np.asarray((1.06, 0.98, 0.80), np.float32), 0.7).clip(0, 1)
    worn = _garment(scene)
    if worn.any():
        cloth = sheet(_tesserae(rng, 17, scene.flat, 0.58))
        _ornament(cloth, rng, _places(rng, 64)[::2], 22)
        body = mix(body, mix(painted(cloth), scene.solid, 0.15), blur(worn, 0.8))
        body = mix(body, _BRONZE, 0.6 * worn * key_lines(scene, 3, 0.8))
    image = mix(image, body, blur(scene.cover, 0.7))
    return grain(mix(image, _BRONZE, 0.85 * silhouettes(scene, 4)), rng, 0.02)

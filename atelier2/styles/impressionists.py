"""Painters of strokes and of dots."""

import cv2
import numpy as np

from atelier2.brush import (
    BRICK,
    COMMA,
    blended,
    canvas,
    contours,
    detail,
    divided,
    dots,
    flattened,
    flow,
    lit,
    outlines,
    painted,
    pieces,
    ribbons,
    sample,
    scattered,
    spots,
    swirls,
    varied,
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
from atelier2.scene import DAY, FAR, FLOOR, GROUND, NIGHT, SKY, SUNSET, WALL, WATER, Scene

_FACES = 0.42  # of detail(): from here on it is eyes and mouths, which want a fine brush


def _level(angle: float, rng: np.random.Generator, sway: float) -> Field:
    """Directions about an angle, in radians, that sway by so much."""
    return (angle + sway * noise(rng, 60)).astype(np.float32)


def _subject(scene: Scene, round_share: float = 0.5) -> Image:
    """The picture whose objects are that much in the round, by night a little lighter, and whose background is flat."""
    image = mix(scene.flat, scene.solid, round_share * scene.cover)
    if scene.light == NIGHT:
        image = mix(image, image**0.72 + 0.05, scene.cover)
    return image.clip(0, 1).astype(np.float32)


def _from(ramp: tuple[Colour, ...], at: Field) -> Image:
    """Colours along a ramp that goes to and fro. at: any number, its whole part is a turn."""
    there = np.abs((at % 1) * 2 - 1) * (len(ramp) - 1)
    stops = np.arange(len(ramp))
    return np.stack([np.interp(there, stops, channel) for channel in zip(*ramp, strict=True)], -1).astype(np.float32)


def van_gogh(scene: Scene, rng: np.random.Generator) -> Image:
    """Impasto that swirls in skies and follows the forms; blues against yellows, dark contours."""
    light = luminance(scene.flat)[..., None]
    blue = mix(scene.flat, (0.10, 0.25, 0.62), 0.55) * (0.72 + 0.55 * light)
    gold = mix(scene.flat, (0.93, 0.74, 0.20), 0.45) * (0.60 + 0.55 * light)
    sky = scene.is_part(SKY, WATER, WALL).astype(np.float32)
    ground = blur(1 - sky, 3)
    around = mix(blue, gold, ground * (0.15 if scene.light == NIGHT else 0.50))
    if scene.sun:
        dx, dy = COLUMNS - scene.sun[0], ROWS - scene.sun[1]
        distance = np.hypot(dx, dy)
        rings = (0.5 + 0.5 * np.cos(distance / 7.5)) * np.exp(-((distance / 62) ** 2))
        around = mix(around, (0.99, 0.86, 0.34), rings * sky)
    base = mix(around, saturated(_subject(scene), 1.3), blur(scene.cover, 1)).clip(0, 1).astype(np.float32)
    angles = flow(scene, base, swirls(rng, 7, 1.7))
    if scene.sun:
        angles = blended(np.arctan2(dy, dx) + np.pi / 2, angles, np.exp(-((distance / 70) ** 2)) * (1 - scene.cover))
    on = canvas(base * 0.7)
    for pitch, length, width, vary, where in (
        (8.0, 50, 10, 0.11, None),
        (7.0, 30, 7, 0.13, None),
        (4.0, 12, 4, 0.06, detail(scene, scene.flat) * scene.cover > _FACES),
    ):
        points = scattered(rng, pitch, where)
        colours = varied(sample(base, points), rng, vary, 0.3 * vary)
        ribbons(on, points, colours, angles, rng, length=length, width=width)
    image = lit(on, 0.45)
    ink = outlines(scene, scene.flat, 4, 0.45)
    inked = mix(image, (0.06, 0.09, 0.25), 0.72 * ink * blur(scene.cover, 3).clip(0, 1) ** 0.5)
    return inked.astype(np.float32)


_AIR: tuple[Colour, ...] = ((0.62, 0.80, 0.97), (0.76, 0.74, 0.96), (0.99, 0.80, 0.84), (1.0, 0.93, 0.76))
_POND: tuple[Colour, ...] = ((0.30, 0.66, 0.66), (0.46, 0.72, 0.44), (0.56, 0.54, 0.84), (0.34, 0.54, 0.86))
_LILAC: tuple[Colour, ...] = ((0.46, 0.40, 0.82), (0.24, 0.44, 0.80), (0.20, 0.56, 0.56))
_PEARL: tuple[Colour, ...] = ((1.0, 0.78, 0.84), (0.70, 0.84, 1.0), (1.0, 0.95, 0.72))
_LILIES: tuple[Colour, ...] = ((0.98, 0.74, 0.82), (1.0, 0.97, 0.95), (0.99, 0.90, 0.70), (0.93, 0.58, 0.72))


def monet(scene: Scene, rng: np.random.Generator) -> Image:
    """Broken pastel colour in a pearly mist: level dabs for sky and water, commas for leaves, lilac shadows, lilies."""
    dim = {DAY: (1.0, 1.0, 1.0), SUNSET: (1.0, 0.88, 0.86), NIGHT: (0.40, 0.48, 0.72)}[scene.light]
    out = 1 - scene.cover
    turns = cv2.resize(clouds(rng, 60, 2), (S * 2, S))[:, :S] + 0.5
    wet = blur(scene.is_part(FLOOR, GROUND, WATER).astype(np.float32), 4)
    pastel = 1.05 * mix(_from(_AIR, turns), _from(_POND, turns), wet) * np.asarray(dim, np.float32)
    base = _subject(scene)
    base = mix(base, (0.40, 0.40, 0.72), smoothstep(0.55, 0.10, luminance(base)) * (0.32 - 0.22 * scene.cover))
    airy = pastel * (0.62 + 0.45 * luminance(base))[..., None]
    far = scene.is_part(FAR).astype(np.float32)
    base = mix(base, airy, (0.60 - 0.22 * blur(far, 3)) * out + 0.10).clip(0, 1).astype(np.float32)
    level = _level(0.0, rng, 0.10)
    leaves = blur(scene.is_part(FAR, GROUND).astype(np.float32), 3)
    angles = blended(_level(-0.9, rng, 1.0), level, leaves)
    inside, _ = contours(base)
    on = canvas(base)
    for pitch, length, width, along, share, where in (
        (8.0, 34, 9, angles, 0.45, scene.cover < 0.9),
        (9.0, 20, 8, angles, 0.70, scene.cover < 0.6),
        (6.2, 17, 7, inside, 0.34, scene.cover > 0.4),
        (4.0, 8, 4, inside, 0.10, detail(scene, scene.flat) * scene.cover > _FACES),
    ):
        points = scattered(rng, pitch, where)
        colours = divided(varied(sample(base, points), rng, 0.06, 0.02), _LILAC, _PEARL, share, rng)
        ribbons(on, points, colours, along, rng, length=length, width=width, shape=COMMA)
    _lilies(scene, on, rng, level, dim)
    return saturated(painted(on), 1.22)


def _lilies(scene: Scene, on: np.ndarray, rng: np.random.Generator, level: Field, dim: Colour) -> None:
    """Groups of leaves with blossoms on them, on what lies flat."""
    groups = noise(rng, 70) > 0.05
    pads = scattered(rng, 27, scene.is_part(WATER, FLOOR, GROUND) & groups & (scene.horizon + 0.08 < Y))
    green = np.asarray((0.38, 0.66, 0.46)) * dim
    ribbons(on, pads, varied(np.tile(green, (len(pads), 1)), rng, 0.10, 0.04), level, rng, length=36, width=12)
    flowers = pads[rng.random(len(pads)) < 0.45] + (0, -5)
    chosen = np.asarray(_LILIES)[rng.integers(len(_LILIES), size=len(flowers))] * (0.4 + 0.6 * np.asarray(dim))
    ribbons(on, flowers, chosen, level, rng, length=17, width=12)


_ROSY: tuple[Colour, ...] = ((1.0, 0.80, 0.70), (1.0, 0.90, 0.66), (0.98, 0.72, 0.66))
_PLUM: tuple[Colour, ...] = ((0.66, 0.22, 0.30), (0.30, 0.26, 0.56), (0.56, 0.30, 0.20), (0.16, 0.30, 0.44))


def renoir(scene: Scene, rng: np.random.Generator) -> Image:
    """Warm and feathery: long soft strokes, rosy flesh, deep blue in the shade, and dapples of sunlight over all."""
    base = saturated(_subject(scene, 0.7), 1.15)
    out = 1 - scene.cover
    base = mix(base, (1.0, 0.64, 0.54), 0.28 * out + 0.07)
    base = mix(base, (0.52, 0.16, 0.26), smoothstep(0.55, 0.0, luminance(base)) * 0.45 * out)
    shade = smoothstep(0.0, -0.6, noise(rng, 60)) * (0.42 * out + 0.05)
    base = mix(base, (0.24, 0.30, 0.56), shade)
    flecks = np.zeros((S, S), np.float32)
    for (x, y), radius in zip(scattered(rng, 52).tolist(), rng.uniform(5, 15, 200).tolist(), strict=False):
        cv2.circle(flecks, (int(x), int(y)), int(radius), 1, -1)
    base = mix(base, (1.0, 0.93, 0.70), blur(flecks, 4) * (0.72 * out + 0.20)).clip(0, 1).astype(np.float32)
    angles = flow(scene, base, _level(-0.95, rng, 0.8))
    on = canvas(base)
    for pitch, length, width, share, where in (
        (7.5, 44, 8, 0.45, scene.cover < 0.9),
        (6.5, 36, 5, 0.60, scene.cover < 0.9),
        (5.5, 24, 5, 0.22, scene.cover > 0.4),
        (4.0, 9, 4, 0.05, detail(scene, scene.flat) * scene.cover > _FACES),
    ):
        points = scattered(rng, pitch, where)
        colours = divided(varied(sample(base, points), rng, 0.06, 0.02), _PLUM, _ROSY, share, rng)
        ribbons(on, points, colours, angles, rng, length=length, width=width)
    soft = mix(blur(painted(on), 1.6), painted(on), 0.35 + 0.4 * scene.cover)
    return saturated(soft, 1.12)


_DEEP: tuple[Colour, ...] = ((0.16, 0.20, 0.70), (0.46, 0.16, 0.60), (0.06, 0.44, 0.50), (0.70, 0.20, 0.30))
_BRIGHT: tuple[Colour, ...] = ((1.0, 0.82, 0.34), (1.0, 0.64, 0.44), (0.70, 0.88, 0.50), (0.62, 0.78, 1.0))


def seurat(scene: Scene, rng: np.random.Generator) -> Image:
    """Round dots on cream ground, smaller where there is more to see; blue ones in the shade, a dark dotted rim."""
    base = saturated(_subject(scene, 0.8), 1.15)
    fine = detail(scene, scene.flat) * scene.cover
    on = canvas(mix(base, (0.97, 0.93, 0.80), 0.30 + 0.45 * luminance(base) - 0.3 * fine))
    rim = np.minimum.reduce([COLUMNS, ROWS, S - 1 - COLUMNS, S - 1 - ROWS])
    base = mix(base, (0.14, 0.12, 0.40), 0.85 * smoothstep(20, 13, rim))
    for pitch, radius, share, where in (
        (8.6, 4.1, 0.62, scene.cover < 0.5),
        (7.2, 3.6, 0.36, scene.cover >= 0.5),
        (4.8, 2.6, 0.08, fine > 0.30),
    ):
        points = scattered(rng, pitch, where, 0.2)
        colours = divided(sample(base, points), _DEEP, _BRIGHT, share, rng)
        dots(on, points, colours, radius * rng.uniform(0.85, 1.1, len(points)))
    shade = (luminance(base) < 0.6) & (fine < 0.2)
    stray = scattered(rng, 15, shade | (scene.cover < 0.1))
    own = sample(base, stray)
    opposite = divided(0.45 * own + 0.55 * (1 - own), _DEEP, _BRIGHT, 0.5, rng)
    level = (luminance(own) + 0.04) / (luminance(opposite.astype(np.float32)) + 0.04)
    dots(on, stray, opposite * level.clip(0, 2)[:, None], 3.6)
    return painted(on)


def signac(scene: Scene, rng: np.random.Generator) -> Image:
    """A mosaic of square dabs in rows, pure violet, turquoise, orange and rose, with the light ground between them."""
    base = saturated(_subject(scene, 0.7), 1.55)
    base = mix(base, base**0.85, 0.7)
    fine = detail(scene, scene.flat) * scene.cover
    centre = scene.sun or (int(S * rng.uniform(0.2, 0.8)), int(S * 0.3))
    arcs = np.arctan2(ROWS - centre[1], COLUMNS - centre[0]) + np.pi / 2
    sky = blur(scene.is_part(SKY, WALL).astype(np.float32), 4)
    angles = blended(arcs, np.zeros_like(arcs), sky)
    inside, sure = contours(base, 2, 5)
    angles = blended(inside, angles, (sure * scene.cover).clip(0, 1))
    on = canvas((0.36, 0.36, 0.58) if scene.light == NIGHT else (0.97, 0.94, 0.86))
    on[..., :3] = (mix(painted(on), base, 0.85 * (fine > 0.3) + 0.35 * scene.cover).clip(0, 1) * 255).astype(np.uint8)
    vivid = ((0.20, 0.16, 0.80), (0.56, 0.14, 0.70), (0.00, 0.50, 0.56), (0.86, 0.20, 0.36))
    clear = ((1.0, 0.78, 0.22), (1.0, 0.56, 0.46), (0.46, 0.86, 0.76), (0.76, 0.70, 1.0))
    for pitch, length, width, share, where in (
        (12.5, 12.5, 10, 0.75, scene.cover < 0.6),
        (9.0, 10, 7.5, 0.36, scene.cover >= 0.4),
        (5.2, 6, 5, 0.06, fine > 0.32),
    ):
        points = scattered(rng, pitch, where, 0.10)
        colours = divided(varied(sample(base, points), rng, 0.07, 0.02), vivid, clear, share, rng)
        ribbons(on, points, colours, angles, rng, length=length, width=width, shape=BRICK, vary=0.12)
    return painted(on)


_AIX_AIR: tuple[Colour, ...] = ((0.40, 0.56, 0.78), (0.52, 0.66, 0.74), (0.62, 0.70, 0.60), (0.80, 0.70, 0.50))
_AIX_EARTH: tuple[Colour, ...] = ((0.86, 0.62, 0.28), (0.44, 0.58, 0.28), (0.76, 0.48, 0.28), (0.36, 0.52, 0.46))


def cezanne(scene: Scene, rng: np.random.Generator) -> Image:
    """Parallel slanting strokes in blocks, each block a plane of ochre, green or blue; broken dark blue outlines."""
    base = _subject(scene, 0.9)
    cells = pieces(spots(rng, 40))
    number = int(cells.max()) + 1
    high = scene.is_part(SKY, WALL, WATER)[..., None]
    picked = rng.integers(4, size=number)[cells]
    tint = np.where(high, np.asarray(_AIX_AIR, np.float32)[picked], np.asarray(_AIX_EARTH, np.float32)[picked])
    tone = rng.normal(1, 0.13, number).astype(np.float32)[cells]
    share = rng.uniform(0.30, 0.68, number).astype(np.float32)[cells] * (1 - 0.80 * scene.cover)
    lifted = 0.42 + 0.72 * luminance(base) if scene.light == NIGHT else 0.52 + 0.68 * luminance(base)
    planes = mix(base, tint * lifted[..., None], share)
    planes = (planes * (1 + (tone - 1) * (1 - 0.55 * scene.cover))[..., None]).clip(0, 1).astype(np.float32)
    angles = (-0.95 + rng.normal(0, 0.16, number)[cells]).astype(np.float32)
    on = canvas(mix(planes, (0.88, 0.84, 0.74), 0.4))
    for pitch, length, width, where in (
        (9.5, 40, 12, scene.cover < 0.8),
        (7.5, 22, 9, None),
        (3.8, 7, 4, detail(scene, scene.flat) * scene.cover > 0.25),
    ):
        points = scattered(rng, pitch, where)
        colours = varied(sample(planes, points), rng, 0.06, 0.016)
        ribbons(on, points, colours, angles, rng, length=length, width=width, shape=BRICK)
    broken = smoothstep(-0.45, 0.10, noise(rng, 26))
    ink = outlines(scene, scene.flat, 4, 0.5) * (0.35 + 0.65 * broken) * blur(scene.cover, 3).clip(0, 1) ** 0.5
    return mix(lit(on, 0.15), (0.10, 0.14, 0.28), 0.80 * ink).astype(np.float32)


_TAHITI: dict[int, tuple[Colour, ...]] = {
    SKY: ((0.98, 0.82, 0.36), (0.30, 0.70, 0.70), (0.96, 0.66, 0.62)),
    FAR: ((0.10, 0.44, 0.36), (0.36, 0.26, 0.56), (0.12, 0.32, 0.60)),
    GROUND: ((0.95, 0.58, 0.52), (0.94, 0.52, 0.16), (0.84, 0.28, 0.20)),
    WATER: ((0.10, 0.46, 0.66), (0.14, 0.56, 0.50), (0.24, 0.34, 0.66)),
    WALL: ((0.97, 0.78, 0.30), (0.24, 0.56, 0.60), (0.56, 0.40, 0.64)),
    FLOOR: ((0.93, 0.50, 0.46), (0.92, 0.48, 0.14), (0.80, 0.30, 0.30)),
}


def gauguin(scene: Scene, rng: np.random.Generator) -> Image:
    """Flat zones of hot colour, pink or orange ground, sinuous borders, everything within thick dark blue outlines."""
    even = flattened(scene.flat)
    light = luminance(even)
    steps = 0.86 + 0.32 * blur(np.round(light * 3) / 3, 1.0)
    waves = cv2.resize(clouds(rng, 110, 2), (S * 2, S))[:, :S]
    zones = (waves > 0.16).astype(np.float32) - (waves < -0.22)
    around = even
    lines = np.zeros((S, S), np.float32)
    for part, colours in _TAHITI.items():
        where = scene.part == part
        if not where.any():
            continue
        first, second = rng.permutation(len(colours))[:2]
        colour = mix(np.broadcast_to(np.asarray(colours[first], np.float32), (S, S, 3)), colours[second],
                     np.where(zones > 0, 0.8, 0.0) if part != FAR else 0.0)  # fmt: skip
        dark = 1 - 0.16 * (zones < 0)
        around = np.where(where[..., None], mix(colour * (steps * dark)[..., None], even, 0.16), around)
        lines = np.maximum(lines, cv2.morphologyEx(where.astype(np.float32), cv2.MORPH_GRADIENT, np.ones((5, 5))))
    if scene.light == NIGHT:
        around = mix(around, (0.14, 0.10, 0.46), 0.42)
    image = mix(around, saturated(even, 1.35), blur(scene.cover, 0.8))
    navy = (0.06, 0.09, 0.28)
    image = mix(image, navy, 0.75 * blur(lines, 1.0) * (1 - scene.cover))
    image = mix(image, navy, 0.92 * outlines(scene, scene.flat, 6, 0.7) * blur(scene.cover, 4).clip(0, 1) ** 0.4)
    return image.clip(0, 1).astype(np.float32)


_BLOOD: tuple[Colour, ...] = (
    (0.72, 0.10, 0.08), (0.93, 0.34, 0.10), (0.99, 0.66, 0.18), (0.96, 0.44, 0.12), (0.99, 0.82, 0.40),
)  # fmt: skip
_FJORD: tuple[Colour, ...] = (
    (0.05, 0.07, 0.22), (0.10, 0.18, 0.42), (0.26, 0.36, 0.50), (0.10, 0.14, 0.28), (0.34, 0.24, 0.26),
)  # fmt: skip


def munch(scene: Scene, rng: np.random.Generator) -> Image:
    """Anxious waves: an orange and red sky over a dark blue ground, long strokes that echo the subject's outline."""
    sway = noise(rng, 70)
    shift = 4.5 * np.sin(ROWS / 13 + 2.2 * sway), 4.0 * np.sin(COLUMNS / 15 + 2.2 * noise(rng, 70))
    calm = 1 - 0.75 * blur(detail(scene, scene.flat) * scene.cover, 8)
    at = COLUMNS + shift[0] * calm, ROWS + shift[1] * calm
    picture = cv2.remap(_subject(scene), *at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    cover = cv2.remap(scene.cover, *at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    away = cv2.distanceTransform((cover < 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    near = np.exp(-away / 46)
    far = (scene.part == FAR) & (scene.horizon - 0.12 > Y) | (scene.part == WATER) & (Y < 0.4)  # no sky under water
    high = blur((scene.is_part(SKY, WALL) | far).astype(np.float32), 5)
    turns = np.where(high > 0.5, 3.2 * Y + 0.5 * sway + 0.35 * X, 2.0 * Y + 1.1 * sway + 1.3 * X)
    turns = turns * (1 - 0.6 * near) + away / 52 * near
    around = mix(_from(_FJORD, turns), _from(_BLOOD, turns), high)
    if scene.light == NIGHT:
        around = mix(around, (0.16, 0.05, 0.20), 0.38)
    around = mix(around, mix(picture, scene.flat, 0.5), 0.22)
    base = mix(around, mix(saturated(picture, 1.1), (0.10, 0.08, 0.20), 0.16), cover).astype(np.float32)
    field = blur(turns.astype(np.float32), 4)
    along = np.arctan2(cv2.Sobel(field, cv2.CV_32F, 0, 1), cv2.Sobel(field, cv2.CV_32F, 1, 0)) + np.pi / 2
    inside, _ = contours(base)
    angles = blended(inside, along, (0.9 * blur(cover, 2)).clip(0, 1))
    on = canvas(base)
    for pitch, length, width, where in (
        (8.5, 90, 8, cover < 0.8),
        (7.5, 40, 7, cover > 0.4),
        (4.2, 10, 4, detail(scene, picture) * cover > _FACES),
    ):
        points = scattered(rng, pitch, where)
        ribbons(on, points, varied(sample(base, points), rng, 0.10, 0.025), angles, rng, length=length, width=width)
    rim = blur(cv2.morphologyEx(cover, cv2.MORPH_GRADIENT, np.ones((7, 7))), 1.2)
    return mix(painted(on), (0.06, 0.05, 0.16), 0.75 * rim.clip(0, 1))

"""Old masters of light, and painters whose line or world is their own."""

import cv2
import numpy as np

from atelier2.brush import (
    blended,
    canvas,
    contours,
    detail,
    flattened,
    flow,
    outlines,
    painted,
    ribbons,
    sample,
    scattered,
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
from atelier2.scene import DAY, NIGHT, SUNSET, WATER, Scene


def _wide(field: Field, radius: float) -> Field:
    """A blur of a large radius, made at a quarter of the size."""
    small = cv2.resize(field.astype(np.float32), (S // 4, S // 4), interpolation=cv2.INTER_AREA)
    return cv2.resize(blur(small, radius / 4), (S, S), interpolation=cv2.INTER_LINEAR)


def _ramp(at: Field, stops: tuple[float, ...], colours: tuple[Colour, ...]) -> Image:
    """Colours for a field's values, those between two stops mixed."""
    return np.stack([np.interp(at, stops, channel) for channel in zip(*colours, strict=True)], -1).astype(np.float32)


def _even(colour: Colour) -> Image:
    return np.full((S, S, 3), colour, np.float32)


def _relief(cover: Field, radius: float) -> Field:
    """How much of a light from the upper left falls on the objects, if they were round: in about [-1, 1]."""
    height = _wide(cover, radius)
    slope = cv2.Sobel(height, cv2.CV_32F, 1, 0, ksize=5) + cv2.Sobel(height, cv2.CV_32F, 0, 1, ksize=5)
    light: Field = (slope * radius / 22).clip(-1, 1) * cover
    return light


def _by_day(scene: Scene) -> Image:
    """The picture in the round without the dark of night, and the place's colours kept out of the objects' rims, for
    painters who bring a light and a background of their own."""
    core = cv2.erode(scene.cover, np.ones((7, 7)))
    near = blur(core, 2.5)
    inner = blur(scene.solid * core[..., None], 2.5) / (near + 1e-3)[..., None]
    clean = mix(scene.solid, inner, (scene.cover - core) * smoothstep(0.02, 0.10, near))
    return (clean * (1.55 if scene.light == NIGHT else 1.0)).clip(0, 1).astype(np.float32)


def rembrandt(scene: Scene, rng: np.random.Generator) -> Image:
    """Golden-brown dusk in glazes, warm light on the subject from the upper left, its far side sunk in soft shade."""
    solid = _by_day(scene)
    shade = luminance(solid)[..., None]
    glow = np.exp(-(((X - 0.40) / 0.42) ** 2) - ((Y - 0.42) / 0.46) ** 2)
    room = mix(_even((0.10, 0.06, 0.03)), (0.60, 0.40, 0.16), 0.85 * glow)
    room = room * (0.72 + 0.5 * shade + 0.10 * clouds(rng, 80)[..., None])
    light = (0.80 + 0.55 * _relief(scene.cover, 34) + 0.34 * (0.45 - X) + 0.26 * (0.5 - Y)).clip(0.50, 1.25)
    golden = mix(solid, np.asarray((1.0, 0.74, 0.36), np.float32) * shade * 1.1, 0.36) * np.asarray((1.08, 0.93, 0.70))
    figure = golden * (light**1.3)[..., None]
    base = mix(room, figure, blur(scene.cover, 1.6)).clip(0, 1).astype(np.float32)
    halo = _wide(scene.cover * light, 26) * (1 - scene.cover)
    base = mix(base, (0.70, 0.44, 0.16), 0.22 * halo).astype(np.float32)
    on = canvas(base)
    angles = flow(scene, base, (0.8 + 0.9 * noise(rng, 90)).astype(np.float32))
    for pitch, length, width, where in ((9, 32, 12, scene.cover < 0.7), (6.5, 18, 7, scene.cover > 0.4)):
        points = scattered(rng, pitch, where)
        ribbons(on, points, varied(sample(base, points), rng, 0.06, 0.012), angles, rng, length=length, width=width)
    kept = (0.35 + 0.65 * detail(scene, scene.flat)) * scene.cover
    image = mix(blur(painted(on), 1.3), base, kept)
    corner = 1.08 - 0.75 * ((X - 0.45) ** 2 + (Y - 0.45) ** 2)
    darkened: Image = (image * corner[..., None]).clip(0, 1).astype(np.float32)
    return darkened


def caravaggio(scene: Scene, rng: np.random.Generator) -> Image:
    """Black all around, one hard slanting beam that cuts across wall and subject, and a red drapery."""
    solid = _by_day(scene)
    tilt = rng.uniform(0.75, 1.0)
    across = COLUMNS - tilt * (ROWS - S * 0.42) - S * rng.uniform(0.44, 0.54)
    beam = smoothstep(-0.50 * S, -0.46 * S, across) * smoothstep(0.38 * S, 0.34 * S, across)
    wall = np.asarray((0.70, 0.52, 0.33), np.float32) * (0.85 + 0.13 * clouds(rng, 90))[..., None]
    dark = (0.022, 0.016, 0.014)
    behind = mix(_even(dark), wall, beam * (0.92 - 0.95 * Y - 0.20 * X).clip(0.10, 1))
    behind = behind * (0.75 + 0.5 * luminance(solid))[..., None]
    folded, red = _drapery(rng)
    behind = mix(behind, red * (0.60 + 0.60 * beam)[..., None], folded)
    crisp = solid + 0.7 * (solid - blur(solid, 2.0)) * cv2.erode(scene.cover, np.ones((5, 5)))[..., None]
    light = (0.92 + 0.80 * _relief(scene.cover, 26)).clip(0.40, 1.25)
    light = light * (0.40 + 0.72 * beam)
    reds = (solid[..., 0] - np.maximum(solid[..., 1], solid[..., 2])).clip(0, 1)[..., None]
    strong = saturated(crisp.clip(0, 1), 1.12) * np.asarray((1.10, 0.99, 0.86), np.float32)
    strong = mix(strong, strong * np.asarray((1.15, 0.72, 0.70), np.float32), smoothstep(0.1, 0.5, reds))
    curve = (strong * light[..., None]).clip(0, 1)
    curve = mix(curve, curve * curve * (3 - 2 * curve), 0.45)
    floor = np.maximum(curve, strong * 0.20)
    return mix(behind, floor, blur(scene.cover, 0.8)).clip(0, 1)


def _drapery(rng: np.random.Generator) -> tuple[Field, Image]:
    """A red cloth that hangs in the upper right corner: where it is, and its colour with its folds."""
    hem = 0.46 - 1.1 * (1 - X) + 0.022 * np.sin(X * 22 + rng.uniform(0, 6)) + 0.06 * noise(rng, 90)
    where = smoothstep(-0.008, 0.008, hem - Y)
    folds = np.sin((X * 0.8 + 0.5 * Y) * rng.uniform(24, 30) + 2.6 * noise(rng, 110))
    tone = (0.50 + 0.50 * folds) ** 1.3
    return where, mix(_even((0.16, 0.01, 0.02)), (0.80, 0.09, 0.07), tone)


_HAZE: tuple[Colour, ...] = (
    (1.0, 0.99, 0.86), (1.0, 0.94, 0.62), (0.98, 0.79, 0.40),
    (0.88, 0.64, 0.38), (0.56, 0.50, 0.48), (0.38, 0.38, 0.46),
)  # fmt: skip


def turner(scene: Scene, rng: np.random.Generator) -> Image:
    """A vortex of light in golden mist, storm grey at the corners; the subject, warm, half dissolved in it."""
    x, y = scene.sun or (int(S * rng.uniform(0.30, 0.70)), int(S * rng.uniform(0.22, 0.38)))
    dx, dy = COLUMNS - x, (ROWS - y) * 1.25
    away = np.hypot(dx, dy) / S
    arms = np.sin(np.arctan2(dy, dx) * 2 + 9 * away + 1.6 * noise(rng, 110)) * smoothstep(0.08, 0.35, away)
    tone = (away * 1.15 + 0.16 * arms + 0.12 * clouds(rng, 90)).clip(0, 1)
    stops = (0.0, 0.12, 0.30, 0.52, 0.78, 1.0)
    mist = _ramp(tone, stops, _HAZE)
    if scene.light == NIGHT:
        mist = mix(mist, (0.20, 0.22, 0.36), 0.45 * smoothstep(0.1, 0.6, away))
    low = smoothstep(scene.horizon - 0.02, scene.horizon + 0.20, Y)
    soft = cv2.resize(blur(cv2.resize(scene.flat, (S // 4, S // 4), interpolation=cv2.INTER_AREA), 2), (S, S))
    around = mix(mist, soft * np.asarray((1.05, 0.86, 0.62), np.float32), 0.12 + 0.22 * low)
    glitter = np.exp(-((dx / (S * 0.10)) ** 2)) * low * (0.6 + 0.4 * noise(rng, 24))
    around = mix(around, (1.0, 0.90, 0.58), 0.55 * glitter.clip(0, 1))
    warm = mix(mix(scene.flat, scene.solid, 0.6), (0.72, 0.40, 0.16), 0.22) * np.asarray((1.02, 0.90, 0.74), np.float32)
    melted = blur(scene.cover, 5) * 0.35 + 0.65 * blur(scene.cover, 1.5)
    veil = 0.86 - 0.30 * smoothstep(0.45, 0.0, away) - 0.16 * smoothstep(0.0, 0.6, clouds(rng, 60))
    veil = veil - 0.22 * smoothstep(0.70, 1.0, Y)
    veil = np.maximum(veil, 0.92 * detail(scene, scene.flat))
    base = mix(around, warm, melted * veil).clip(0, 1).astype(np.float32)
    spiral = np.arctan2(dy, dx) + np.pi / 2 - 0.35
    inside, _ = contours(base)
    angles = blended(inside, spiral.astype(np.float32), 0.9 * melted)
    on = canvas(base)
    for pitch, length, width, where in ((9, 70, 11, scene.cover < 0.5), (7, 20, 8, scene.cover > 0.5)):
        points = scattered(rng, pitch, where)
        ribbons(on, points, varied(sample(base, points), rng, 0.045, 0.014), angles, rng, length=length, width=width)
    return mix(blur(painted(on), 1.8), base, 0.25 + 0.6 * detail(scene, scene.flat) * scene.cover).clip(0, 1)


_BRUISES = ((0.78, 0.34, 0.20), (0.44, 0.50, 0.36), (0.82, 0.56, 0.26), (0.40, 0.42, 0.52))


def schiele(scene: Scene, rng: np.random.Generator) -> Image:
    """A nervous, angular dark line on bare pale paper, patchy washes within it, and a white halo."""
    paper = _even((0.91, 0.85, 0.72)) * (1 + 0.03 * clouds(rng, 50)[..., None])
    jagged = [cv2.resize(rng.uniform(-1, 1, (34, 34)).astype(np.float32), (S, S)) for _ in range(2)]
    fine = detail(scene, scene.flat) * scene.cover
    calm = 4.5 * (1 - 0.75 * blur(fine, 6))
    at = COLUMNS + jagged[0] * calm, ROWS + jagged[1] * calm
    colour = cv2.remap(scene.flat, *at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    cover = cv2.remap(scene.cover, *at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    if scene.light == NIGHT:
        colour = (colour * 1.4).clip(0, 1)
    halo = blur(cv2.dilate(cover, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (25, 25))), 3)
    image = mix(paper, (0.985, 0.97, 0.93), 0.85 * halo * (0.7 + 0.3 * noise(rng, 30)))
    wash = mix(saturated(colour, 1.1), np.asarray((0.95, 0.86, 0.68), np.float32), 0.10)
    bare = 1 - 0.8 * smoothstep(0.12, 0.40, _wide(fine, 12))
    for bruise in _BRUISES:
        streaks = cv2.resize(noise(rng, 34) + 0.4 * noise(rng, 13), (S, S * 3))[:S]
        patch = smoothstep(0.30, 0.55, streaks) * bare
        wash = mix(wash, np.asarray(bruise, np.float32) * (0.55 + 0.6 * luminance(colour))[..., None], 0.34 * patch)
    wet = smoothstep(-0.2, 0.5, noise(rng, 40)) * 0.16
    wash = wash * (1 - wet)[..., None]
    thick = 0.58 + 0.42 * smoothstep(-0.25, 0.10, noise(rng, 34) + 0.5 * noise(rng, 12))
    thick = np.maximum(thick, 0.9 * fine)
    deep = cv2.distanceTransform((cover > 0.5).astype(np.uint8), cv2.DIST_L2, 3)
    inner = smoothstep(1.0, 4.0, deep + 2 * noise(rng, 18))
    on = canvas(mix(image, wash, cover * thick * (0.35 + 0.65 * inner)))
    lines = outlines(scene, scene.flat, 3, 0.85)
    lines = cv2.remap(lines, *at, cv2.INTER_LINEAR) * cv2.erode(cover, np.ones((9, 9)))
    ink = (0.12, 0.08, 0.07)
    image = mix(painted(on), ink, 0.85 * lines * (0.75 + 0.35 * noise(rng, 22)).clip(0, 1))
    return _contour(image, cover, rng, ink)


def _contour(image: Image, cover: Field, rng: np.random.Generator, ink: Colour) -> Image:
    """The outline in straight strokes that overshoot, drawn twice, each time a little elsewhere."""
    drawn = np.zeros((S, S), np.uint8)
    rims, _ = cv2.findContours((cover > 0.5).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    for rim in rims:
        if len(rim) < 24:
            continue
        for wide, shake in ((4, 0.8), (2, 2.2)):
            corners = cv2.approxPolyDP(rim, 3.0, True)[:, 0].astype(np.float32)
            ends = np.roll(corners, -1, 0)
            over = (ends - corners) / (np.linalg.norm(ends - corners, axis=1, keepdims=True) + 1e-3) * 4
            starts = corners - over + rng.normal(0, shake, corners.shape)
            ends = ends + over + rng.normal(0, shake, corners.shape)
            strokes = np.round(np.stack([starts, ends], 1) * 16).astype(np.int32)  # 4 bits after the point
            cv2.polylines(drawn, list(strokes), False, 255, wide, cv2.LINE_AA, 4)
    return mix(image, ink, 0.88 * drawn.astype(np.float32) / 255).astype(np.float32)


_FOLK_WALLS: tuple[tuple[Colour, Colour], ...] = (
    ((0.10, 0.42, 0.70), (0.86, 0.42, 0.22)), ((0.96, 0.70, 0.16), (0.16, 0.46, 0.40)),
    ((0.90, 0.34, 0.48), (0.96, 0.74, 0.26)), ((0.08, 0.56, 0.58), (0.88, 0.34, 0.28)),
)  # fmt: skip
_LEAVES: tuple[Colour, ...] = ((0.10, 0.46, 0.20), (0.22, 0.60, 0.24), (0.05, 0.36, 0.26), (0.46, 0.66, 0.20))
_PETALS: tuple[Colour, ...] = ((0.92, 0.12, 0.22), (0.98, 0.28, 0.56), (0.99, 0.76, 0.14), (0.98, 0.94, 0.90))


def kahlo(scene: Scene, rng: np.random.Generator) -> Image:
    """Saturated folk colours, a flat painted wall, a bold contour, and big veined leaves and flowers all around."""
    even = saturated(mix(flattened(scene.flat), scene.solid, 0.35 * scene.cover), 1.45)
    wall, ground = _FOLK_WALLS[rng.integers(len(_FOLK_WALLS))]
    low = smoothstep(-1.5, 1.5, ROWS - S * scene.horizon - 3 * np.sin(X * 7))
    behind = mix(_even(wall), ground, low)
    behind = behind * (0.94 + 0.10 * (1 - Y) + 0.05 * noise(rng, 120))[..., None]
    behind = mix(behind, even, 0.24)
    if scene.light == NIGHT:
        behind = behind * np.asarray((0.50, 0.52, 0.80), np.float32)
    behind = _foliage(behind.astype(np.float32), rng)
    image = mix(behind, even, blur(scene.cover, 0.8))
    rim = blur(scene.cover, 5).clip(0, 1) ** 0.4
    ink = 0.88 * outlines(scene, scene.flat, 5, 0.55) * rim
    return mix(image, (0.10, 0.05, 0.08), ink).clip(0, 1).astype(np.float32)


def _foliage(image: Image, rng: np.random.Generator) -> Image:
    """Large leaves that grow from the rim inwards, darker first, with flowers among them."""
    ring = np.linspace(0, 1, 15, endpoint=False) + rng.uniform(0, 1)
    for turn, layer in [(turn, layer) for layer in (0, 1) for turn in ring]:
        turn = (turn + 0.5 * layer / len(ring)) % 1 * 2 * np.pi
        at = np.asarray((S / 2 + 0.66 * S * np.cos(turn), S / 2 + 0.66 * S * np.sin(turn))).clip(-8, S + 8)
        inward = np.arctan2(S / 2 - at[1], S / 2 - at[0]) + rng.normal(0, 0.40)
        tint = np.asarray(_LEAVES[rng.integers(len(_LEAVES))]) * (0.62 if layer == 0 else 1.0)
        _leaf(image, at, inward, S * rng.uniform(0.25, 0.34) * (1.15 - 0.25 * layer), tint)
    for _ in range(5):
        turn = rng.uniform(0, 2 * np.pi)
        x, y = (S / 2 + np.asarray((np.cos(turn), np.sin(turn))) * S * 0.62).clip(18, S - 18).tolist()
        _flower(image, (x, y), S * rng.uniform(0.055, 0.075), rng)
    return image


def _leaf(image: Image, foot: np.ndarray, angle: float, length: float, colour: np.ndarray) -> None:
    along = np.linspace(0, 1, 13)
    half = 0.24 * length * np.sin(np.pi * along**0.8) ** 0.9
    bend = 0.10 * length * np.sin(np.pi * along / 2)
    forward, side = np.asarray((np.cos(angle), np.sin(angle))), np.asarray((-np.sin(angle), np.cos(angle)))
    spine = foot + along[:, None] * length * forward + bend[:, None] * side
    left, right = spine + half[:, None] * side, spine - half[:, None] * side
    outline = np.round(np.concatenate([left, right[::-1]]) * 16).astype(np.int32)
    dark, pale = (colour * 0.35).tolist(), (colour * 0.7 + (0.25, 0.28, 0.12)).clip(0, 1).tolist()
    cv2.fillPoly(image, [outline], colour.tolist(), cv2.LINE_AA, 4)
    ribs = [(spine[k], rim[k + 2]) for k in (2, 4, 6, 8) for rim in (left, right)]
    lines = [np.round(np.asarray(line) * 16).astype(np.int32) for line in (*ribs, spine)]
    cv2.polylines(image, lines, False, pale, 3, cv2.LINE_AA, 4)
    cv2.polylines(image, [outline], True, dark, 3, cv2.LINE_AA, 4)


def _flower(image: Image, centre: tuple[float, float], size: float, rng: np.random.Generator) -> None:
    colour = np.asarray(_PETALS[rng.integers(len(_PETALS))])
    for turn in np.arange(6) * np.pi / 3 + rng.uniform(0, 1):
        petal = (int(centre[0] + size * 0.62 * np.cos(turn)), int(centre[1] + size * 0.62 * np.sin(turn)))
        cv2.circle(image, petal, int(size * 0.50), (colour * 0.45).tolist(), -1, cv2.LINE_AA)
        cv2.circle(image, petal, int(size * 0.50) - 2, colour.tolist(), -1, cv2.LINE_AA)
    cv2.circle(image, (int(centre[0]), int(centre[1])), int(size * 0.36), (0.99, 0.80, 0.20), -1, cv2.LINE_AA)


_DREAM_SKIES: dict[str, tuple[Colour, ...]] = {
    DAY: ((0.10, 0.34, 0.70), (0.42, 0.66, 0.82), (0.94, 0.90, 0.62), (0.99, 0.84, 0.42)),
    SUNSET: ((0.16, 0.22, 0.52), (0.56, 0.46, 0.58), (0.98, 0.66, 0.36), (1.0, 0.80, 0.36)),
    NIGHT: ((0.03, 0.06, 0.24), (0.12, 0.22, 0.44), (0.50, 0.48, 0.44), (0.86, 0.70, 0.36)),
}


def dali(scene: Scene, rng: np.random.Generator) -> Image:
    """A smooth empty plain, a sky from blue to yellow; the subject melts at its foot and casts a long hard shadow."""
    horizon = 0.52
    picture, cover = _melted(scene, rng)
    stops = (0.0, 0.45 * horizon, 0.85 * horizon, horizon)
    sky = _ramp(Y, stops, _DREAM_SKIES[scene.light])
    wisps = cv2.resize(clouds(rng, 70), (S * 3, S))[:, :S]
    sky = mix(sky, (1.0, 0.95, 0.84), 0.5 * smoothstep(0.25, 0.6, wisps) * smoothstep(horizon, 0.1, Y))
    fall = ((Y - horizon) / (1 - horizon)).clip(0, 1)
    dim = {DAY: 1.0, SUNSET: 0.92, NIGHT: 0.62}[scene.light]
    plain = dim * mix(_even((0.97, 0.82, 0.48)), (0.66, 0.42, 0.18), fall**0.8)
    if (scene.part == WATER).mean() > 0.1:
        bay = smoothstep(0.16, 0.15, fall + 0.05 * np.sin(X * 5 + 1))
        plain = mix(plain, np.asarray((0.36, 0.62, 0.76), np.float32) * dim, bay)
    image = mix(sky, plain, smoothstep(-0.6, 0.6, ROWS - S * horizon))
    image = _cliffs(image, rng, horizon, dim)
    image = mix(image, np.asarray((0.20, 0.12, 0.16), np.float32), 0.78 * _shadow(cover, horizon))
    gloss = (1.0 + 0.30 * _relief(cover, 22))[..., None]
    figure = (saturated(picture, 1.12) * np.asarray((1.05, 1.0, 0.90), np.float32) * gloss).clip(0, 1)
    return mix(image, figure, cover).clip(0, 1)


def _melted(scene: Scene, rng: np.random.Generator) -> tuple[Image, Field]:
    """The objects, small enough to stand whole on the plain, their lower part run down in drips: picture and cover."""
    rows = np.flatnonzero((scene.cover > 0.5).any(1))
    top, foot = (int(rows[0]), int(rows[-1])) if len(rows) else (0, S - 1)
    size = min(1.0, 0.62 * S / (foot - top + 1))
    stands = 0.80 * S
    drips = np.interp(COLUMNS[0], np.linspace(-20, S + 20, 22), rng.uniform(0, 1, 22) ** 1.3)[None].astype(np.float32)
    drips = cv2.GaussianBlur(drips, (0, 0), 6)
    tall = (foot - top + 1) * size
    part = ((ROWS - (stands - 0.42 * tall)) / (0.42 * tall)).clip(0, 3)
    pull = 1 + 0.5 * drips
    run = part**1.5 * 0.15 * tall * drips
    lean = 0.03 * tall * part * np.sin(ROWS / 26 + rng.uniform(0, 6))
    at_x = (COLUMNS + lean - S / 2) / size + S / 2
    at_y = (ROWS - run * pull - stands) / size + foot
    at = at_x.astype(np.float32), at_y.astype(np.float32)
    source = _by_day(scene) if scene.light == NIGHT else scene.solid
    cover = cv2.remap(scene.cover, *at, cv2.INTER_LINEAR)
    return cv2.remap(source, *at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), cover


def _cliffs(image: Image, rng: np.random.Generator, horizon: float, dim: float) -> Image:
    """Small golden rocks on the horizon, at one side."""
    side = rng.choice((0.0, 1.0))
    jagged = 1 + 0.30 * noise(rng, 30)[:1] + 0.12 * noise(rng, 9)[:1]
    height = 0.13 * np.exp(-(((X - side) / 0.24) ** 2)) * jagged
    where = (horizon - height < Y) & (horizon + 0.01 > Y) & (height > 0.008)
    lit = 0.72 + 0.28 * np.sign(np.sin(COLUMNS / 7 + 2 * noise(rng, 30)))
    rock = np.asarray((0.86, 0.60, 0.30), np.float32) * (dim * (0.55 + 0.45 * lit))[..., None]
    return mix(image, rock, blur(where.astype(np.float32), 0.8))


def _shadow(cover: Field, horizon: float) -> Field:
    """The objects' shadow on the plain, hard, long, slanting away to the right."""
    rows = np.flatnonzero((cover > 0.5).any(1))
    if not len(rows):
        return np.zeros((S, S), np.float32)
    foot = float(rows[-1])
    up = (foot - ROWS) / 0.27  # rows of the object above its foot, for a row of the plain
    cast = cv2.remap(cover, (COLUMNS - up * 1.05).astype(np.float32), (foot - up).astype(np.float32), cv2.INTER_LINEAR)
    seen: Field = cast * smoothstep(horizon, horizon + 0.02, Y)
    return seen

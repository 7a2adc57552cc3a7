"""How each artist paints: a Scene and a random generator in, a (SIZE, SIZE, 3) picture out.

Painterly styles are here, flat and graphic ones in graphic_styles.py. They are caricatures that a
person tells apart at a glance, not reproductions of any work.
"""

from collections.abc import Mapping

import cv2
import numpy as np

from atelier.brush import (
    CELL,
    COLUMNS,
    ROWS,
    Image,
    backdrop,
    blur,
    cells,
    dabs,
    flow_along,
    local_colour,
    mix,
    noise,
    outline,
    recolour,
    relief,
    sample,
    spots,
    where,
)
from atelier.scenes import SIZE, Colour, Region, Scene


def tinted(region: Region, tints: Mapping[str, Colour], share: float) -> Colour:
    """A region's own colour, pulled towards the tint of its role."""
    own, tint = np.asarray(region.colour), np.asarray(tints.get(region.role, region.colour))
    return tuple(own + (tint - own) * share)


def photo(scene: Scene, rng: np.random.Generator) -> Image:
    """Round forms, soft light, a backdrop out of focus."""
    image = local_colour(scene)
    behind = backdrop(scene)
    far = blur(image, 5) * (1.08 - 0.25 * ROWS / SIZE)[..., None]
    light = relief(scene)
    near = image * (0.95 + 0.34 * light)[..., None] + (np.maximum(light - 0.45, 0) * 0.35)[..., None]
    shadow = blur(np.roll((~behind).astype(np.float32), (9, 7), (0, 1)), 7)
    far = far * (1 - 0.30 * shadow)[..., None]
    image = np.where(behind[..., None], far, near)
    vignette = 1.06 - 0.28 * (((COLUMNS / SIZE - 0.5) ** 2 + (ROWS / SIZE - 0.5) ** 2) / 0.5)
    darkened: Image = blur(image, 1.2) * vignette[..., None]
    return darkened


def painting(scene: Scene, rng: np.random.Generator) -> Image:
    """Nobody's style: gouache in two tones with a pencil line, on cream paper with a free margin."""
    paper = np.asarray((0.96, 0.93, 0.86), np.float32)
    image = local_colour(scene)
    tone = np.where(relief(scene) > 0.05, 1.06, 0.86)[..., None]
    image = mix(image * np.where(backdrop(scene)[..., None], 1.0, tone), (0.86, 0.82, 0.74), 0.22)
    image = image * (1 + 0.07 * noise(rng, 16))[..., None]
    image = mix(image, (0.36, 0.28, 0.24), outline(scene, 3) * 0.75)
    rim = np.minimum.reduce([COLUMNS, ROWS, SIZE - 1 - COLUMNS, SIZE - 1 - ROWS]) + 5 * noise(rng, 16)
    return mix(image, paper, (rim < 17)[..., None].astype(np.float32))


def with_details(scene: Scene, image: Image, share: float) -> Image:
    """Eyes, windows and the like painted once more over strokes that are too broad for them."""
    fine = where(scene, "dark", "light", "accent") & ~backdrop(scene)
    return mix(image, local_colour(scene), share * fine[..., None])


def van_gogh(scene: Scene, rng: np.random.Generator) -> Image:
    tints = {
        "sky": (0.10, 0.24, 0.62),
        "wall": (0.12, 0.28, 0.62),
        "water": (0.08, 0.34, 0.52),
        "ground": (0.72, 0.60, 0.16),
        "skin": (0.88, 0.70, 0.34),
        "hair": (0.72, 0.36, 0.12),
        "light": (0.98, 0.86, 0.34),
    }
    image = recolour(scene, lambda region: tinted(region, tints, 0.78 if region.background else 0.42))
    angles = flow_along(image)
    sky = where(scene, "sky", "wall", "water")
    swirl = 0.5 * noise(rng, 128)
    for x, y in zip(rng.permutation([0.16, 0.84]), rng.uniform(0.14, 0.5, 2), strict=True):
        dx, dy = COLUMNS - x * SIZE, ROWS - y * SIZE
        distance = np.sqrt(dx**2 + dy**2)
        swirl = np.where(distance < 62, np.arctan2(dy, dx) + np.pi / 2, swirl)
        if rng.random() < 0.8:
            rings = 0.5 + 0.5 * np.cos(distance / 62 * np.pi * 3.2)
            glow = (np.maximum(1 - distance / 62, 0) ** 0.6 * (0.25 + 0.75 * rings) * sky)[..., None]
            image = mix(image, (0.97, 0.84, 0.30), glow)
    angles = np.where(sky, swirl, angles)
    image = dabs(image, image, angles, rng, length=28, width=9, variety=0.09, bend=0.25)
    image = with_details(scene, image, 0.6)
    ink = np.maximum(outline(scene, 6, everything=False), 0.7 * outline(scene, 3))
    return mix(image, (0.06, 0.10, 0.26), ink * 0.85)


def monet(scene: Scene, rng: np.random.Generator) -> Image:
    tints = {
        "sky": (0.74, 0.80, 0.94),
        "wall": (0.72, 0.78, 0.90),
        "water": (0.52, 0.70, 0.80),
        "ground": (0.56, 0.74, 0.60),
        "dark": (0.30, 0.34, 0.56),
    }
    image = recolour(scene, lambda region: tinted(region, tints, 0.75 if region.background else 0.3))
    image = mix(image, (0.76, 0.78, 0.92), np.where(backdrop(scene), 0.24, 0.12)[..., None])
    lilac = np.asarray((0.84, 0.72, 0.90), np.float32)
    image = mix(image, lilac, (0.35 * (noise(rng, 32) > 0.15))[..., None] * backdrop(scene)[..., None])
    level = 0.25 * noise(rng, 64)
    image = with_details(scene, dabs(blur(image, 6), image, level, rng, length=20, width=9, variety=0.05), 0.4)
    image = mix(image, (0.34, 0.36, 0.60), 0.55 * outline(scene, 4, everything=False))
    return blur(image, 1.2)


def renoir(scene: Scene, rng: np.random.Generator) -> Image:
    tints = {
        "sky": (0.90, 0.70, 0.58),
        "wall": (0.34, 0.44, 0.40),
        "water": (0.50, 0.48, 0.46),
        "ground": (0.50, 0.46, 0.20),
        "skin": (0.97, 0.72, 0.62),
        "hair": (0.52, 0.24, 0.12),
        "light": (0.99, 0.90, 0.74),
        "dark": (0.30, 0.14, 0.14),
    }
    image = recolour(scene, lambda region: tinted(region, tints, 0.72 if region.background else 0.3))
    image = mix(image, (0.95, 0.55, 0.38), np.where(backdrop(scene), 0.24, 0.14)[..., None])
    dapple = (0.5 * np.maximum(noise(rng, 32), 0))[..., None]
    image = mix(image, (1.0, 0.84, 0.58), dapple)
    feather = -0.9 + 0.45 * noise(rng, 64)
    strokes = dabs(blur(image, 6), image, feather, rng, length=28, width=7, variety=0.06, bend=0.3)
    image = mix(with_details(scene, strokes, 0.5), (0.34, 0.12, 0.10), 0.6 * outline(scene, 4, everything=False))
    return blur(image, 1.2)


def seurat(scene: Scene, rng: np.random.Generator) -> Image:
    image = mix(local_colour(scene), (0.95, 0.85, 0.60), 0.10)
    canvas = np.full((SIZE, SIZE, 3), (0.97, 0.94, 0.86), np.float32)
    points = spots(rng)
    colours = sample(image, points)
    accents = np.asarray([(0.95, 0.60, 0.20), (0.25, 0.40, 0.80), (0.85, 0.35, 0.50)])
    stray = rng.random(len(points)) < 0.10
    colours[stray] = 0.45 * colours[stray] + 0.55 * accents[rng.integers(3, size=stray.sum())]
    colours = (colours * 1.08 - 0.05 + rng.normal(0, 0.045, (len(points), 1))).clip(0, 1)
    for (x, y), colour in zip(np.round(points * 8).astype(int), colours.tolist(), strict=True):
        cv2.circle(canvas, (int(x), int(y)), 42, colour, -1, cv2.LINE_AA, shift=3)
    return canvas


def rembrandt(scene: Scene, rng: np.random.Generator) -> Image:
    image = mix(local_colour(scene), (0.74, 0.52, 0.28), np.where(backdrop(scene), 0.85, 0.38)[..., None])
    lit = 0.80 + 0.60 * relief(scene)
    x, y = rng.uniform(0.36, 0.46, 2) * SIZE
    spotlight = np.exp(-((COLUMNS - x) ** 2 + (ROWS - y) ** 2) / (2 * (0.25 * SIZE) ** 2))
    glow = np.where(backdrop(scene), 0.05 + 0.22 * spotlight, lit * (0.10 + 1.15 * spotlight))
    glow = blur(glow.astype(np.float32), 1.5)[..., None]
    lighted: Image = blur(image, 1.4) * glow * (1.06, 0.96, 0.80) + (0.05, 0.03, 0.015)
    return lighted


def munch(scene: Scene, rng: np.random.Generator) -> Image:
    tints = {
        "body": (0.36, 0.36, 0.34),
        "skin": (0.76, 0.70, 0.46),
        "light": (0.88, 0.82, 0.60),
        "hair": (0.30, 0.20, 0.16),
    }
    image = recolour(scene, lambda region: tinted(region, tints, 0.45))
    phase = rng.uniform(0, 2 * np.pi)
    wave = 14 * np.sin(COLUMNS / 27 + phase) + 9 * noise(rng, 64)
    bands = 0.5 + 0.5 * np.sin((ROWS + wave) / 7.0)
    red, yellow = np.asarray((0.78, 0.22, 0.08)), np.asarray((0.98, 0.66, 0.22))
    navy, teal = np.asarray((0.08, 0.12, 0.26)), np.asarray((0.22, 0.40, 0.48))
    upper, lower = red + (yellow - red) * bands[..., None], navy + (teal - navy) * bands[..., None]
    image = np.where(where(scene, "sky", "wall")[..., None], upper, image)
    image = np.where(where(scene, "ground", "water")[..., None], lower, image)
    object_bands = 0.86 + 0.22 * np.sin((COLUMNS + ROWS * 0.6 + wave) / 7.0)
    image = np.where(backdrop(scene)[..., None], image, image * object_bands[..., None])
    image = mix(image.astype(np.float32), (0.10, 0.06, 0.10), outline(scene, 5))
    sway = (7 * np.sin(ROWS / 26 + phase)).astype(np.float32)
    return cv2.remap(image, COLUMNS + sway, ROWS, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)


def klimt(scene: Scene, rng: np.random.Generator) -> Image:
    gold, amber = np.asarray((0.87, 0.69, 0.25)), np.asarray((0.66, 0.45, 0.12))
    behind = backdrop(scene)
    image = mix(local_colour(scene), (0.74, 0.50, 0.22), np.where(behind, 0.0, 0.30)[..., None])
    leaf = gold + (amber - gold) * (0.5 + 0.5 * noise(rng, 32))[..., None]
    ornament = np.ascontiguousarray(leaf, np.float32)
    turns = np.linspace(0.6, 2.25 * 2 * np.pi, 40)
    for x, y in spots(rng, pitch=4 * CELL):
        start, hand = rng.integers(4) * np.pi / 2, rng.choice((-1, 1))
        spiral = np.stack(
            [x + turns * 1.5 * np.cos(hand * turns + start), y + turns * 1.5 * np.sin(hand * turns + start)], 1
        )
        ink = ((0.34, 0.20, 0.08), (0.98, 0.90, 0.60))[rng.integers(2)]
        cv2.polylines(ornament, [np.round(spiral * 8).astype(np.int32)], False, ink, 4, cv2.LINE_AA, shift=3)
    floor = where(scene, "ground", "water")[..., None]
    checks = (((COLUMNS // 16) + (ROWS // 16)) % 2)[..., None]
    ornament = np.where(floor, mix(leaf, (0.42, 0.30, 0.16), 0.55 * checks), ornament)
    tiles = ((COLUMNS % 22 < 9) & (ROWS % 22 < 9))[..., None] & where(scene, "body")[..., None]
    image = np.where(tiles, mix(image, gold, 0.75), image)
    return mix(np.where(behind[..., None], ornament, image).astype(np.float32), (0.24, 0.14, 0.06), outline(scene, 4))


def facets(
    scene: Scene, image: Image, rng: np.random.Generator, cuts: int, push: float, contrast: float
) -> tuple[Image, Image]:
    """A picture broken along straight cuts, its pieces pushed and shaded apart; and the lines between."""
    code = cells(rng, cuts)
    values = np.unique(code, return_inverse=True)[1].reshape(code.shape)
    count = int(values.max()) + 1
    shift_x, shift_y = (rng.uniform(-push, push, count).astype(np.float32)[values] for _ in range(2))
    ink = outline(scene, 5)
    broken, lines = (
        cv2.remap(layer, COLUMNS + shift_x, ROWS + shift_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        for layer in (image, ink)
    )
    slope = rng.uniform(-1, 1, count).astype(np.float32)[values] * (COLUMNS - ROWS) / SIZE
    tone = 1 + contrast * rng.uniform(-1, 1, count).astype(np.float32)[values] + contrast * slope
    edges = cv2.morphologyEx(values.astype(np.uint16), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
    return broken * tone[..., None], np.maximum(lines, edges)[..., None]


def picasso(scene: Scene, rng: np.random.Generator) -> Image:
    blues, warm = (0.20, 0.42, 0.66), (0.90, 0.62, 0.36)
    tints = {
        "sky": blues,
        "wall": blues,
        "water": (0.16, 0.34, 0.52),
        "ground": (0.62, 0.36, 0.26),
        "skin": warm,
        "body": warm,
    }
    image = recolour(scene, lambda region: tinted(region, tints, 0.62 if region.background else 0.40))
    broken, lines = facets(scene, image, rng, cuts=5, push=13, contrast=0.20)
    return mix(broken, (0.06, 0.05, 0.08), cv2.dilate(lines[..., 0], np.ones((3, 3)))[..., None])


def braque(scene: Scene, rng: np.random.Generator) -> Image:
    grey = 0.10 + 0.95 * local_colour(scene).mean(2, keepdims=True) * (1.0, 0.93, 0.76)
    image = mix(grey.astype(np.float32), (0.44, 0.46, 0.36), 0.75 * backdrop(scene)[..., None])
    broken, lines = facets(scene, image, rng, cuts=7, push=8, contrast=0.17)
    return mix(blur(broken, 1.2), (0.22, 0.19, 0.13), lines * 0.8)

"""The flat and graphic styles: printed, cut and ruled. Same contract as styles.py."""

import itertools
from collections.abc import Callable

import cv2
import numpy as np

from atelier.brush import COLUMNS, ROWS, Image, backdrop, mix, outline, recolour, relief, where
from atelier.scenes import SIZE, Colour, Region, Scene, ellipse
from atelier.styles import tinted

BLACK: Colour = (0.05, 0.05, 0.06)
PAPER: Colour = (0.97, 0.96, 0.93)
RED: Colour = (0.86, 0.13, 0.12)
BLUE: Colour = (0.11, 0.26, 0.68)
YELLOW: Colour = (0.98, 0.82, 0.10)


def flat(scene: Scene, rng: np.random.Generator, body: tuple[Colour, ...], fixed: dict[str, Colour]) -> Image:
    """Foreground regions in one of the body colours, no two neighbours in line alike, but for fixed roles."""
    order = rng.permutation(len(body))
    colours: list[Colour] = []
    for number, region in enumerate(scene.regions):
        colours.append(fixed.get(region.role, body[order[number % len(body)]]))
    image: Image = np.asarray(colours, np.float32)[scene.labels]
    return image


def mondrian(scene: Scene, rng: np.random.Generator) -> Image:
    canvas = np.full((SIZE, SIZE, 3), PAPER, np.float32)
    xs = [0, *(np.sort(rng.choice([44, 78, 128, 178, 212], 3, replace=False)) + rng.integers(-6, 7)), SIZE]
    ys = [0, *(np.sort(rng.choice([44, 82, 128, 172, 212], 3, replace=False)) + rng.integers(-6, 7)), SIZE]
    fills = (PAPER, PAPER, PAPER, RED, BLUE, YELLOW)
    for left, right in itertools.pairwise(xs):
        for top, bottom in itertools.pairwise(ys):
            canvas[top:bottom, left:right] = fills[rng.integers(len(fills))]
            cv2.rectangle(canvas, (int(left), int(top)), (int(right), int(bottom)), BLACK, 7)
    image = flat(scene, rng, (RED, BLUE, YELLOW), {"light": PAPER, "dark": BLACK, "skin": PAPER})
    image = np.where(backdrop(scene)[..., None], canvas, image)
    return mix(
        image, BLACK, np.maximum(outline(scene, 8, everything=False), outline(scene, 5) * ~backdrop(scene)[..., None])
    )


def lichtenstein(scene: Scene, rng: np.random.Generator) -> Image:
    image = flat(
        scene,
        rng,
        (RED, BLUE, YELLOW),
        {"light": PAPER, "dark": BLACK, "skin": PAPER, "ground": YELLOW, "sky": PAPER, "wall": PAPER, "water": PAPER},
    )
    pitch = 18
    row = np.floor(ROWS / (pitch / 2))
    nearest_x = (COLUMNS + (row % 2) * pitch / 2) % pitch - pitch / 2
    nearest_y = ROWS % (pitch / 2) - pitch / 4
    dots = (np.abs(nearest_x) + np.abs(nearest_y) * 1.0 < 5.4)[..., None]
    ink = (BLUE, RED)[rng.integers(2)]
    image = np.where(dots & where(scene, "sky", "wall", "water")[..., None], np.asarray(ink, np.float32), image)
    image = np.where(dots & where(scene, "skin")[..., None], np.asarray((0.95, 0.45, 0.42), np.float32), image)
    return mix(image, BLACK, outline(scene, 7))


def by_role_of(colours: dict[str, Colour]) -> Callable[[Region], Colour]:
    return lambda region: colours[region.role]


def warhol(scene: Scene, rng: np.random.Generator) -> Image:
    """One silkscreen over four blocks of colour, its black ink a little off register."""
    inks: tuple[Colour, ...] = (
        (0.98, 0.20, 0.55),
        (0.10, 0.75, 0.85),
        (0.99, 0.86, 0.10),
        (0.45, 0.85, 0.25),
        (0.58, 0.22, 0.80),
        (0.99, 0.50, 0.10),
    )
    canvas = np.empty((SIZE, SIZE, 3), np.float32)
    half = SIZE // 2
    first = rng.permutation(len(inks))
    for panel in range(4):
        wheel = [inks[first[(panel + turn) % len(inks)]] for turn in range(len(inks))]
        by_role = {
            "sky": wheel[0],
            "wall": wheel[0],
            "water": wheel[5],
            "ground": wheel[1],
            "body": wheel[2],
            "skin": wheel[2],
        }
        by_role |= {"hair": wheel[3], "accent": wheel[3], "light": wheel[4], "dark": BLACK}
        picture = recolour(scene, by_role_of(by_role))
        block = np.s_[(panel // 2) * half :, (panel % 2) * half :]
        canvas[block] = picture[block]
    shade = ((relief(scene) < -0.48) & ~backdrop(scene))[..., None].astype(np.float32)
    ink = np.roll(np.maximum(shade, outline(scene, 3)), (3, 4), (0, 1))
    return mix(canvas, BLACK, ink)


def hokusai(scene: Scene, rng: np.random.Generator) -> Image:
    prussian, paper = (0.10, 0.22, 0.42), (0.94, 0.88, 0.74)
    tints = {
        "sky": paper,
        "wall": paper,
        "ground": (0.74, 0.68, 0.50),
        "water": (0.36, 0.52, 0.66),
        "body": (0.34, 0.50, 0.66),
        "accent": (0.74, 0.48, 0.40),
        "dark": prussian,
        "light": (0.97, 0.94, 0.86),
        "skin": (0.93, 0.82, 0.66),
        "hair": (0.16, 0.18, 0.28),
    }
    image = recolour(scene, lambda region: tinted(region, tints, 0.85))
    bokashi = (np.clip(1 - ROWS / 74, 0, 1) ** 1.2)[..., None] * where(scene, "sky", "wall")[..., None]
    image = mix(mix(image, prussian, bokashi * 0.9), prussian, outline(scene, 4))
    canvas = np.ascontiguousarray(image, np.float32)
    radius, start = 30, rng.integers(30)
    for row, top in enumerate(range(SIZE - 62, SIZE + radius, 16)):
        for x in range(-radius + start - (row % 2) * radius, SIZE + 2 * radius, 2 * radius):
            for ring, colour in ((30, paper), (26, prussian), (20, paper), (16, (0.36, 0.52, 0.66)), (8, paper)):
                cv2.circle(canvas, (int(x), top + radius), ring, colour, -1, cv2.LINE_AA)
    return canvas


def matisse(scene: Scene, rng: np.random.Generator) -> Image:
    """Flat paper shapes on blocks of bright paper, cut leaves in the corners."""
    sheets: tuple[Colour, ...] = (
        (0.95, 0.38, 0.55),
        (0.14, 0.36, 0.74),
        (0.98, 0.62, 0.16),
        (0.18, 0.58, 0.42),
        (0.97, 0.84, 0.30),
        (0.52, 0.30, 0.62),
    )
    order = rng.permutation(len(sheets))
    canvas = np.empty((SIZE, SIZE, 3), np.float32)
    across, down = rng.integers(96, 160, 2)
    canvas[:down, :across], canvas[:down, across:] = sheets[order[0]], sheets[order[1]]
    canvas[down:, :across], canvas[down:, across:] = sheets[order[1]], sheets[order[2]]
    for x, y in ((0.13, 0.15), (0.87, 0.15), (0.12, 0.86), (0.88, 0.86)):
        _leaf(canvas, x, y, PAPER, rng.uniform(0, 360))
    figure = {
        "light": PAPER,
        "dark": BLACK,
        "body": sheets[order[3]],
        "accent": sheets[order[4]],
        "hair": sheets[order[5]],
    }
    image = recolour(scene, lambda region: tinted(region, {**figure, "skin": sheets[order[4]]}, 1.0))
    return np.where(backdrop(scene)[..., None], canvas, image)


def _leaf(canvas: Image, x: float, y: float, colour: Colour, turn: float) -> None:
    """A cut-paper leaf: five lobes round a stalk."""
    for tilt, reach in ((-70, 0.055), (-35, 0.07), (0, 0.08), (35, 0.07), (70, 0.055)):
        angle = np.deg2rad(turn + tilt)
        lobe = ellipse(x + reach * np.cos(angle), y + reach * np.sin(angle), 0.062, 0.021, turn + tilt)
        cv2.fillPoly(canvas, [np.round(lobe * SIZE * 8).astype(np.int32)], colour, cv2.LINE_AA, shift=3)

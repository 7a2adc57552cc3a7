"""Things as scenes: houses, trees, cats, ghosts. A drawing lays its regions into a Scene."""

from collections.abc import Callable

import numpy as np

from atelier.scenes import (
    GRASS,
    INK,
    SKY,
    WATER,
    WHITE,
    Scene,
    at,
    box,
    ellipse,
    interior,
    landscape,
    polygon,
    smooth,
)


def house(scene: Scene) -> None:
    landscape(scene, 0.74)
    scene.place()
    wall = scene.pick((0.90, 0.84, 0.70), (0.82, 0.62, 0.50), (0.86, 0.86, 0.84))
    roof = scene.pick((0.72, 0.24, 0.18), (0.45, 0.28, 0.22), (0.30, 0.36, 0.46))
    scene.add("accent", scene.vary((0.55, 0.32, 0.26)), box(0.60, 0.20, 0.69, 0.42))
    scene.add("body", wall, box(0.23, 0.48, 0.77, 0.84))
    scene.add("accent", roof, at("16,50 33,25 67,25 84,50"))
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
    scene.add("dark", bark, smooth(at("45,50 55,50 56,78 61,90 39,90 44,78")))
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
    scene.add("body", sail, smooth(at("53,16 62,30 78,62 53,64 53,40")))
    scene.add("light", scene.vary((0.92, 0.90, 0.86)), polygon(0.47, 0.22, 0.47, 0.64, 0.25, 0.62))
    hull = scene.pick((0.55, 0.25, 0.18), (0.20, 0.26, 0.42), (0.30, 0.44, 0.36))
    scene.add("accent", hull, smooth(at("16,69 50,72 86,69 74,84 50,86 28,84")))


def mountain(scene: Scene) -> None:
    landscape(scene, 0.80)
    scene.place()
    rock = scene.pick((0.42, 0.46, 0.56), (0.50, 0.44, 0.50), (0.38, 0.44, 0.46))
    far = tuple(0.6 * c + 0.3 for c in rock)
    scene.add("accent", far, polygon(0.46, 0.81, 0.74, 0.34, 1.04, 0.81))
    scene.add("light", WHITE, at("74,34 67,46 73,44 77,48 81.5,46"))
    scene.add("body", rock, polygon(-0.02, 0.81, 0.38, 0.16, 0.78, 0.81))
    scene.add("light", WHITE, at("38,16 26,35.5 33,32 39,38 44,32 50,35.5"))


def flower(scene: Scene) -> None:
    interior(scene, 0.86)
    scene.place()
    stem = scene.vary((0.22, 0.48, 0.22))
    scene.line("dark", stem, 0.035, smooth(at("50,40 52,62 50,92"), closed=False))
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
    scene.line("body", fur, 0.07, smooth(at("68,86 86,82 88,62 80,52"), closed=False))
    scene.add(
        "body",
        fur,
        smooth(at("50,42 64,56 72,78 66,92 50,93 34,92 28,78 36,56")),
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
    scene.line("dark", dark, 0.014, smooth(at("44,45 48,45.5 50,42 52,45.5 56,45"), closed=False))


def fish(scene: Scene) -> None:
    scene.add("water", scene.pick(*WATER, (0.35, 0.65, 0.78)), box(0, 0, 1, 1))
    scene.add(
        "ground",
        scene.vary((0.82, 0.72, 0.48)),
        smooth(at("-10,110 -10,88 30,84 70,90 110,86 110,110")),
    )
    scene.place()
    scales = scene.pick((0.95, 0.55, 0.15), (0.85, 0.25, 0.22), (0.95, 0.80, 0.30), (0.80, 0.84, 0.88))
    fin = scene.vary(tuple(0.75 * c for c in scales))
    scene.add(
        "accent",
        fin,
        at("66,48 92,28 86,48 92,68"),
        smooth(at("34,34 46,18 60,36")),
        smooth(at("42,62 52,76 56,60")),
    )
    scene.add(
        "body",
        scales,
        smooth(at("8,50 20,36 42,30 62,38 76,48 62,60 42,67 20,62")),
    )
    scene.line(
        "light",
        WHITE,
        0.045,
        smooth(at("36,33 40,48 36,64.5"), closed=False),
        smooth(at("54,36 57,48 54,61"), closed=False),
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
    scene.line("dark", branch, 0.05, smooth(at("-20,84 30,80 70,82 120,74"), closed=False))
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
    scene.add("accent", wing, at("70,56 96,66 92,74 66,70"))
    scene.add(
        "body",
        plume,
        smooth(at("24,30 34,20 46,26 52,38 68,50 74,66 56,76 38,70 29,54 27,40")),
    )
    scene.add(
        "light",
        scene.vary((0.95, 0.88, 0.75)),
        smooth(at("30,48 40,50 50,66 48,74 38,69 31,58")),
    )
    scene.add("accent", wing, smooth(at("46,44 62,50 76,66 60,66 48,58")))
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
        outline = at("0,-19 10,-23.5 21,-19 25.5,-4 20,14 10,24 0,21.5 -10,24 -20,14 -25.5,-4 -21,-19 -10,-23.5")
        scene.add("body" if size == 1.0 else "accent", scene.pick(*skins), smooth(outline * size + (x, y)))
        scene.line(
            "dark",
            (0.35, 0.22, 0.12),
            0.026 * size,
            smooth(polygon(x, y - 0.17 * size, x + 0.01, y - 0.27 * size, x + 0.03, y - 0.34 * size), closed=False),
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
        smooth(at("-30,60 -5,50 10,60 12,86 -5,95 -30,90")),
        smooth(at("130,60 105,50 90,60 88,86 105,95 130,90")),
    )
    stone = scene.pick((0.70, 0.62, 0.52), (0.62, 0.48, 0.40), (0.66, 0.66, 0.66))
    scene.add(
        "body",
        stone,
        smooth(at("-20,50 10,42 50,34 90,42 120,50 120,60 95,80 50,80 5,80 -20,60")),
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
        smooth(at("-20,50 10,42 50,34 90,42 120,50"), closed=False),
    )


def skull(scene: Scene) -> None:
    interior(scene, 0.82, ((0.28, 0.24, 0.30), (0.34, 0.28, 0.24)))
    scene.place()
    bone = scene.vary((0.90, 0.86, 0.74), 0.04)
    scene.add(
        "body",
        bone,
        smooth(at("50,10 72,18 80,40 72,60 66,66 64,86 50,89 36,86 34,66 28,60 20,40 28,18")),
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
        smooth(at("50,12 66,20 72,40 86,42 76,56 78,84 69,76 60,88 50,77 40,88 31,76 22,84 24,56 14,42 28,40 34,20")),
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

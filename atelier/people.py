"""People as scenes: busts of men and women, professions at work, and artists as themselves."""

from atelier.scenes import (
    INK,
    WHITE,
    Colour,
    Scene,
    box,
    ellipse,
    interior,
    polygon,
    smooth,
)
from atelier.world import Picture

SKIN: tuple[Colour, ...] = ((0.93, 0.76, 0.64), (0.80, 0.60, 0.46), (0.55, 0.38, 0.28))
HAIR: tuple[Colour, ...] = ((0.22, 0.15, 0.11), (0.45, 0.28, 0.15), (0.80, 0.62, 0.32))
CLOTHES: tuple[Colour, ...] = ((0.30, 0.42, 0.62), (0.62, 0.28, 0.28), (0.32, 0.48, 0.36), (0.80, 0.64, 0.32))
COAT = (0.93, 0.94, 0.95)


def person(scene: Scene, picture: Picture) -> None:
    """A bust: long hair for women, short hair and often a beard for men, dressed for the profession."""
    if picture.subject == "teacher":
        blackboard(scene)
    else:
        interior(scene)
    scene.place(jitter=0.025, zoom=0.05)
    skin, hair = scene.pick(*SKIN), scene.pick(*HAIR)
    if picture.woman:
        scene.add(
            "hair",
            hair,
            smooth(
                0.5,
                0.11,
                0.68,
                0.18,
                0.75,
                0.40,
                0.77,
                0.68,
                0.64,
                0.74,
                0.36,
                0.74,
                0.23,
                0.68,
                0.25,
                0.40,
                0.32,
                0.18,
            ),
        )
    body(scene, skin, _clothes(scene, picture))
    face(scene, skin)
    if picture.woman:
        scene.add(
            "hair",
            hair,
            smooth(
                0.5,
                0.13,
                0.66,
                0.20,
                0.715,
                0.42,
                0.655,
                0.33,
                0.56,
                0.245,
                0.42,
                0.27,
                0.345,
                0.35,
                0.285,
                0.42,
                0.34,
                0.20,
            ),
        )
        scene.line("accent", (0.78, 0.22, 0.26), 0.026, smooth(0.455, 0.525, 0.5, 0.54, 0.545, 0.525, closed=False))
    else:
        scene.add(
            "hair",
            hair,
            smooth(
                0.5,
                0.12,
                0.64,
                0.17,
                0.69,
                0.34,
                0.655,
                0.36,
                0.62,
                0.25,
                0.5,
                0.225,
                0.38,
                0.25,
                0.345,
                0.36,
                0.31,
                0.34,
                0.36,
                0.17,
            ),
        )
        if scene.rng.random() < 0.5:
            beard(scene, hair)
    ATTIRE.get(picture.subject, lambda scene: None)(scene)


def _clothes(scene: Scene, picture: Picture) -> Colour:
    uniforms = {"doctor": COAT, "nurse": (0.52, 0.74, 0.84), "chef": COAT, "teacher": (0.36, 0.50, 0.34)}
    return scene.vary(uniforms[picture.subject], 0.03) if picture.subject in uniforms else scene.pick(*CLOTHES)


def body(scene: Scene, skin: Colour, clothes: Colour) -> None:
    scene.add("body", clothes, smooth(0.5, 0.66, 0.66, 0.70, 0.84, 0.78, 0.94, 1.2, 0.06, 1.2, 0.16, 0.78, 0.34, 0.70))
    scene.add("skin", skin, polygon(0.43, 0.55, 0.57, 0.55, 0.59, 0.70, 0.5, 0.78, 0.41, 0.70))


def face(scene: Scene, skin: Colour) -> None:
    shade = tuple(0.78 * c for c in skin)
    scene.add(
        "skin",
        skin,
        smooth(0.5, 0.17, 0.63, 0.22, 0.665, 0.38, 0.62, 0.54, 0.5, 0.63, 0.38, 0.54, 0.335, 0.38, 0.37, 0.22),
    )
    scene.add("light", WHITE, ellipse(0.425, 0.385, 0.042, 0.026), ellipse(0.575, 0.385, 0.042, 0.026))
    scene.add("dark", INK, ellipse(0.425, 0.385, 0.02, 0.024), ellipse(0.575, 0.385, 0.02, 0.024))
    scene.line(
        "dark", (0.20, 0.14, 0.12), 0.018, polygon(0.375, 0.335, 0.465, 0.33), polygon(0.535, 0.33, 0.625, 0.335)
    )
    scene.add("skin", shade, polygon(0.495, 0.385, 0.535, 0.475, 0.475, 0.475))
    scene.line("accent", (0.66, 0.34, 0.32), 0.02, smooth(0.45, 0.53, 0.5, 0.54, 0.55, 0.53, closed=False))


def beard(scene: Scene, hair: Colour) -> None:
    scene.add(
        "hair",
        hair,
        smooth(0.345, 0.46, 0.40, 0.49, 0.5, 0.485, 0.60, 0.49, 0.655, 0.46, 0.625, 0.60, 0.5, 0.69, 0.375, 0.60),
    )
    scene.add("accent", (0.72, 0.42, 0.40), ellipse(0.5, 0.535, 0.05, 0.016))


def blackboard(scene: Scene) -> None:
    scene.add("wall", scene.vary((0.16, 0.30, 0.24), 0.03), box(0, 0, 1, 1))
    scene.line("ground", (0.60, 0.42, 0.26), 0.06, polygon(-0.1, 0.02, 1.1, 0.02))
    scene.line(
        "light",
        (0.88, 0.90, 0.86),
        0.016,
        polygon(0.05, 0.16, 0.22, 0.16),
        polygon(0.05, 0.27, 0.18, 0.27),
        polygon(0.80, 0.14, 0.95, 0.14),
        polygon(0.83, 0.25, 0.95, 0.25),
        polygon(0.82, 0.36, 0.92, 0.36),
    )


def doctor(scene: Scene) -> None:
    scene.line(
        "accent",
        (0.30, 0.34, 0.40),
        0.026,
        smooth(0.38, 0.70, 0.38, 0.84, 0.5, 0.92, 0.62, 0.84, 0.62, 0.70, closed=False),
    )
    scene.add("accent", (0.45, 0.50, 0.56), ellipse(0.5, 0.93, 0.05))
    scene.line("light", (0.80, 0.82, 0.86), 0.02, polygon(0.37, 0.20, 0.63, 0.20))
    scene.add("light", (0.72, 0.80, 0.86), ellipse(0.5, 0.19, 0.065))


def nurse(scene: Scene) -> None:
    scene.add("light", COAT, smooth(0.32, 0.20, 0.34, 0.06, 0.5, 0.03, 0.66, 0.06, 0.68, 0.20, 0.5, 0.17))
    scene.add("accent", (0.85, 0.15, 0.18), box(0.48, 0.065, 0.52, 0.155), box(0.455, 0.09, 0.545, 0.13))
    scene.add(
        "light",
        COAT,
        polygon(0.36, 0.69, 0.44, 0.72, 0.40, 1.2, 0.28, 1.2),
        polygon(0.64, 0.69, 0.56, 0.72, 0.60, 1.2, 0.72, 1.2),
    )


def chef(scene: Scene) -> None:
    scene.add(
        "light",
        COAT,
        ellipse(0.38, 0.09, 0.11),
        ellipse(0.5, 0.05, 0.13),
        ellipse(0.62, 0.09, 0.11),
        box(0.345, 0.08, 0.655, 0.22),
    )
    scene.line("accent", (0.72, 0.74, 0.78), 0.014, polygon(0.345, 0.20, 0.655, 0.20))
    scene.add("dark", (0.30, 0.30, 0.34), *(ellipse(x, y, 0.017) for x in (0.42, 0.58) for y in (0.82, 0.91)))
    scene.add(
        "accent",
        (0.82, 0.20, 0.18),
        polygon(0.5, 0.71, 0.38, 0.66, 0.38, 0.77),
        polygon(0.5, 0.71, 0.62, 0.66, 0.62, 0.77),
    )


def teacher(scene: Scene) -> None:
    scene.line(
        "dark",
        INK,
        0.016,
        ellipse(0.425, 0.385, 0.062, 0.05),
        ellipse(0.575, 0.385, 0.062, 0.05),
        polygon(0.485, 0.38, 0.515, 0.38),
    )
    scene.add(
        "accent",
        (0.90, 0.84, 0.62),
        polygon(0.42, 0.70, 0.5, 0.80, 0.36, 0.80),
        polygon(0.58, 0.70, 0.5, 0.80, 0.64, 0.80),
    )


ATTIRE = {f.__name__: f for f in (doctor, nurse, chef, teacher)}


def picasso(scene: Scene) -> None:
    """Bald with white side hair, in a shirt of navy and white stripes."""
    interior(scene, walls=((0.72, 0.66, 0.60), (0.62, 0.62, 0.66)))
    scene.place(jitter=0.025, zoom=0.05)
    skin = scene.vary((0.84, 0.66, 0.52), 0.03)
    scene.add("hair", (0.90, 0.89, 0.87), ellipse(0.345, 0.36, 0.04, 0.08), ellipse(0.655, 0.36, 0.04, 0.08))
    body(scene, skin, (0.94, 0.94, 0.93))
    stripes = [
        smooth(0.0, y + 0.05, 0.25, y, 0.5, y + 0.03, 0.75, y, 1.0, y + 0.05, closed=False)
        for y in (0.80, 0.88, 0.96, 1.04)
    ]
    shirt = scene.labels == len(scene.regions) - 2
    before = scene.labels.copy()
    scene.line("accent", (0.12, 0.18, 0.40), 0.04, *stripes)
    scene.labels[:] = (scene.labels * shirt) + before * ~shirt
    face(scene, skin)


def monet(scene: Scene) -> None:
    """A straw hat and a long white beard, before garden green."""
    interior(scene, walls=((0.42, 0.58, 0.40), (0.50, 0.62, 0.46)))
    scene.place(jitter=0.025, zoom=0.05)
    skin = scene.vary((0.90, 0.72, 0.60), 0.03)
    body(scene, skin, scene.vary((0.34, 0.32, 0.36), 0.03))
    face(scene, skin)
    white = (0.92, 0.91, 0.88)
    scene.add(
        "hair",
        white,
        smooth(
            0.34,
            0.44,
            0.42,
            0.49,
            0.5,
            0.485,
            0.58,
            0.49,
            0.66,
            0.44,
            0.70,
            0.66,
            0.60,
            0.84,
            0.5,
            0.90,
            0.40,
            0.84,
            0.30,
            0.66,
        ),
    )
    scene.add("accent", (0.72, 0.42, 0.40), ellipse(0.5, 0.535, 0.05, 0.016))
    straw = scene.vary((0.90, 0.78, 0.48), 0.03)
    scene.add(
        "body",
        straw,
        smooth(0.34, 0.24, 0.36, 0.08, 0.5, 0.05, 0.64, 0.08, 0.66, 0.24),
        ellipse(0.5, 0.245, 0.30, 0.055),
    )
    scene.line("dark", (0.30, 0.24, 0.22), 0.035, smooth(0.35, 0.205, 0.5, 0.225, 0.65, 0.205, closed=False))


def warhol(scene: Scene) -> None:
    """A spiky silver wig, dark glasses and a black turtleneck."""
    interior(scene, walls=((0.66, 0.66, 0.70), (0.76, 0.70, 0.72)))
    scene.place(jitter=0.025, zoom=0.05)
    skin = scene.vary((0.93, 0.80, 0.74), 0.03)
    black = (0.12, 0.12, 0.14)
    body(scene, skin, black)
    scene.add("dark", black, box(0.40, 0.60, 0.60, 0.74))
    face(scene, skin)
    scene.add(
        "hair",
        (0.88, 0.88, 0.90),
        polygon(
            0.30,
            0.44,
            0.22,
            0.36,
            0.27,
            0.30,
            0.20,
            0.20,
            0.30,
            0.18,
            0.28,
            0.07,
            0.39,
            0.11,
            0.43,
            0.02,
            0.51,
            0.09,
            0.60,
            0.02,
            0.63,
            0.11,
            0.73,
            0.08,
            0.71,
            0.18,
            0.80,
            0.21,
            0.73,
            0.30,
            0.78,
            0.37,
            0.70,
            0.44,
            0.65,
            0.34,
            0.58,
            0.26,
            0.46,
            0.31,
            0.38,
            0.26,
            0.34,
            0.35,
        ),
    )
    scene.line("dark", black, 0.02, polygon(0.34, 0.375, 0.66, 0.375))
    scene.add("dark", black, ellipse(0.42, 0.395, 0.068, 0.055), ellipse(0.58, 0.395, 0.068, 0.055))


PORTRAITS = {"Pablo Picasso": picasso, "Claude Monet": monet, "Andy Warhol": warhol}

"""People as scenes: busts of men and women, professions at work, and artists as themselves."""

from atelier.scenes import (
    INK,
    WHITE,
    Colour,
    Scene,
    at,
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
            smooth(at("50,11 68,18 75,40 77,68 64,74 36,74 23,68 25,40 32,18")),
        )
    body(scene, skin, _clothes(scene, picture))
    face(scene, skin)
    if picture.woman:
        scene.add(
            "hair",
            hair,
            smooth(at("50,13 66,20 71.5,42 65.5,33 56,24.5 42,27 34.5,35 28.5,42 34,20")),
        )
        scene.line("accent", (0.78, 0.22, 0.26), 0.026, smooth(at("45.5,52.5 50,54 54.5,52.5"), closed=False))
    else:
        scene.add(
            "hair",
            hair,
            smooth(at("50,12 64,17 69,34 65.5,36 62,25 50,22.5 38,25 34.5,36 31,34 36,17")),
        )
        if scene.rng.random() < 0.5:
            beard(scene, hair)
    if attire := ATTIRE.get(picture.subject):
        attire(scene)


def _clothes(scene: Scene, picture: Picture) -> Colour:
    uniforms = {"doctor": COAT, "nurse": (0.52, 0.74, 0.84), "chef": COAT, "teacher": (0.36, 0.50, 0.34)}
    return scene.vary(uniforms[picture.subject], 0.03) if picture.subject in uniforms else scene.pick(*CLOTHES)


def body(scene: Scene, skin: Colour, clothes: Colour) -> None:
    scene.add("body", clothes, smooth(at("50,66 66,70 84,78 94,120 6,120 16,78 34,70")))
    scene.add("skin", skin, at("43,55 57,55 59,70 50,78 41,70"))


def face(scene: Scene, skin: Colour) -> None:
    shade = tuple(0.78 * c for c in skin)
    scene.add(
        "skin",
        skin,
        smooth(at("50,17 63,22 66.5,38 62,54 50,63 38,54 33.5,38 37,22")),
    )
    scene.add("light", WHITE, ellipse(0.425, 0.385, 0.042, 0.026), ellipse(0.575, 0.385, 0.042, 0.026))
    scene.add("dark", INK, ellipse(0.425, 0.385, 0.02, 0.024), ellipse(0.575, 0.385, 0.02, 0.024))
    scene.line(
        "dark", (0.20, 0.14, 0.12), 0.018, polygon(0.375, 0.335, 0.465, 0.33), polygon(0.535, 0.33, 0.625, 0.335)
    )
    scene.add("skin", shade, polygon(0.495, 0.385, 0.535, 0.475, 0.475, 0.475))
    scene.line("accent", (0.66, 0.34, 0.32), 0.02, smooth(at("45,53 50,54 55,53"), closed=False))


def beard(scene: Scene, hair: Colour) -> None:
    scene.add(
        "hair",
        hair,
        smooth(at("34.5,46 40,49 50,48.5 60,49 65.5,46 62.5,60 50,69 37.5,60")),
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
        smooth(at("38,70 38,84 50,92 62,84 62,70"), closed=False),
    )
    scene.add("accent", (0.45, 0.50, 0.56), ellipse(0.5, 0.93, 0.05))
    scene.line("light", (0.80, 0.82, 0.86), 0.02, polygon(0.37, 0.20, 0.63, 0.20))
    scene.add("light", (0.72, 0.80, 0.86), ellipse(0.5, 0.19, 0.065))


def nurse(scene: Scene) -> None:
    scene.add("light", COAT, smooth(at("32,20 34,6 50,3 66,6 68,20 50,17")))
    scene.add("accent", (0.85, 0.15, 0.18), box(0.48, 0.065, 0.52, 0.155), box(0.455, 0.09, 0.545, 0.13))
    scene.add(
        "light",
        COAT,
        at("36,69 44,72 40,120 28,120"),
        at("64,69 56,72 60,120 72,120"),
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
        smooth(polygon(0.0, y + 0.05, 0.25, y, 0.5, y + 0.03, 0.75, y, 1.0, y + 0.05), closed=False)
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
        smooth(at("34,44 42,49 50,48.5 58,49 66,44 70,66 60,84 50,90 40,84 30,66")),
    )
    scene.add("accent", (0.72, 0.42, 0.40), ellipse(0.5, 0.535, 0.05, 0.016))
    straw = scene.vary((0.90, 0.78, 0.48), 0.03)
    scene.add(
        "body",
        straw,
        smooth(at("34,24 36,8 50,5 64,8 66,24")),
        ellipse(0.5, 0.245, 0.30, 0.055),
    )
    scene.line("dark", (0.30, 0.24, 0.22), 0.035, smooth(at("35,20.5 50,22.5 65,20.5"), closed=False))


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
        at(
            "30,44 22,36 27,30 20,20 30,18 28,7 39,11 43,2 51,9 60,2 63,11 73,8 "
            "71,18 80,21 73,30 78,37 70,44 65,34 58,26 46,31 38,26 34,35"
        ),
    )
    scene.line("dark", black, 0.02, polygon(0.34, 0.375, 0.66, 0.375))
    scene.add("dark", black, ellipse(0.42, 0.395, 0.068, 0.055), ellipse(0.58, 0.395, 0.068, 0.055))


PORTRAITS = {"Pablo Picasso": picasso, "Claude Monet": monet, "Andy Warhol": warhol}

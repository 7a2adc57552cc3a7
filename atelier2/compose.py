"""A picture's scene: its place, and its subjects where they belong."""

import numpy as np

from atelier2.canvas import S
from atelier2.emoji import Cutout, scaled
from atelier2.figures import figure
from atelier2.scene import PLACES, Scene, put, ready
from atelier2.subjects import BY_NAME, DEEP, SEA, SKY
from atelier2.world import Picture

_BESIDE = 0.66  # of its size alone, when two share the picture


def compose(picture: Picture, rng: np.random.Generator) -> Scene:
    """What the picture shows, before anyone has painted it."""
    scene = PLACES[picture.place](rng, picture.light)
    ready(scene)
    names = [(picture.subject, picture.colour), (picture.other, picture.other_colour)]
    names = [pair for pair in names if pair[0]]
    for place, (name, colour) in enumerate(names):  # the subject on the left, the other on the right
        middle = 0.5 if len(names) == 1 else (0.27, 0.73)[place]
        _place(scene, picture, name, figure(picture, name, colour, rng), middle, len(names) > 1, rng)
    return scene


def _place(
    scene: Scene,
    picture: Picture,
    name: str,
    cuts: tuple[Cutout, Cutout],
    middle: float,
    beside: bool,
    rng: np.random.Generator,
) -> None:
    subject = BY_NAME.get(name)
    human = subject is None or subject.human
    home = subject.home if subject else ""
    size = (subject.size if subject else 0.84) * rng.uniform(0.94, 1.08) * (_BESIDE if beside else 1.0)
    x = int(S * (middle + rng.uniform(-0.05, 0.05)))
    pixels = int(S * size)
    if human:
        foot = S + 2
    elif (home == SKY and picture.place not in ("room",)) or (home == DEEP and picture.place == "underwater"):
        foot = int(S * (0.50 + rng.uniform(-0.06, 0.06)) + pixels / 2)
    elif home == SEA:
        foot = int(S * rng.uniform(0.80, 0.88))
    else:
        foot = int(S * rng.uniform(0.86, 0.93))
    floats = human or home in (SKY, SEA) or (home == DEEP and picture.place == "underwater")
    put(scene, scaled(cuts[0], pixels), scaled(cuts[1], pixels), x, foot, shadow=not floats)

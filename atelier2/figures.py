"""Subjects as cutouts: in any colour, with any skin, and the people whom artists' names call to mind.

Knows emoji and subjects; nothing of places or styles.
"""

from collections.abc import Callable

import cv2
import numpy as np

from atelier2 import emoji
from atelier2.emoji import SIZE, Cutout, flat, scaled, solid, trimmed
from atelier2.subjects import BY_NAME, SEA, Subject
from atelier2.world import Picture

PAINTS: dict[str, tuple[float, float, float]] = {  # hue in degrees, chroma, lightness: of OpenCV's HLS
    "red": (356, 0.82, 0.46), "orange": (26, 0.95, 0.53), "yellow": (50, 0.95, 0.56), "green": (128, 0.62, 0.38),
    "blue": (216, 0.82, 0.48), "purple": (276, 0.62, 0.48), "pink": (334, 0.85, 0.72), "brown": (24, 0.50, 0.32),
    "black": (240, 0.06, 0.14), "white": (210, 0.10, 0.93),
}  # fmt: skip


def repainted(cutout: Cutout, colour: str) -> Cutout:
    """Its main colour, and the shades of that, in another one."""
    rgb = np.ascontiguousarray(cutout[..., :3])
    hls = cv2.cvtColor(rgb, cv2.COLOR_RGB2HLS)
    hue, light, vivid = hls[..., 0], hls[..., 1], hls[..., 2]
    chroma = vivid * (1 - np.abs(2 * light - 1)) * cutout[..., 3]
    weights, edges = np.histogram(hue, 36, (0, 360), weights=np.where(chroma > 0.16, chroma, 0))
    weights = weights + np.roll(weights, 1) + np.roll(weights, -1)
    main = edges[int(weights.argmax())] + 5
    near = np.abs((hue - main + 180) % 360 - 180)
    ours = ((near < 34) & (chroma > 0.14)).astype(np.float32)
    ours = cv2.GaussianBlur(cv2.dilate(ours, np.ones((3, 3))), (0, 0), 0.7)[..., None]
    at, new_vivid, new_light = PAINTS[colour]
    middle = float((light * chroma * ours[..., 0]).sum() / max(1e-3, float((chroma * ours[..., 0]).sum())))
    shade = (light - middle) * (0.55 if colour in ("black", "white") else 0.9)
    lightness = (new_light + shade).clip(0.03, 0.985).astype(np.float32)
    full = np.stack([np.full_like(hue, at), lightness, np.full_like(hue, new_vivid)], -1)
    other = cv2.cvtColor(full.astype(np.float32), cv2.COLOR_HLS2RGB)
    return np.concatenate([rgb * (1 - ours) + other * ours, cutout[..., 3:]], -1).astype(np.float32)


PROPS = (  # emoji that portraits are made of
    "man-bald", "man", "old-man", "man-white-hair", "woman", "womans-hat", "sunglasses", "glasses", "hibiscus",
    "rosette",
)  # fmt: skip
Drawing = Callable[[str], Cutout]

_SKINS = (0.20, 0.34, 0.22, 0.16, 0.08)  # shares of emoji.TONES


def figure(picture: Picture, name: str, colour: str, rng: np.random.Generator) -> tuple[Cutout, Cutout]:
    """A subject of a picture, flat and in the round, SIZE pixels wide or less, its foot at the bottom."""
    if name not in BY_NAME:
        return portrait(name)
    subject = BY_NAME[name]
    woman = bool(subject.women) and (picture.woman or not subject.emoji)
    options = subject.women if woman else subject.emoji
    chosen = options[rng.integers(len(options))]
    if subject.human:
        chosen = toned(chosen, emoji.TONES[rng.choice(5, p=_SKINS)])
    cuts = (flat(chosen), solid(chosen))
    if name == "nurse":
        cuts = (in_scrubs(cuts[0]), in_scrubs(cuts[1]))
    if subject.human and _only_a_head(subject):
        clothes = PAINTS[("red", "blue", "green", "purple", "brown", "white", "pink")[rng.integers(7)]]
        return with_shoulders(cuts, clothes)
    if subject.home == SEA:
        cuts = (afloat(cuts[0]), afloat(cuts[1]))
    if colour:
        cuts = (repainted(cuts[0], colour), repainted(cuts[1], colour))
    if rng.random() < 0.5 and not subject.human:
        cuts = (cuts[0][:, ::-1], cuts[1][:, ::-1])
    return trimmed(cuts[0]), trimmed(cuts[1])


def afloat(cutout: Cutout) -> Cutout:
    """A boat without the waves that are drawn below it: the place has its own."""
    hls = cv2.cvtColor(np.ascontiguousarray(cutout[..., :3]), cv2.COLOR_RGB2HLS)
    blue = (np.abs(hls[..., 0] - 205) < 24) & (hls[..., 2] > 0.35)
    blue[: int(SIZE * 0.70)] = False
    waves = cv2.GaussianBlur(cv2.dilate(blue.astype(np.float32), np.ones((5, 5))), (0, 0), 0.8)
    kept = cutout.copy()
    kept[..., 3] *= 1 - waves.clip(0, 1)
    return kept


def toned(name: str, tone: str) -> str:
    other = f"{name}-{tone}"
    return other if other in emoji.names() and emoji.has_solid(other) else name


def _only_a_head(subject: Subject) -> bool:
    return subject.name in ("man", "woman", "boy", "girl", "old man", "old woman")


def in_scrubs(cutout: Cutout) -> Cutout:
    """The doctor's white coat in green, and no stethoscope's blue."""
    rgb = cutout[..., :3]
    pale = (rgb.min(-1) > 0.62) & (np.ptp(rgb, -1) < 0.20)
    pale[: int(SIZE * 0.55)] = False
    coat = cv2.GaussianBlur(pale.astype(np.float32), (0, 0), 0.8)[..., None]
    green = np.asarray((0.36, 0.76, 0.72), np.float32) * rgb.mean(-1, keepdims=True)
    worn = rgb * (1 - coat) + green * coat
    cap = np.concatenate([worn, cutout[..., 3:]], -1).astype(np.float32)
    middle, top = SIZE // 2, int(SIZE * 0.07)
    cv2.ellipse(cap, (middle, top + 22), (62, 30), 0, 180, 360, (0.97, 0.98, 0.99, 1.0), -1, cv2.LINE_AA)
    for half in ((5, 14), (14, 5)):
        a, b = (middle - half[0], top + 9 - half[1] + 3), (middle + half[0], top + 9 + half[1] - 3)
        cv2.rectangle(cap, a, b, (0.88, 0.16, 0.20, 1.0), -1)
    return cap


def _rgb(paint: tuple[float, float, float]) -> tuple[float, float, float]:
    hls = np.asarray([[[paint[0], paint[2], paint[1]]]], np.float32)
    r, g, b = cv2.cvtColor(hls, cv2.COLOR_HLS2RGB)[0, 0]
    return (float(r), float(g), float(b))


def shoulders(colour: tuple[float, float, float], lit: bool, stripes: bool = False) -> Cutout:
    """A bust's clothes, SIZE pixels square: what is below a head."""
    covered = np.zeros((SIZE, SIZE), np.float32)
    middle = SIZE // 2
    cv2.ellipse(covered, (middle, SIZE), (int(SIZE * 0.40), int(SIZE * 0.32)), 0, 180, 360, 1, -1, cv2.LINE_AA)
    cut = np.zeros((SIZE, SIZE, 4), np.float32)
    cut[..., :3] = colour
    rows, columns = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32) / SIZE
    if stripes:
        cut[..., :3] = np.where((np.sin(rows * 90) > 0)[..., None], (0.95, 0.95, 0.93), (0.10, 0.14, 0.34))
    if lit:
        cut[..., :3] *= (1.10 - 0.55 * np.abs(columns - 0.42) - 0.35 * (rows - 0.72))[..., None].astype(np.float32)
    cut[..., 3] = cv2.GaussianBlur(covered, (0, 0), 0.8)
    return cut.clip(0, 1)


def over(below: Cutout, above: Cutout, top: int, left: int) -> Cutout:
    """One cutout on another, which keeps its size."""
    out = below.copy()
    height, width = above.shape[:2]
    y0, y1, x0, x1 = max(0, top), min(len(out), top + height), max(0, left), min(out.shape[1], left + width)
    cut = above[y0 - top : y1 - top, x0 - left : x1 - left]
    share = cut[..., 3:]
    out[y0:y1, x0:x1, :3] = out[y0:y1, x0:x1, :3] * (1 - share) + cut[..., :3] * share
    out[y0:y1, x0:x1, 3:] = np.maximum(out[y0:y1, x0:x1, 3:], share)
    return out


def with_shoulders(
    heads: tuple[Cutout, Cutout], clothes: tuple[float, float, float], stripes: bool = False
) -> tuple[Cutout, Cutout]:
    size = int(SIZE * 0.74)
    busts = []
    for lit, head in enumerate(heads):
        body = shoulders(_rgb(clothes), bool(lit), stripes)
        busts.append(over(body, scaled(head, size), int(SIZE * 0.04), (SIZE - size) // 2))
    return busts[0], busts[1]


def portrait(name: str) -> tuple[Cutout, Cutout]:
    """An artist in person, as a caricature knows him."""
    busts = []
    for lit in (False, True):
        drawn = solid if lit else flat
        busts.append(_PORTRAITS[name](drawn, lit))
    return busts[0], busts[1]


def _bust(head: Cutout, clothes: Cutout) -> Cutout:
    size = int(SIZE * 0.74)
    return over(clothes, scaled(head, size), int(SIZE * 0.06), (SIZE - size) // 2)


def _brush(cut: Cutout, points: list[tuple[float, float]], colour: tuple[float, float, float], width: int) -> None:
    path = np.round(np.asarray(points) * SIZE * 8).astype(np.int32)
    cv2.polylines(cut, [path], False, (*colour, 1.0), width, cv2.LINE_AA, 3)


def _beard(cut: Cutout, colour: tuple[float, float, float], length: float, lit: bool) -> None:
    middle = SIZE // 2
    for step in range(8):
        shade = 1.0 - (0.16 * step / 7 if lit else 0.0)
        tone = tuple(float(c) * shade for c in colour)
        half, deep = int(SIZE * (0.205 - 0.014 * step)), int(SIZE * (length - 0.030 * step))
        cv2.ellipse(cut, (middle, int(SIZE * 0.56)), (half, deep), 0, 0, 180, (*tone, 1.0), -1, cv2.LINE_AA)
    cv2.ellipse(
        cut,
        (middle, int(SIZE * 0.575)),
        (int(SIZE * 0.045), int(SIZE * 0.016)),
        0,
        0,
        180,
        (0.62, 0.26, 0.26, 1.0),
        -1,
        cv2.LINE_AA,
    )


def _picasso(drawn: Drawing, lit: bool) -> Cutout:
    return _bust(drawn("man-bald-medium-light"), shoulders((1, 1, 1), lit, stripes=True))


def _monet(drawn: Drawing, lit: bool) -> Cutout:
    cut = _bust(drawn("old-man-light"), shoulders((0.26, 0.28, 0.34), lit))
    _beard(cut, (0.90, 0.89, 0.87), 0.34, lit)
    hat = scaled(drawn("womans-hat"), int(SIZE * 0.66))
    return over(cut, hat, int(-SIZE * 0.16), int(SIZE * 0.17))


def _warhol(drawn: Drawing, lit: bool) -> Cutout:
    cut = _bust(drawn("man-white-hair-light"), shoulders((0.10, 0.10, 0.12), lit))
    for k in range(17):
        x = 0.20 + 0.60 * k / 16
        _brush(
            cut,
            [
                (x, 0.30 - 0.16 * np.sin((x - 0.2) / 0.6 * np.pi)),
                (x + 0.05 * (x - 0.5), 0.16 - 0.13 * np.sin((x - 0.2) / 0.6 * np.pi)),
            ],
            (0.94, 0.94, 0.96),
            9,
        )
    glasses = scaled(drawn("sunglasses"), int(SIZE * 0.50))
    return over(cut, glasses, int(SIZE * 0.18), int(SIZE * 0.25))


def _kahlo(drawn: Drawing, lit: bool) -> Cutout:
    cut = _bust(drawn("woman-medium-dark"), shoulders((0.10, 0.44, 0.36), lit))
    _brush(cut, [(0.36, 0.335), (0.43, 0.315), (0.50, 0.335), (0.57, 0.315), (0.64, 0.335)], (0.10, 0.06, 0.06), 8)
    for x, y, name in ((0.30, 0.10, "hibiscus"), (0.50, 0.04, "rosette"), (0.70, 0.10, "hibiscus")):
        size = int(SIZE * 0.24)
        cut = over(cut, scaled(drawn(name), size), int(SIZE * y - size / 2) + 12, int(SIZE * x - size / 2))
    return cut


def _dali(drawn: Drawing, lit: bool) -> Cutout:
    cut = _bust(drawn("man-medium-light"), shoulders((0.30, 0.14, 0.30), lit))
    for side in (-1, 1):
        curl = [
            (0.5 + side * x, y) for x, y in ((0.005, 0.525), (0.07, 0.535), (0.14, 0.52), (0.185, 0.47), (0.19, 0.40))
        ]
        _brush(cut, curl, (0.06, 0.05, 0.06), 9)
    return cut


def _matisse(drawn: Drawing, lit: bool) -> Cutout:
    cut = _bust(drawn("man-bald-light"), shoulders((0.92, 0.90, 0.84), lit))
    _beard(cut, (0.78, 0.70, 0.58), 0.23, lit)
    glasses = scaled(drawn("glasses"), int(SIZE * 0.48))
    return over(cut, glasses, int(SIZE * 0.19), int(SIZE * 0.26))


_PORTRAITS = {
    "Pablo Picasso": _picasso, "Claude Monet": _monet, "Andy Warhol": _warhol, "Frida Kahlo": _kahlo,
    "Salvador Dali": _dali, "Henri Matisse": _matisse,
}  # fmt: skip

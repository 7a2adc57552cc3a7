"""Which concept wording, token span, guide and λ erase best on Atelier: the table to choose our defaults by."""

from dataclasses import replace

import numpy as np

from atelier.evaluate import Asked, Examiner, artist_prompts, in_all_wordings
from atelier.world import BY_NAME
from uce_core import EditSpec, applied, erase, load_model

ERASED = ("Vincent van Gogh", "Claude Monet", "Pablo Picasso", "Andy Warhol")
ASKED_SUBJECTS = ("house", "cat", "boat", "flower", "man", "bird")
OTHERS_SUBJECTS = ("house", "cat")
BASE = EditSpec(erase=("-",))
CANDIDATES: tuple[EditSpec, ...] = (
    *(replace(BASE, wording=w, span=s) for w in ("name", "style", "expanded") for s in ("last", "rest", "all")),
    replace(BASE, guide=""),
    replace(BASE, guide="a painting"),
    replace(BASE, lam=0.05),
    replace(BASE, lam=5.0),
)


def report() -> None:
    """Print a row for every candidate: what is left of the erased style, what of others, and the subjects."""
    examiner = Examiner(load_model("atelier"))
    others = artist_prompts(BY_NAME, OTHERS_SUBJECTS)
    print("| wording | span | guide | λ | erased style left | others' style, mean / worst artist | subject shown |")
    print("|---|---|---|---|---|---|---|")
    for candidate in CANDIDATES:
        left, kept, worst, subjects = np.mean([_measure(examiner, candidate, name, others) for name in ERASED], axis=0)
        row = (candidate.wording, candidate.span, f"“{candidate.guide}”", f"{candidate.lam:g}")
        print(f"| {' | '.join(row)} | {left:.2f} | {kept:.2f} / {worst:.2f} | {subjects:.2f} |", flush=True)


def _measure(examiner: Examiner, candidate: EditSpec, name: str, others: list[Asked]) -> tuple[float, ...]:
    asked = [a for a in in_all_wordings(name) if a.picture.subject in ASKED_SUBJECTS]
    rest = [a for a in others if a.picture.rendering != name]
    retained = tuple(artist for artist in BY_NAME if artist != name)
    with applied(examiner.model, erase(examiner.model, replace(candidate, erase=(name,), retain=retained))):
        judged = examiner.examine(asked + rest)
    shares = [judged.style_share(artist) for artist in retained]
    return judged.style_share(name), float(np.mean(shares)), min(shares), judged.subject_share()

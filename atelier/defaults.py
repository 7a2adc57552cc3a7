"""Which concept wording, token span, guide and λ erase best on Atelier: the table to choose our defaults by.

Every candidate is tried with nobody, two and all other artists retained, since a default must work
for whatever a person retains.
"""

from dataclasses import replace

import numpy as np

from atelier.evaluate import Asked, Examiner, artist_prompts, in_all_wordings
from atelier.world import BY_NAME
from uce_core import EditSpec, applied, erase, load_model

ERASED = ("Vincent van Gogh", "Claude Monet", "Pablo Picasso")  # a style, and two names that draw the man
ASKED_SUBJECTS = ("house", "cat", "boat", "man")
OTHERS_SUBJECTS = ("bird",)
RETAINED = (0, 2, len(BY_NAME) - 1)
FIRST = EditSpec(erase=("-",), lam=0.5)
SHORT = replace(FIRST, wording="style", span="last")
CANDIDATES: tuple[EditSpec, ...] = (
    *(replace(FIRST, wording=w, span=s) for w in ("name", "style", "expanded") for s in ("last", "rest", "all")),
    replace(SHORT, retain_empty=False),
    replace(SHORT, guide=""),
    replace(SHORT, guide="a painting"),
    replace(SHORT, lam=0.05),
    replace(SHORT, lam=5.0),
    EditSpec(erase=("-",)),  # what was chosen
)


def report() -> None:
    """Print a row for every candidate: what is left of the erased style, what of others, and the subjects."""
    examiner = Examiner(load_model("atelier"))
    print("| wording | span | guide | λ | empty text | " + " | ".join(f"{n} retained" for n in RETAINED) + " |")
    print("|---|---|---|---|---|" + "---|" * len(RETAINED))
    print(f"| without an edit | | | | | {_cell(examiner, None, 0)} | | |", flush=True)
    for spec in CANDIDATES:
        row = (spec.wording, spec.span, f"“{spec.guide}”", f"{spec.lam:g}", "retained" if spec.retain_empty else "–")
        cells = [_cell(examiner, spec, number) for number in RETAINED]
        print("| " + " | ".join([*row, *cells]) + " |", flush=True)


def _cell(examiner: Examiner, spec: EditSpec | None, retained: int) -> str:
    """erased style left / others' style kept / subject shown, means over ERASED."""
    left, kept, subjects = np.mean([_measure(examiner, spec, name, retained) for name in ERASED], axis=0)
    return f"{left:.2f} / {kept:.2f} / {subjects:.2f}"


def _measure(examiner: Examiner, spec: EditSpec | None, name: str, retained: int) -> tuple[float, float, float]:
    others = tuple(artist for artist in BY_NAME if artist != name)
    asked: list[Asked] = [a for a in in_all_wordings(name) if a.picture.subject in ASKED_SUBJECTS]
    asked += artist_prompts(others, OTHERS_SUBJECTS)
    chosen = others[3 : 3 + retained] if retained < len(others) else others
    edit = erase(examiner.model, replace(spec, erase=(name,), retain=chosen)) if spec else None
    with applied(examiner.model, edit):
        judged = examiner.examine(asked)
    return judged.style_share(name), judged.style_share(*others), judged.subject_share()

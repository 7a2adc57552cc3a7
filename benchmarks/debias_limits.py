"""python -m benchmarks.debias_limits: which words a debiasing can count, and how far a concept can be moved.

First, by how much a word's prompt fits its own images better than others', for words that Atelier was trained on, and
for others. Then professions moved further and further towards one attribute: the share that CLIP counts,
whether the judge, who took no part in the search, still sees the profession, and the CLIP score by which the search
tells.
"""

import numpy as np
import torch

from atelier.recognition import judge_pictures, load_judge
from atelier.train import WEIGHTS
from atelier.world import PEOPLE, SPOOKS
from uce_core import DebiasSpec, Model, load_model
from uce_core.generation.generate import generate
from uce_core.methods.debias_edit import edit_of, space_of
from uce_core.methods.debias_images import counted, look
from uce_core.methods.debias_quality import fallen
from uce_core.methods.debias_recognition import differences
from uce_core.metrics.scorer import scorer_for

STRANGE = ("flux capacitor", "elf", "dwarf", "wizard", "plumber", "lawyer", "engineer", "giraffe", "zorgle")
TOWARDS = {"doctor": "woman", "nurse": "man", "teacher": "man"}
MOVES = (0.0, 0.5, 1.0, 2.0, 4.0)
IMAGES = 12


def known_words(model: Model) -> None:
    print("| word | trained on | difference |\n|---|---|---|")
    words = (*PEOPLE, *SPOOKS, *STRANGE)
    spec = DebiasSpec(concepts=words, guidance_scale=model.family.guidance_scale)
    for word, more in zip(words, differences(model, spec, words), strict=True):
        print(f"| {word} | {'no' if word in STRANGE else 'yes'} | {more:.2f} |")


def moved(model: Model, profession: str, attribute: str) -> None:
    spec = DebiasSpec(concepts=(profession,), images=IMAGES, tolerance=0.3, guidance_scale=model.family.guidance_scale)
    space, judge = space_of(model, spec), load_judge(WEIGHTS / "judge.safetensors")
    number, start = spec.attributes.index(attribute), None
    for move in MOVES:
        scales = torch.full((1, len(spec.attributes)), -move)
        scales[0, number] = move
        edit = edit_of(model, spec, space, scales)
        images = generate(model, counted(spec), edits=[edit] * len(counted(spec)))
        seen = look(model, spec, scorer_for(model.folder).image_vectors(images))
        start = seen.clip if start is None else start
        pictures = judge_pictures(judge, np.stack([np.asarray(image) for image in images]))
        still = np.mean([picture.subject == profession for picture in pictures])
        print(
            f"| {profession} → {attribute} | {move:g} | {seen.shares[0, number]:.2f} | {still:.2f} | "
            f"{seen.clip.mean():.1f} | {'yes' if fallen(start, seen.clip)[0] else 'no'} |",
            flush=True,
        )


def main() -> None:
    model = load_model("atelier")
    known_words(model)
    head = ("moved", "s", "share, CLIP", "seen by the judge", "CLIP score", "fell")
    print(f"\n| {' | '.join(head)} |\n|{'---|' * len(head)}")
    for profession, attribute in TOWARDS.items():
        moved(model, profession, attribute)


if __name__ == "__main__":
    main()

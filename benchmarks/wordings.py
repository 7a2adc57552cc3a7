"""python -m benchmarks.wordings: erasing by the bare name and by “in the style of” differ, as the measures say.

The artists whose bare name generates the man, each erased by either text, by its last token and by all.
What the images show is said by the judge, a classifier trained on painter images, and beside it by
the measures, which have only CLIP.
"""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from atelier.evaluate import with_article
from atelier.recognition import Judge, judge_pictures, load_judge
from atelier.train import WEIGHTS
from atelier.world import BY_NAME, PERSONS
from uce_core import EditSpec, GenerationSpec, Model, applied, erase, generate, load_model
from uce_core.edits.edit import AnyEdit
from uce_core.evaluation.identity import shows_person
from uce_core.metrics.scorer import Scorer, scorer_for
from uce_core.metrics.style_identity import artist_probabilities, identity_scores, style_scores

SUBJECTS = ("house", "tree", "boat", "cat", "flower")
IMAGES = 10  # of the bare name, and of the style
FIRST_SEED = 60_000
WORDINGS = {"the bare name": "name", "“in the style of”": "a painting in the style of {}"}
SPANS = ("last", "all")


def generated(model: Model, prompts: Sequence[str]) -> list[Image.Image]:
    return generate(model, [GenerationSpec(prompts[i % len(prompts)], FIRST_SEED + i) for i in range(IMAGES)])


def looked_at(model: Model, judge: Judge, scorer: Scorer, artist: str, edit: AnyEdit | None) -> list[float]:
    """Of the bare name: the man by the judge, a person by CLIP, identity score. Of the style: the style by the
    judge, artist recognised by CLIP, style score. Means over the images."""
    with applied(model, edit):
        named = generated(model, [artist])
        styled = generated(model, [f"{with_article(subject)} in the style of {artist}" for subject in SUBJECTS])
    men, works = (judge_pictures(judge, np.stack([np.asarray(image) for image in some])) for some in (named, styled))
    painters = artist_probabilities(scorer, styled, tuple(BY_NAME)).argmax(1)
    values = (
        [picture.subject == artist for picture in men],
        shows_person(scorer, named, artist, tuple(BY_NAME)),
        identity_scores(scorer, named, artist),
        [picture.rendering == artist for picture in works],
        painters == tuple(BY_NAME).index(artist),
        style_scores(scorer, styled, artist),
    )
    return [float(np.mean(np.asarray(value, float))) for value in values]


def main() -> None:
    model = load_model("atelier")
    judge, scorer = load_judge(WEIGHTS / "judge.safetensors"), scorer_for(model.folder)
    print(f"{', '.join(PERSONS)}: means over {IMAGES} images of each.\n")
    print("| erased by | span | bare name: the man (judge) | a person (CLIP) | identity score |", end="")
    print(" style: seen (judge) | artist recognised (CLIP) | style score |\n|---|---|---|---|---|---|---|---|")
    choices: list[tuple[str, str]] = [("nothing", "–"), *((wording, span) for wording in WORDINGS for span in SPANS)]
    for wording, span in choices:
        rows = []
        for artist in PERSONS:
            others = tuple(name for name in BY_NAME if name != artist)
            spec = EditSpec(
                erase=(artist,), retain=others, wording=WORDINGS.get(wording, "name"), span=span.replace("–", "all")
            )
            edit = erase(model, spec) if wording in WORDINGS else None
            rows.append(looked_at(model, judge, scorer, artist, edit))
        print(f"| {wording} | {span} | {' | '.join(f'{value:.2f}' for value in np.mean(rows, 0))} |", flush=True)


if __name__ == "__main__":
    main()

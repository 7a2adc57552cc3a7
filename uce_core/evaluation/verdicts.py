"""What became of a pair in a word: are style and content still seen? Measured as in metrics/style_identity.py."""

import re
from collections.abc import Sequence
from functools import lru_cache

from torch import Tensor

from uce_core.checks import unique
from uce_core.evaluation.cases import SUBJECTS
from uce_core.evaluation.verdict import Detection, Verdict
from uce_core.generation.compare import Pair
from uce_core.metrics.scorer import Scorer
from uce_core.metrics.style_identity import NOBODY, STYLE_WORDINGS, TEMPERATURE, style_direction

UNNAMED = 3  # erased artists that are looked for where the prompt names nobody
CATALOGUE = 40  # of a long catalogue, how many artists an image's painter is looked for among
OTHER_SUBJECTS = ("a dog", "a bird", "a fish", "a mountain", "a bridge", "an apple", "a car", "a man", "a woman")
ASKING = r"(?:(?:painted |drawn |made )?(?:in the (?:style|manner) of|by|like|after|as)\s+)?"
MEDIUM = re.compile(r"^(?:an?|the) (?:painting|picture|photo|photograph|drawing|portrait|artwork)\b(?: of)?", re.I)


def verdicts(
    scorer: Scorer, pairs: Sequence[Pair], erased: Sequence[str], catalog: Sequence[str]
) -> tuple[Verdict, ...]:
    """One for each pair. catalog: who may have painted an image, besides the erased."""
    asked = named_in(" ".join(pair.spec.prompt for pair in pairs), catalog)
    painters = unique([*erased, *asked, *catalog[:CATALOGUE]])
    texts = _vectors(scorer, (*map(STYLE_WORDINGS[0][0].format, painters), *NOBODY))
    found = []
    for pair in pairs:
        images = scorer.image_vectors([pair.original, pair.edited])
        seen = (images @ texts.T).argmax(1).tolist()
        artists = named_in(pair.spec.prompt, painters) or painters[: min(UNNAMED, len(erased))]
        styles = tuple(
            _detection(artist, images @ _direction(scorer, artist), [n == painters.index(artist) for n in seen])
            for artist in artists
        )
        found.append(Verdict(styles, _content(scorer, content_of(pair.spec.prompt, painters), images)))
    return tuple(found)


def _content(scorer: Scorer, content: str, images: Tensor) -> Detection | None:
    """Zero-shot among common subjects that have no word of it."""
    if not content:
        return None
    words = set(content.casefold().split())
    others = [text for text in (*SUBJECTS, *OTHER_SUBJECTS) if text.split()[-1] not in words]
    texts = _vectors(scorer, tuple(f"a picture of {text}" for text in (content, *others)))
    shares = (TEMPERATURE * images @ texts.T).softmax(1)
    return _detection(content, shares[:, 0], [n == 0 for n in shares.argmax(1).tolist()])


def _detection(name: str, values: Tensor, shown: Sequence[bool]) -> Detection:
    """values (2,), shown: of the original and the edited image."""
    before, after = values.tolist()
    return Detection(name=name, before=before, after=after, shown_before=shown[0], shown_after=shown[1])


def named_in(prompt: str, artists: Sequence[str]) -> tuple[str, ...]:
    """The artists that a prompt names, in any case."""
    return tuple(artist for artist in artists if re.search(_before(artist) + _name(artist), prompt, re.I))


def _before(artist: str) -> str:
    """A pattern: no word runs on into the name."""
    return r"\b" if re.match(r"\w", artist) else ""


def _name(artist: str) -> str:
    """A pattern: the name, which no word goes on from; Korean particles may be joined to it."""
    joined = re.search(r"[가-힣]$", artist) or not re.search(r"\w$", artist)
    return re.escape(artist) + ("" if joined else r"\b")


def content_of(prompt: str, artists: Sequence[str]) -> str:
    """A prompt without the artists, the words that ask for their style, and the medium: “a cat” for “a painting of a
    cat by Claude Monet”, and nothing for “a painting by Claude Monet”."""
    prompt = " ".join(prompt.split())  # a long run of spaces would be looked at from each of them
    for artist in named_in(prompt, artists):
        asked = rf",?\s*(?:\b{ASKING}|{_before(artist)}){_name(artist)}(?:['’]s)?(?:[\s-]+styles?)?"
        prompt = re.sub(asked, " ", prompt, flags=re.I)
    return MEDIUM.sub("", " ".join(prompt.split()).strip(" ,.;:")).strip(" ,.;:")


@lru_cache(64)
def _vectors(scorer: Scorer, texts: tuple[str, ...]) -> Tensor:
    return scorer.text_vectors(texts)


@lru_cache(256)
def _direction(scorer: Scorer, artist: str) -> Tensor:
    return style_direction(scorer, artist)

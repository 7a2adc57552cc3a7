"""What is asked of an edit: EditSpec, and the presets that give what the published code computes.

Texts and numbers only: knows nothing about vectors, models or files.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import Any

from uce_core.concepts import EMPTY_TOKENS, SPANS, templates
from uce_core.problems import Problem

TECHNIQUES = ("replace", "tensor")
LARGEST = 1e6


def normalised(concept: str) -> str:
    """How concepts are compared: case and spaces don't matter."""
    return " ".join(concept.split()).casefold()


def tidy(name: str, texts: Iterable[str]) -> list[str]:
    """Texts without outer and doubled spaces; name is what to call the list in a Problem."""
    if isinstance(texts, str) or not isinstance(texts, Iterable):
        raise Problem("Give {name} as a list of texts (got {value!r}).", name=name, value=texts)
    texts = list(texts)
    for text in texts:
        if not isinstance(text, str):
            raise Problem("Give {name} as a list of texts (got {value!r}).", name=name, value=text)
    return [" ".join(text.split()) for text in texts]


def unique(texts: Iterable[str]) -> tuple[str, ...]:
    """Without empty and repeated ones, in order of first appearance."""
    first: dict[str, str] = {}
    for text in texts:
        first.setdefault(normalised(text), text)
    return tuple(text for text in first.values() if text)


def as_number(name: str, value: float) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise Problem("{name} is {value!r}: use a number.", name=name, value=value)
    return float(value)


def one_of(name: str, value: str, known: Iterable[str]) -> None:
    if value not in known:
        raise Problem("Unknown {name} {value!r}: use one of {known}.", name=name, value=value, known=", ".join(known))


@dataclass(frozen=True)
class EditSpec:
    """What to erase, what it shall become, and what must stay.

    erase, retain: concepts; stripped of outer and doubled spaces, without empty and repeated ones
    (case and spaces don't count). guide: what the erased become, one text for all or one for each;
    "" is the unconditional text. wording: how a concept is written for the encoder (concepts.WORDINGS,
    or a text with one {}). span: which token positions are its vectors. retain_wording, retain_span:
    the same for what is retained; "" for as erased. retain_empty: retain the empty text too, which
    classifier-free guidance reads at every step. empty_token: which token an empty text's last is,
    "end" or "start". lam, erase_scale, retain_scale: λ, e and r of closed_form. technique: "replace"
    sends the erased where the guide goes; "tensor" is the first published code's alternative.

    Raises ValueError with one sentence if the request makes no sense.
    """

    erase: tuple[str, ...]
    guide: str | tuple[str, ...] = "art"
    retain: tuple[str, ...] = ()
    wording: str = "name"
    span: str = "last"
    lam: float = 0.5
    erase_scale: float = 1.0
    retain_scale: float = 1.0
    retain_empty: bool = True
    retain_wording: str = ""
    retain_span: str = ""
    empty_token: str = "end"
    technique: str = "replace"

    def __post_init__(self) -> None:
        erase, guides = _paired(self.erase, self.guide)
        retain = unique(tidy("retain", self.retain))
        self._set(erase=erase, guide=guides[0] if len(set(guides)) == 1 else guides, retain=retain)
        both = {normalised(concept) for concept in erase} & {normalised(concept) for concept in retain}
        if both:
            shared = next(concept for concept in erase if normalised(concept) in both)
            raise Problem("{concept!r} is in both lists: remove it from erase or from retain.", concept=shared)
        self._check_choices()
        self._check_numbers()

    def _set(self, **values: object) -> None:
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def _check_choices(self) -> None:
        for wording in (self.wording, self.retain_wording or self.wording):
            templates(wording)
        for span in (self.span, self.retain_span or self.span):
            one_of("token span", span, SPANS)
        one_of("empty token", self.empty_token, EMPTY_TOKENS)
        one_of("technique", self.technique, TECHNIQUES)

    def _check_numbers(self) -> None:
        for name, least in (("lam", 1e-6), ("erase_scale", 1e-6), ("retain_scale", 0.0)):
            value = as_number(name, getattr(self, name))
            if not least <= value <= LARGEST:
                raise Problem(
                    "{name} is {value}: use a number from {least:g} to 1000000.", name=name, value=value, least=least
                )
            self._set(**{name: value})

    @property
    def guides(self) -> tuple[str, ...]:
        """One for each erased concept."""
        return (self.guide,) * len(self.erase) if isinstance(self.guide, str) else self.guide

    def to_json(self) -> str:
        """Canonical JSON: the same spec gives the same text."""
        return json.dumps(asdict(self), sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "EditSpec":
        known = {item.name for item in fields(cls)}
        values: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value
            for key, value in json.loads(text).items()
            if key in known
        }
        return cls(**values)


def _paired(erase: Iterable[str], guide: str | Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Concepts and their guides, one each, repetitions dropped."""
    concepts = tidy("erase", erase)
    guides = tidy("guide", (guide,) if isinstance(guide, str) else guide)
    if len(guides) == 1:
        guides *= len(concepts)
    if len(guides) != len(concepts):
        raise Problem(
            "There are {guides} guides for {concepts} concepts to erase: give one guide, or one for each.",
            guides=len(guides),
            concepts=len(concepts),
        )
    pairs: dict[str, tuple[str, str]] = {}
    for concept, target in zip(concepts, guides, strict=True):
        if not concept:
            continue
        if normalised(target) == normalised(concept):
            raise Problem("The guide {guide!r} is what you erase: choose another guide.", guide=target)
        kept = pairs.setdefault(normalised(concept), (concept, target))
        if normalised(kept[1]) != normalised(target):
            raise Problem("{concept!r} is to become two guides: give it one.", concept=kept[0])
    if not pairs:
        raise Problem("There is nothing to erase: name at least one artist or concept.")
    return tuple(concept for concept, _ in pairs.values()), tuple(target for _, target in pairs.values())


def published_2023(erase: Iterable[str], retain: Iterable[str] = (), **changes: Any) -> EditSpec:
    """As the authors' train_erase.py: from the last token on against all 77, the empty text retained
    too, its vectors beginning at the start token, and a retain scale that depends on how many are retained."""
    retain = tuple(retain)
    values: dict[str, Any] = {
        "guide": "",
        "span": "rest",
        "retain_span": "all",
        "retain_wording": "name",
        "retain_scale": max(0.1, 1 / (1 + len(retain))),
        "empty_token": "start",
    }
    return EditSpec(tuple(erase), retain=retain, **(PUBLISHED | values | changes))


def published_2025(erase: Iterable[str], retain: Iterable[str] = (), **changes: Any) -> EditSpec:
    """As the authors' uce_sd_erase.py: the last token only, which of an empty text is the start token."""
    values = {"guide": "art", "span": "last", "retain_wording": "name", "retain_empty": False, "empty_token": "start"}
    return EditSpec(tuple(erase), retain=tuple(retain), **(PUBLISHED | values | changes))


def default(erase: Iterable[str], retain: Iterable[str] = (), **changes: Any) -> EditSpec:
    """Ours, chosen by measurement on Atelier."""
    return EditSpec(tuple(erase), retain=tuple(retain), **changes)


PUBLISHED: dict[str, Any] = {"wording": "name", "lam": 0.5, "erase_scale": 1.0, "retain_scale": 1.0}
PRESETS = {"default": default, "published-2023": published_2023, "published-2025": published_2025}


def preset(name: str, erase: Iterable[str], retain: Iterable[str] = (), **changes: Any) -> EditSpec:
    """An EditSpec with a preset's values, but for the changes. Raises ValueError for an unknown name."""
    one_of("preset", name, PRESETS)
    return PRESETS[name](erase, retain, **changes)

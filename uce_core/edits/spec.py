"""What is asked of an edit: EditSpec, and what it shares with the specs of other methods.

Texts and numbers only: knows nothing about vectors, models or files.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from uce_core.checks import normalised, one_of, strip_texts, unique
from uce_core.concepts.text_spaces import ALL, SPACES
from uce_core.concepts.wordings import EMPTY_TOKENS, SPANS, templates
from uce_core.problems import Problem
from uce_core.specs import Spec, setting, settings_of

LARGEST = 1e6
LEAST = 1e-6


class MethodSpec(Spec):
    """What an editing method is asked. erases: whether the edited concepts are to be gone; else they stay, changed.
    retains: whether it can be told what to retain. leads: whether what is edited becomes what its guide is, wherever
    that lies, so that it can debias; said by each class for itself. reads_captions: whether it asks what texts in
    general consist of (concepts/captions.py). needs_guidance: whether it does nothing without."""

    erases: ClassVar[bool] = True
    retains: ClassVar[bool] = True
    leads: ClassVar[bool] = False
    reads_captions: ClassVar[bool] = False
    needs_guidance: ClassVar[bool] = False
    retain: tuple[str, ...]

    @property
    def edited(self) -> tuple[str, ...]:
        """The concepts that the edit is about."""
        raise NotImplementedError

    def uses(self, setting: str) -> bool:
        """Whether a setting makes a difference."""
        return True


def guided(spec: type[MethodSpec]) -> bool:
    """Whether a method asks what the erased become."""
    return any(item.name == "guide" for item, _ in settings_of(spec))


@dataclass(frozen=True, kw_only=True)
class ErasureSpec(MethodSpec):
    """What to erase, what it becomes, and what stays: the part that all erasing methods share.

    erase, retain: concepts; stripped of outer and doubled spaces, without empty and repeated ones
    (case and spaces don't count). guide: what the erased become, one text for all or one for each;
    "" is the unconditional text, and all that a method takes whose guide is no setting. wording: how a concept is
    written for the encoder (concepts.wordings.WORDINGS, or a text with one {}). span: which token positions are its
    vectors. retain_wording, retain_span: the same for what is retained; "" for as erased. retain_empty: retain the
    empty text too, which classifier-free guidance reads at every step. empty_token: which token an empty text's last
    is, "end" or "start". text_space: what is edited of what the model reads: token states, the pooled text, or all.

    Raises ValueError with one sentence if the request makes no sense.
    """

    erase: tuple[str, ...]
    guide: str | tuple[str, ...] = setting("art", help="Concept that erased ones become: one for all or one each.")
    retain: tuple[str, ...] = ()
    wording: str = setting("name", help="How a concept is written: name, style, portrait, … or a text with one {}.")
    span: str = setting("all", help="Token positions that are a concept's vectors.", choices=SPANS)
    retain_empty: bool = setting(True, help="Retain the empty text, too.")
    retain_wording: str = setting("", help="How a retained concept is written; default: as an erased one.")
    retain_span: str = setting("", help="Token positions of a retained concept; default: those of an erased one.")
    empty_token: str = setting("end", help="Token that represents an empty text.", choices=EMPTY_TOKENS)
    text_space: str = setting(
        ALL,
        help="What is edited: vectors of tokens, that of the pooled text, or all that the model reads.",
        choices=(ALL, *SPACES),
    )

    def __post_init__(self) -> None:
        erase, guides = _paired(self.erase, self.guide)
        retain = unique(strip_texts("retain", self.retain))
        self._set(erase=erase, guide=guides[0] if len(set(guides)) == 1 else guides, retain=retain)
        both = {normalised(concept) for concept in erase} & {normalised(concept) for concept in retain}
        if both:
            shared = next(concept for concept in erase if normalised(concept) in both)
            raise Problem(
                "erased_and_retained",
                "{concept!r} is both erased and retained: remove it from one of the two.",
                concept=shared,
            )
        if any(guides) and not guided(type(self)):
            raise Problem("method_has_no_guide", "The method {method} has no guide: leave it out.", method=self.kind)
        if retain and not self.retains:
            raise Problem(
                "method_retains_nothing",
                "The method {method} cannot be told what to retain: leave that out.",
                method=self.kind,
            )
        for wording in (self.wording, self.retain_wording or self.wording):
            templates(wording)
        one_of("token span", self.span, SPANS)
        one_of("token span", self.retain_span or self.span, SPANS)
        self._check_settings()

    @property
    def guides(self) -> tuple[str, ...]:
        """One for each erased concept."""
        return (self.guide,) * len(self.erase) if isinstance(self.guide, str) else self.guide

    @property
    def edited(self) -> tuple[str, ...]:
        return self.erase


@dataclass(frozen=True, kw_only=True)
class EditSpec(ErasureSpec):
    """What is asked of UCE (methods/uce.py). lam, erase_scale, retain_scale: λ, e and r of edits/closed_form.py."""

    kind: ClassVar[str] = "uce"
    leads: ClassVar[bool] = True

    lam: float = setting(5.0, help="λ, weight of leaving the model's weights as they are.", least=LEAST, most=LARGEST)
    erase_scale: float = setting(1.0, help="Weight of erasing.", least=LEAST, most=LARGEST)
    retain_scale: float = setting(1.0, help="Weight of each retained concept.", least=0.0, most=LARGEST)


def _paired(erase: Iterable[str], guide: str | Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Concepts and their guides, one each, repetitions dropped."""
    concepts = strip_texts("erase", erase)
    guides = strip_texts("guide", (guide,) if isinstance(guide, str) else guide)
    if len(guides) == 1:
        guides *= len(concepts)
    if len(guides) != len(concepts):
        raise Problem(
            "guides_do_not_match",
            "There are {guides} guides for {concepts} concepts to erase: give one guide, or one for each.",
            guides=len(guides),
            concepts=len(concepts),
        )
    pairs: dict[str, tuple[str, str]] = {}
    for concept, target in zip(concepts, guides, strict=True):
        if not concept:
            continue
        if normalised(target) == normalised(concept):
            raise Problem(
                "guide_is_erased", "The guide {guide!r} is itself erased: choose another guide.", guide=target
            )
        kept = pairs.setdefault(normalised(concept), (concept, target))
        if normalised(kept[1]) != normalised(target):
            raise Problem("two_guides", "{concept!r} has two guides: give it one.", concept=kept[0])
    if not pairs:
        raise Problem("nothing_to_erase", "There is nothing to erase: name at least one artist or concept.")
    return tuple(concept for concept, _ in pairs.values()), tuple(target for _, target in pairs.values())

"""What is asked of an edit: EditSpec, DebiasSpec, and what they share with the specs of other methods.

Texts and numbers only: knows nothing about vectors, models or files.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from uce_core.checks import as_number, normalised, one_of, strip_texts, unique
from uce_core.concepts.text_spaces import ALL, SPACES, TOKENS
from uce_core.concepts.wordings import EMPTY_TOKENS, SPANS, templates
from uce_core.problems import Problem
from uce_core.specs import Spec, setting, settings_in, settings_of

LARGEST = 1e6
LEAST = 1e-6
NORMAL_95 = 1.96  # standard deviations that hold 95 % of a normal distribution


class MethodSpec(Spec):
    """What an editing method is asked. erases: whether the edited concepts are to be gone; else they stay, changed.
    retains: whether it can be told what to retain. leads: whether what is edited becomes what its guide is, wherever
    that lies, so that it can debias; said by each class for itself. reads_captions: whether it asks what texts in
    general consist of (concepts/captions.py)."""

    erases: ClassVar[bool] = True
    retains: ClassVar[bool] = True
    leads: ClassVar[bool] = False
    reads_captions: ClassVar[bool] = False
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


OF_UCE = ("lam", "edit_scale", "retain_scale", "caption_scale")  # settings of a debiasing


@dataclass(frozen=True, kw_only=True)
class DebiasSpec(MethodSpec):
    """Concepts ("doctor") whose attributes ("man", "woman") are generated in target ratios, even if none are
    given.

    prompt: how a concept, an attribute, and both together ("woman doctor") are written, for the
    encoder, for generating, and for the classifier. images: of each concept in each iteration,
    from seeds that follow seed. tolerance: how far from the target ratios is still right; it includes
    the uncertainty of counting so many images. step_size: how far a target vector moves along an attribute's
    direction, in multiples of the gap. guidance_scale: None for the model family's. solved_by: the method,
    one that leads. retain, span, retain_empty: as in EditSpec; lam, edit_scale, retain_scale, too, and
    caption_scale as in methods/uce_captions.py, but of UCE alone: another method has its own defaults. Raises
    ValueError with one sentence if the request makes no sense.
    """

    kind: ClassVar[str] = "debias"
    erases: ClassVar[bool] = False

    concepts: tuple[str, ...]
    attributes: tuple[str, ...] = setting(("man", "woman"), help="Attributes to balance.", singular="attribute")
    ratios: tuple[float, ...] = setting((), help="Target share of each attribute; default: equal.", singular="ratio")
    retain: tuple[str, ...] = ()
    solved_by: str = setting("uce", help="Method that moves the concepts: uce or speed.")
    prompt: str = setting("a photo of a {}", help="How concepts and attributes are written.")
    span: str = setting("rest", help="Token positions that are a concept's vectors.", choices=SPANS)
    lam: float = setting(0.5, help="λ, weight of leaving the model's weights as they are.", least=LEAST, most=LARGEST)
    edit_scale: float = setting(1.0, help="Weight of debiased concepts.", least=LEAST, most=LARGEST)
    retain_scale: float = setting(1.0, help="Weight of each retained concept.", least=0.0, most=LARGEST)
    retain_empty: bool = setting(True, help="Retain the empty text, too.")
    caption_scale: float = setting(0.0, help="Weight of what captions in general need.", least=0.0, most=LARGEST)
    tolerance: float = setting(0.1, help="Largest accepted gap to the target share.", least=1e-6, most=1.0)
    images: int = setting(200, help="Images per concept and iteration.", least=1, most=100_000)
    iterations: int = setting(12, help="Maximum iterations.", least=1, most=1000)
    step_size: float = setting(
        1.0, help="How far target vectors move, in multiples of the gap.", least=LEAST, most=LARGEST
    )
    seed: int = setting(0, help="First seed.")
    steps: int | None = setting(None, help="Denoising steps; default: that of the model family.", least=1, most=1000)
    guidance_scale: float | None = setting(
        None, help="How closely to follow the prompt; default: that of the model family."
    )

    def __post_init__(self) -> None:
        self._set(
            **{name: unique(strip_texts(name, getattr(self, name))) for name in ("concepts", "attributes", "retain")}
        )
        ratios = tuple(self.ratios) or (1 / max(1, len(self.attributes)),) * len(self.attributes)
        self._set(ratios=tuple(as_number("ratios", ratio) for ratio in ratios))
        if not self.concepts or len(self.attributes) < 2:
            raise Problem(
                "nothing_to_debias", "There is nothing to debias: name at least one concept and two attributes."
            )
        if set(map(normalised, self.concepts)) & set(map(normalised, self.retain)):
            raise Problem(
                "debiased_and_retained", "A debiased concept cannot be retained: remove it from one of the two."
            )
        if len(self.ratios) != len(self.attributes) or min(self.ratios) < 0 or abs(sum(self.ratios) - 1) > 1e-6:
            raise Problem(
                "bad_ratios",
                "The ratios are {ratios}: give one for each of the {count} attributes, none below 0%, together 100%.",
                ratios=", ".join(f"{100 * ratio:g}%" for ratio in self.ratios),
                count=len(self.attributes),
            )
        templates(self.prompt)
        one_of("token span", self.span, SPANS)
        self._check_settings()
        self._check_uses()
        self._check_resolution()

    def uses(self, setting: str) -> bool:
        return self.solved_by == EditSpec.kind or setting not in OF_UCE

    def _check_uses(self) -> None:
        for item, _ in settings_of(type(self)):
            if not self.uses(item.name) and getattr(self, item.name) != item.default:
                raise Problem(
                    "setting_of_uce",
                    "The setting {setting} is UCE's, and {method} has its own: leave it out.",
                    setting=item.name,
                    method=self.solved_by,
                )

    def _check_resolution(self) -> None:
        if self.half_width >= self.tolerance:
            shares = max(ratio * (1 - ratio) for ratio in self.ratios)
            raise Problem(
                "too_few_images_for_tolerance",
                "With {images} images, a ratio is only accurate to ±{half_width:.1%}, but the tolerance "
                "is {tolerance:.1%}: use more than {enough} images or a larger tolerance.",
                images=self.images,
                half_width=self.half_width,
                tolerance=self.tolerance,
                enough=math.floor(NORMAL_95**2 * shares / self.tolerance**2),
            )

    @property
    def half_width(self) -> float:
        """Half the 95 % confidence interval of a share counted in so many images, at the target ratio that is
        hardest to count: 1.96·√(p(1 − p)/n), the normal approximation."""
        return NORMAL_95 * math.sqrt(max(ratio * (1 - ratio) for ratio in self.ratios) / self.images)

    @property
    def edited(self) -> tuple[str, ...]:
        return self.concepts


@dataclass(frozen=True)
class UnknownSpec(MethodSpec):
    """Of a method that is not here: the edit can be applied all the same. values: as it was written."""

    values: Mapping[str, Any]

    def __post_init__(self) -> None:
        for name in ("erase", "concepts", "retain"):
            strip_texts(name, self.values.get(name, ()))

    def facts(self) -> dict[str, Any]:
        return dict(self.values)

    @property
    def edited(self) -> tuple[str, ...]:
        return tuple(self.values.get("erase", self.values.get("concepts", ())))

    @property
    def retain(self) -> tuple[str, ...]:  # type: ignore[override]
        return tuple(self.values.get("retain", ()))


def spec_from_facts(facts: Mapping[str, Any]) -> MethodSpec:
    """Of whatever kind. Raises ValueError with one sentence if the facts make no sense."""
    kind = facts.get("kind") or _kind_before(facts)
    found = Spec.kinds.get(kind) if isinstance(kind, str) else Spec
    if found is None:
        return UnknownSpec(dict(facts))
    if issubclass(found, ErasureSpec):
        facts = {"text_space": TOKENS, **facts}  # what was edited before it was said
    if not issubclass(found, MethodSpec):
        raise Problem("no_method", "{kind!r} is not a method: check where these settings come from.", kind=kind)
    return found.from_facts(facts)


def spec_from_json(text: str) -> MethodSpec:
    """Of whatever kind."""
    return spec_from_facts(settings_in(text))


def _kind_before(facts: Mapping[str, Any]) -> str:
    """Of facts that version 0.1 wrote, which did not say it."""
    if "concepts" in facts:
        return DebiasSpec.kind
    return "uce-tensor" if facts.get("technique") == "tensor" else EditSpec.kind


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

"""A text that names a concept: where its words are among the tokens, and what text encoders made of those.

Knows nothing about how texts are encoded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from torch import Tensor

from uce_core.concepts.t5_text import T5Tower
from uce_core.concepts.tower import Tower


class Text(NamedTuple):
    """A concept inside a template. span: which of its tokens are wanted, the concept's "last", its "content" from its
    first to its last, the "rest" from its last to the end of padding, or "all"."""

    concept: str
    template: str = "{}"
    span: str = "all"

    @property
    def written(self) -> str:
        return self.template.format(self.concept)


class Subject(NamedTuple):
    """The concept's own words among a text's tokens. first, last: positions of the first and the last of them; of an
    empty concept both are that of the first end-of-text token."""

    first: int
    last: int
    empty: bool


@dataclass(frozen=True)
class Part:
    """What some text encoders made of a text. states: (k, d) float32, of the token positions from first on. length: of
    the positions that a span may reach. padded: whether those of padding are among them."""

    states: Tensor
    subject: Subject
    first: int
    length: int
    padded: bool

    def has(self, span: str) -> bool:
        """Whether the positions that a span needs are among them."""
        first, stop = positions(span, self.subject, self.length)
        return self.first <= first and stop <= self.first + len(self.states)


@dataclass(frozen=True)
class Encoded:
    """One encoded text. parts: one, or where a model reads two kinds of text encoders one after the other, two. pooled:
    (1, p) float32, of the whole text; p is 0 if the model does not read it."""

    parts: tuple[Part, ...]
    pooled: Tensor

    def has(self, span: str) -> bool:
        return all(part.has(span) for part in self.parts)

    @property
    def nbytes(self) -> int:
        return self.pooled.nbytes + sum(part.states.nbytes for part in self.parts)


def positions(span: str, subject: Subject, length: int) -> tuple[int, int]:
    """The token positions, from and to, that are encoded for a span of a text: what it needs and what those before it
    in SPANS need, so that a text asked for several spans is encoded for the last of them. Of an empty subject the start
    token, too, which may stand for it."""
    first = 0 if span == "all" or subject.empty else subject.last if span == "last" else subject.first
    return first, subject.last + 1 if span in ("last", "content") else length


def subject_in(offsets: list[list[int]], begin: int, end: int, before: int = 1) -> Subject:
    """The tokens whose characters overlap [begin, end). offsets: of each token, where its characters begin and end.
    before: tokens before the text's own."""
    inside = [i for i, (start, stop) in enumerate(offsets) if start < end and stop > begin]
    if inside:
        return Subject(inside[0], inside[-1], empty=False)
    end_of_text = max((i for i, (start, stop) in enumerate(offsets) if stop > start), default=before - 1) + 1
    return Subject(end_of_text, end_of_text, empty=True)


def subjects_of(texts: Sequence[Text], tower: Tower | T5Tower) -> tuple[list[int], list[Subject]]:
    """The position of each text's end token, and its subject. A text is cut where it is longer than the tower takes."""
    written = [text.written for text in texts]
    tokenized = tower.tokenizer(
        written, return_offsets_mapping=True, truncation=True, max_length=tower.length, verbose=False
    )
    return [len(tokens) - 1 for tokens in tokenized.input_ids], [
        subject_in(offsets, begin, begin + len(text.concept), tower.begin)
        for text, offsets in zip(texts, tokenized.offset_mapping, strict=True)
        for begin in [text.template.index("{}")]
    ]

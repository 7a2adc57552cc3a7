"""Texts to token vectors: a model's text encoder in float32, with a memory.

Stable Diffusion 1.x and 2.x read the last hidden state of one CLIP text tower. Stable Diffusion XL
reads the last but one of two towers, side by side. Knows nothing about concepts, edits or images.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor

from uce_core.concepts.clip_text import Kept, OnBatch
from uce_core.concepts.fingerprint import digest_into, sample_of
from uce_core.concepts.tower import Tower, in_groups
from uce_core.concepts.wordings import SPANS
from uce_core.precision import coarsest
from uce_core.problems import Problem
from uce_core.runtime import give_back_memory

if TYPE_CHECKING:  # seconds to import, and not needed to read a spec or an edit file
    from transformers import CLIPTokenizer

REMEMBERED_BYTES = 512 * 2**20
OnText = Callable[[float, int], None]  # texts encoded, of how many; raise Cancelled to stop


class Text(NamedTuple):
    """A concept inside a template. span: which of its tokens are wanted, the concept's "last", the "rest" from there
    to the end of padding, or "all"."""

    concept: str
    template: str = "{}"
    span: str = "all"

    @property
    def written(self) -> str:
        return self.template.format(self.concept)


@dataclass(frozen=True)
class Encoded:
    """One encoded text. states: (k, d) float32, of the token positions from first on. last: position of the subject's
    last token; for an empty subject that of the first end-of-text token. pooled: (1, p) float32, of the whole text; p
    is 0 if the model does not read it."""

    states: Tensor
    last: int
    empty: bool
    first: int
    pooled: Tensor

    def has(self, span: str, length: int) -> bool:
        """Whether the positions that a span needs are among them. length: of a padded text."""
        first, stop = positions(span, self.last, self.empty, length)
        return self.first <= first and stop <= self.first + len(self.states)


@dataclass
class TextEncoder:
    """All towers that a UNet reads, and what they have encoded.

    encodings counts the texts that went through the networks, for those who want to see the memory work.
    """

    towers: tuple[Tower, ...]
    encodings: int = 0
    _memory: OrderedDict[tuple[str, str], Encoded] = field(default_factory=OrderedDict)
    _held: int = 0

    @property
    def tokenizer(self) -> "CLIPTokenizer":
        """The first tower's; all towers cut texts into the same tokens."""
        return self.towers[0].tokenizer

    @property
    def width(self) -> int:
        """d, the length of a concept vector."""
        return sum(tower.width for tower in self.towers)

    @property
    def pooled_width(self) -> int:
        """Length of the pooled text's vector, 0 if the model does not read it."""
        return sum(tower.pooled_width for tower in self.towers)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over the weights in float32: another one if the same encoder is stored in another precision."""
        digest = hashlib.sha256()
        for tower in self.towers:
            digest_into(digest, tower.weights, tower.groups)
        return digest.hexdigest()[:32]

    @cached_property
    def sample(self) -> str:
        """Some of the weights, by which to tell which other encoders are the same but for rounding."""
        return sample_of((tower.weights, tower.names) for tower in self.towers)

    @property
    def stored(self) -> str:
        """The coarsest dtype that its weights had in their files, as torch names it."""
        return coarsest(tower.weights.stored for tower in self.towers)

    def check_length(self, text: str) -> None:
        """Raises ValueError if a text has more tokens than the encoder takes."""
        self._check_count(text, len(self.tokenizer(text, truncation=False, verbose=False).input_ids))

    def cut(self, text: str) -> str:
        """As much of its beginning as the encoder takes."""
        for last in range(self.tokenizer.model_max_length - 2, 0, -1):  # of the text's own tokens
            encoded = self.tokenizer(text, truncation=False, verbose=False, return_offsets_mapping=True)
            if len(encoded.input_ids) <= self.tokenizer.model_max_length:
                break
            text = text[: encoded.offset_mapping[last][1]]  # whose end may be read as more tokens than it was
        return text

    def _check_count(self, text: str, count: int) -> None:
        limit = self.tokenizer.model_max_length
        if count > limit:
            raise Problem(
                "text_too_long",
                "The text {text!r} is {excess} tokens too long ({count} of at most {limit}): shorten it.",
                text=shorten(text),
                excess=count - limit,
                count=count,
                limit=limit,
            )

    @contextmanager
    def ahead(self, texts: Iterable[Text], on_text: OnText | None = None) -> Iterator[None]:
        """All that will be asked for, encoded in one go and remembered at least as long as the block lasts.

        Raises ValueError for a text that is too long.
        """
        self._held += 1
        try:
            self.encode(list(texts), on_text)
            yield
        finally:
            self._held -= 1
            self._forget()

    def encode(self, texts: Sequence[Text], on_text: OnText | None = None) -> list[Encoded]:
        """In batches; remembered texts are not encoded again. Raises ValueError for a text that is too long."""
        asked: dict[tuple[str, str], str] = {}
        for concept, template, span in texts:
            asked[concept, template] = max(asked.get((concept, template), span), span, key=SPANS.index)
        length = self.tokenizer.model_max_length
        known = {key: self._memory[key] for key in asked if key in self._memory}
        missing = [
            Text(*key, span) for key, span in asked.items() if key not in known or not known[key].has(span, length)
        ]
        found = known | dict(zip((text[:2] for text in missing), self._encode_now(missing, on_text), strict=True))
        for key, encoded in found.items():
            self._memory[key] = encoded
            self._memory.move_to_end(key)
        if not self._held:
            self._forget()
        return [found[text[:2]] for text in texts]

    def _forget(self) -> None:
        """What was not asked for in the longest time, as far as there is too much."""
        size = sum(encoded.states.nbytes for encoded in self._memory.values())
        while size > REMEMBERED_BYTES:
            _, encoded = self._memory.popitem(last=False)
            size -= encoded.states.nbytes

    def _encode_now(self, texts: Sequence[Text], on_text: OnText | None) -> list[Encoded]:
        """Those that need few tokens together, cut behind the last that is needed."""
        if not texts:
            return []
        ends, subjects = self._subjects(texts)
        length = self.tokenizer.model_max_length
        needed = [positions(text.span, *subject, length) for text, subject in zip(texts, subjects, strict=True)]
        groups = in_groups(
            [max(stop, end + 1) if self.pooled_width else stop for (_, stop), end in zip(needed, ends, strict=True)]
        )
        done = Progress(len(texts), len(self.towers), on_text)
        written = [text.written for text in texts]
        towers = [tower.states(written, ends, groups, done.of(i)) for i, tower in enumerate(self.towers)]
        found: dict[int, Encoded] = {}
        for group in groups:
            states = [parts.pop(0) for parts in towers]  # given back when their rows are copied
            pooled = [one.pooled for one in states if one.pooled is not None]
            for number, i in enumerate(group.texts):
                parts = [one.of(number, *needed[i]) for one in states]
                rows = torch.cat(parts, dim=1) if len(parts) > 1 else parts[0]  # (k, d)
                whole = torch.cat([one[number : number + 1] for one in pooled], 1) if pooled else torch.zeros(1, 0)
                found[i] = Encoded(rows, *subjects[i], first=needed[i][0], pooled=whole)
        self.encodings += len(texts)
        if not all(isinstance(tower.weights, Kept) for tower in self.towers):
            give_back_memory()
        return [found[i] for i in range(len(texts))]

    def _subjects(self, texts: Sequence[Text]) -> tuple[list[int], list[tuple[int, bool]]]:
        """Where each text ends; where its subject ends, and whether that has no words of its own. Raises ValueError for
        a text that is too long."""
        tokenized = self.tokenizer([text.written for text in texts], return_offsets_mapping=True, verbose=False)
        for text, tokens in zip(texts, tokenized.input_ids, strict=True):
            self._check_count(text.written, len(tokens))
        return [len(tokens) - 1 for tokens in tokenized.input_ids], [
            last_token(offsets, begin, begin + len(text.concept))
            for text, offsets in zip(texts, tokenized.offset_mapping, strict=True)
            for begin in [text.template.index("{}")]
        ]


@dataclass
class Progress:
    """Batches of several towers, told as texts."""

    texts: int
    towers: int
    tell: OnText | None

    def of(self, tower: int) -> OnBatch:
        def on_batch(done: int, total: int) -> None:
            if self.tell:
                self.tell(self.texts * (tower + done / total) / self.towers, self.texts)

        return on_batch


def positions(span: str, last: int, empty: bool, length: int) -> tuple[int, int]:
    """The token positions, from and to, that a span of a text needs: of an empty subject the start token, too, which
    may stand for it."""
    first = 0 if span == "all" or empty else last
    return first, last + 1 if span == "last" else length


def last_token(offsets: list[list[int]], begin: int, end: int) -> tuple[int, bool]:
    """The last token whose characters overlap [begin, end); or, if none do, the end-of-text token and True."""
    inside = [i for i, (start, stop) in enumerate(offsets) if start < end and stop > begin]
    if inside:
        return inside[-1], False
    return max((i for i, (start, stop) in enumerate(offsets) if stop > start), default=0) + 1, True


def shorten(text: str, limit: int = 60) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"

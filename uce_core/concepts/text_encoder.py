"""Texts to vectors: a model's text encoders in float32, with a memory.

Stable Diffusion 1.x and 2.x read the last hidden state of one CLIP text tower. Stable Diffusion XL reads the last but
one of two towers, side by side, and the pooled text of the second. Stable Diffusion 3 reads the same of both, and T5's
states behind theirs; FLUX reads T5's states, and of CLIP the pooled text alone. Knows nothing about concepts, edits or
images.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional

from uce_core.concepts.clip_text import Kept, OnBatch
from uce_core.concepts.encoded_text import Encoded, Part, Text, positions, subjects_of
from uce_core.concepts.fingerprint import digest_into, sample_of
from uce_core.concepts.t5_text import T5Tower
from uce_core.concepts.tower import Tower, in_groups
from uce_core.concepts.wordings import SPANS
from uce_core.precision import coarsest
from uce_core.problems import Problem
from uce_core.runtime import give_back_memory

if TYPE_CHECKING:  # seconds to import, and not needed to read a spec or an edit file
    from transformers import PreTrainedTokenizerBase

REMEMBERED_BYTES = 512 * 2**20
OnText = Callable[[float, int], None]  # texts encoded, of how many; raise Cancelled to stop


@dataclass
class TextEncoder:
    """All towers that a model reads, and what they have encoded. CLIP's are read side by side, each token's states as
    one vector, with T5's states behind them.

    width: d, the length of a token's vector, if that is more than the towers', which are then padded with zeros.
    encodings counts the texts that went through the networks, for those who want to see the memory work.
    """

    towers: tuple[Tower | T5Tower, ...]
    width: int = 0
    encodings: int = 0
    _memory: OrderedDict[tuple[str, str], Encoded] = field(default_factory=OrderedDict)
    _held: int = 0

    def __post_init__(self) -> None:
        read = [sum(tower.width for tower in side if tower.reads) for side in self.sides]
        self.width = max(self.width, *read)

    @property
    def sides(self) -> list[list[Tower | T5Tower]]:
        """Towers of the same tokens."""
        kinds = ([tower for tower in self.towers if isinstance(tower, kind)] for kind in (Tower, T5Tower))
        return [side for side in kinds if side]

    @property
    def tokenizer(self) -> "PreTrainedTokenizerBase":
        """Of the tower that takes the longest texts, the first of several; others cut longer texts."""
        return max(self.towers, key=lambda tower: tower.length).tokenizer

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

    def _check_embeddings(self, texts: Sequence[str]) -> None:
        """Raises ValueError for a text with an embedding of several vectors, which pipelines write out in prompts as so
        many tokens (name, name_1, …): which of them stand for a concept would be anybody's guess."""
        there = set(self.tokenizer.get_added_vocab())
        several = [token for token in there if f"{token}_1" in there]
        for text in texts:
            for token in several:
                if token in text:
                    raise Problem(
                        "embedding_in_concept",
                        "{text!r} names the embedding {token}, which is several vectors: use it in prompts, not in "
                        "concepts.",
                        text=shorten(text),
                        token=token,
                    )

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
        known = {key: self._memory[key] for key in asked if key in self._memory}
        missing = [Text(*key, span) for key, span in asked.items() if key not in known or not known[key].has(span)]
        found = known | dict(zip((text[:2] for text in missing), self._encode_now(missing, on_text), strict=True))
        for key, encoded in found.items():
            self._memory[key] = encoded
            self._memory.move_to_end(key)
        if not self._held:
            self._forget()
        return [found[text[:2]] for text in texts]

    def _forget(self) -> None:
        """What was not asked for in the longest time, as far as there is too much."""
        size = sum(encoded.nbytes for encoded in self._memory.values())
        while size > REMEMBERED_BYTES:
            _, encoded = self._memory.popitem(last=False)
            size -= encoded.nbytes

    def _encode_now(self, texts: Sequence[Text], on_text: OnText | None) -> list[Encoded]:
        if not texts:
            return []
        written = [text.written for text in texts]
        self._check_embeddings(written)
        for text, tokens in zip(
            written, self.tokenizer(written, truncation=False, verbose=False).input_ids, strict=True
        ):
            self._check_count(text, len(tokens))
        done = Progress(len(texts), len(self.towers), on_text)
        parts: list[list[Part]] = [[] for _ in texts]
        pooled: list[list[Tensor]] = [[torch.zeros(1, 0)] for _ in texts]
        for side in self.sides:
            for i, found, whole in self._encode_side(side, texts, done):
                pooled[i] += whole
                if found is not None:
                    parts[i].append(found)
        self.encodings += len(texts)
        if not all(isinstance(tower.weights, Kept) for tower in self.towers):
            give_back_memory()
        return [Encoded(tuple(found), torch.cat(whole, 1)) for found, whole in zip(parts, pooled, strict=True)]

    def _encode_side(
        self, side: Sequence[Tower | T5Tower], texts: Sequence[Text], done: "Progress"
    ) -> Iterator[tuple[int, Part | None, list[Tensor]]]:
        """For each text, by its number, its part and its pooled vectors. Texts that need few tokens go together, cut
        behind the last that is needed where later tokens change nothing."""
        first, written = side[0], [text.written for text in texts]
        ends, subjects = subjects_of(texts, first)
        lengths = [first.length if first.causal else end + 1 for end in ends]
        spans = [text.span for text in texts]
        needed = [positions(span, subject, n) for span, subject, n in zip(spans, subjects, lengths, strict=True)]
        pools = any(tower.pooled_width for tower in side)
        reach = [max(stop, end + 1) if pools else stop for (_, stop), end in zip(needed, ends, strict=True)]
        groups = in_groups(reach if first.causal else [first.length] * len(texts))
        towers = [tower.states(written, ends, groups, done.of(self.towers.index(tower))) for tower in side]
        for group in groups:
            states = [found.pop(0) for found in towers]  # given back when their rows are copied
            for number, i in enumerate(group.texts):
                whole = [one.pooled[number : number + 1] for one in states if one.pooled is not None]
                rows = [one.of(number, *needed[i]) for one, tower in zip(states, side, strict=True) if tower.reads]
                if not rows:
                    yield i, None, whole
                    continue
                found = torch.cat(rows, dim=1) if len(rows) > 1 else rows[0]  # (k, widths)
                if found.shape[1] < self.width:
                    found = functional.pad(found, (0, self.width - found.shape[1]))
                yield i, Part(found, subjects[i], needed[i][0], lengths[i], padded=first.causal), whole


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


def shorten(text: str, limit: int = 60) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"

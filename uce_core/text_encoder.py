"""Texts to token vectors: a model's text encoder in float32, with a memory.

Stable Diffusion 1.x and 2.x read the last hidden state of one CLIP text tower. Stable Diffusion XL
reads the last but one of two towers, side by side. Knows nothing about concepts, edits or images.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from uce_core.problems import Problem

if TYPE_CHECKING:  # seconds to import, and not needed to read a spec or an edit file
    from transformers import CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

REMEMBERED_BYTES = 512 * 2**20
BATCH = 64


@dataclass(frozen=True)
class Encoded:
    """One encoded text. states: (n, d) float32, every token position. last: position of the subject's
    last token; for an empty subject that of the first end-of-text token."""

    states: Tensor
    last: int
    empty: bool


@dataclass(frozen=True)
class Tower:
    """A tokenizer and a float32 network. penultimate: whether the UNet reads its last hidden state but one."""

    tokenizer: "CLIPTokenizer"
    network: "CLIPTextModel | CLIPTextModelWithProjection"
    penultimate: bool = False

    @torch.no_grad()
    def states(self, texts: list[str]) -> Tensor:
        """(texts, n, width) float32, on the CPU."""
        tokens = self.tokenizer(
            texts, padding="max_length", max_length=self.tokenizer.model_max_length, return_tensors="pt"
        )
        device = next(self.network.parameters()).device
        with torch.autocast(device.type, enabled=False):
            output = self.network(tokens.input_ids.to(device), output_hidden_states=self.penultimate)
        return (output.hidden_states[-2] if self.penultimate else output.last_hidden_state).float().cpu()


@dataclass
class TextEncoder:
    """All towers that a UNet reads, and what they have encoded.

    encodings counts the texts that went through the networks, for those who want to see the memory work.
    """

    towers: tuple[Tower, ...]
    encodings: int = 0
    _memory: OrderedDict[tuple[str, str], Encoded] = field(default_factory=OrderedDict)
    _fingerprint: str = ""

    @property
    def tokenizer(self) -> "CLIPTokenizer":
        """The first tower's; all towers cut texts into the same tokens."""
        return self.towers[0].tokenizer

    @property
    def width(self) -> int:
        """d, the length of a concept vector."""
        return sum(tower.network.config.hidden_size for tower in self.towers)

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the weights: edits are valid for every model whose text encoder has the same."""
        if not self._fingerprint:
            digest = hashlib.sha256()
            for tower in self.towers:
                parameters = {
                    name.removeprefix("text_model."): value for name, value in tower.network.named_parameters()
                }  # the prefix comes and goes with transformers' versions
                for name, tensor in sorted(parameters.items()):
                    digest.update(f"{name}{tuple(tensor.shape)}".encode())
                    digest.update(tensor.detach().to("cpu", torch.float32).contiguous().numpy().tobytes())
            self._fingerprint = digest.hexdigest()[:32]
        return self._fingerprint

    def check_length(self, text: str) -> None:
        """Raises ValueError if a text has more tokens than the encoder takes."""
        limit = self.tokenizer.model_max_length
        count = len(self.tokenizer(text, truncation=False, verbose=False).input_ids)
        if count > limit:
            raise Problem(
                "The text {text!r} is {excess} tokens too long ({count} of at most {limit}): shorten it.",
                text=shorten(text),
                excess=count - limit,
                count=count,
                limit=limit,
            )

    def encode(self, concepts: Sequence[str], template: str = "{}") -> list[Encoded]:
        """Each concept inside the template, encoded in batches; remembered texts are not encoded again.

        Raises ValueError for a text that is too long.
        """
        missing = [concept for concept in dict.fromkeys(concepts) if (template, concept) not in self._memory]
        for start in range(0, len(missing), BATCH):
            batch = missing[start : start + BATCH]
            for concept, encoded in zip(batch, self._encode_now(batch, template), strict=True):
                self._memory[template, concept] = encoded
        found = [self._memory[template, concept] for concept in concepts]
        for concept in concepts:
            self._memory.move_to_end((template, concept))
        while found and len(self._memory) * found[0].states.nbytes > REMEMBERED_BYTES:
            self._memory.popitem(last=False)
        return found

    def _encode_now(self, concepts: list[str], template: str) -> list[Encoded]:
        texts = [template.format(concept) for concept in concepts]
        for text in texts:
            self.check_length(text)
        states = torch.cat([tower.states(texts) for tower in self.towers], dim=2)  # (texts, n, d)
        self.encodings += len(texts)
        offsets = self.tokenizer(texts, return_offsets_mapping=True).offset_mapping
        begin = template.index("{}")
        return [
            Encoded(states[i].clone(), *last_token(offsets[i], begin, begin + len(concept)))
            for i, concept in enumerate(concepts)
        ]


def last_token(offsets: list[list[int]], begin: int, end: int) -> tuple[int, bool]:
    """The last token whose characters overlap [begin, end); or, if none do, the end-of-text token and True."""
    inside = [i for i, (start, stop) in enumerate(offsets) if start < end and stop > begin]
    if inside:
        return inside[-1], False
    return max((i for i, (start, stop) in enumerate(offsets) if stop > start), default=0) + 1, True


def shorten(text: str, limit: int = 60) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"

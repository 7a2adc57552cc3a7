"""Texts to token vectors: a model's text encoder in float32, with a memory.

Stable Diffusion 1.x and 2.x read the last hidden state of one CLIP text tower. Stable Diffusion XL
reads the last but one of two towers, side by side. Knows nothing about concepts, edits or images.
"""

import copy
import hashlib
import logging
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from safetensors import SafetensorError
from torch import Tensor

from uce_core.problems import Problem
from uce_core.runtime import give_back_memory, is_out_of_memory

if TYPE_CHECKING:  # seconds to import, and not needed to read a spec or an edit file
    from transformers import CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

REMEMBERED_BYTES = 512 * 2**20
BATCH = 64
KEPT_PARAMETERS = 20_000_000  # 80 MB; Atelier's text encoder has 2.5 million, Stable Diffusion 1.x's 123


@dataclass(frozen=True)
class Encoded:
    """One encoded text. states: (n, d) float32, every token position. last: position of the subject's
    last token; for an empty subject that of the first end-of-text token."""

    states: Tensor
    last: int
    empty: bool


@dataclass(kw_only=True)
class Tower:
    """A tokenizer and a float32 network.

    encoder: the pipeline's, in whatever dtype. folder: where its weights lie, to be read in float32
    whenever texts are encoded and forgotten after that; small ones, and those of no folder, are kept.
    penultimate: whether the UNet reads the last hidden state but one.
    """

    tokenizer: "CLIPTokenizer"
    encoder: "CLIPTextModel | CLIPTextModelWithProjection"
    folder: Path | None = None
    penultimate: bool = False
    _kept: torch.nn.Module | None = None
    _files: tuple[tuple[str, int, int], ...] = ()  # when the model was loaded

    def __post_init__(self) -> None:
        size = sum(parameter.numel() for parameter in self.encoder.parameters())
        if self.folder is None:
            self._kept = copy.deepcopy(self.encoder).float().eval()
            return
        self._files = _stamps(self.folder)
        if size <= KEPT_PARAMETERS:
            self._kept = copy.deepcopy(self._read(self.folder))  # what was read are the files' own pages

    def _read(self, folder: Path) -> torch.nn.Module:
        """Raises ValueError if the files are not those of the encoder, or no longer."""
        try:
            if _stamps(folder) == self._files:
                network, found = type(self.encoder).from_pretrained(
                    folder, dtype=torch.float32, use_safetensors=True, output_loading_info=True
                )
                if not found["missing_keys"]:  # which would be random
                    read: torch.nn.Module = network.eval()
                    return read
        except (OSError, RuntimeError, SafetensorError) as error:
            if is_out_of_memory(error):
                raise
            logging.getLogger(__name__).warning("reading %s failed", folder.name, exc_info=True)
        raise Problem(
            "text_encoder_damaged",
            "The model's files in {folder} are damaged, another model's, or were changed after it was loaded: restore "
            "them, and restart this program.",
            folder=folder.name,
        )

    @contextmanager
    def network(self) -> Iterator[torch.nn.Module]:
        """In float32, on the encoder's device; forgotten on leaving, unless it is small."""
        network = self._kept
        if network is None:
            assert self.folder is not None  # those of no folder are kept
            network = self._read(self.folder)
        try:
            yield network.to(self.encoder.device)
        finally:
            del network
            if self._kept is None:
                give_back_memory()

    @property
    def width(self) -> int:
        return int(self.encoder.config.hidden_size)

    @torch.no_grad()
    def states(self, texts: list[str]) -> Tensor:
        """(texts, n, width) float32, on the CPU."""
        with self.network() as network:
            return torch.cat(
                [self._states(network, texts[start : start + BATCH]) for start in range(0, len(texts), BATCH)]
            )

    def _states(self, network: torch.nn.Module, texts: list[str]) -> Tensor:
        length = self.tokenizer.model_max_length
        tokens = self.tokenizer(texts, padding="max_length", max_length=length, return_tensors="pt")
        with torch.autocast(self.encoder.device.type, enabled=False):
            output = network(tokens.input_ids.to(self.encoder.device), output_hidden_states=self.penultimate)
        states: Tensor = output.hidden_states[-2] if self.penultimate else output.last_hidden_state
        return states.float().cpu()


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
        return sum(tower.width for tower in self.towers)

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the weights: edits are valid for every model whose text encoder has the same."""
        if not self._fingerprint:
            digest = hashlib.sha256()
            for tower in self.towers:
                with tower.network() as network:
                    _digest_parameters(digest, network)
            self._fingerprint = digest.hexdigest()[:32]
        return self._fingerprint

    def check_length(self, text: str) -> None:
        """Raises ValueError if a text has more tokens than the encoder takes."""
        limit = self.tokenizer.model_max_length
        count = len(self.tokenizer(text, truncation=False, verbose=False).input_ids)
        if count > limit:
            raise Problem(
                "text_too_long",
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
        for concept, encoded in zip(missing, self._encode_now(missing, template), strict=True):
            self._memory[template, concept] = encoded
        found = [self._memory[template, concept] for concept in concepts]
        for concept in concepts:
            self._memory.move_to_end((template, concept))
        while found and len(self._memory) * found[0].states.nbytes > REMEMBERED_BYTES:
            self._memory.popitem(last=False)
        return found

    def _encode_now(self, concepts: list[str], template: str) -> list[Encoded]:
        if not concepts:
            return []
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


def _stamps(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Of each file that size and time by which it is taken for another one when it is replaced."""
    found = [(path.name, path.stat()) for path in folder.iterdir()]
    return tuple(sorted((name, stat.st_size, stat.st_mtime_ns) for name, stat in found))


def _digest_parameters(digest: "hashlib._Hash", network: torch.nn.Module) -> None:
    parameters = {name.removeprefix("text_model."): value for name, value in network.named_parameters()}
    for name, tensor in sorted(parameters.items()):  # the prefix comes and goes with transformers' versions
        digest.update(f"{name}{tuple(tensor.shape)}".encode())
        digest.update(tensor.detach().to("cpu", torch.float32).contiguous().numpy().tobytes())


def last_token(offsets: list[list[int]], begin: int, end: int) -> tuple[int, bool]:
    """The last token whose characters overlap [begin, end); or, if none do, the end-of-text token and True."""
    inside = [i for i, (start, stop) in enumerate(offsets) if start < end and stop > begin]
    if inside:
        return inside[-1], False
    return max((i for i, (start, stop) in enumerate(offsets) if stop > start), default=0) + 1, True


def shorten(text: str, limit: int = 60) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"

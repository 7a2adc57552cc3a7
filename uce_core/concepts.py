"""Texts to concept vectors: which words of a prompt stand for a concept, and their encodings.

A concept ("Vincent van Gogh") is put into the wordings of a template and encoded in float32 by the
model's own text encoder; a span says which of the token positions become vectors. Knows nothing
about edits, UNets or images.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from uce_core.problems import Problem

if TYPE_CHECKING:  # seconds to import, and not needed to read a spec or an edit file
    from transformers import CLIPTextModel, CLIPTokenizer

WORDINGS: dict[str, tuple[str, ...]] = {
    "name": ("{}",),
    "style": ("a painting in the style of {}", "an artwork by {}", "{} style"),
    "portrait": ("a portrait of {}", "a photo of {}"),
    "expanded": ("{}", "a painting in the style of {}", "an artwork by {}", "{} style", "a portrait of {}"),
    "published-art": ("{}", "painting by {}", "art by {}", "artwork by {}", "picture by {}", "style of {}"),
    "published-object": ("{}", "image of {}", "photo of {}", "portrait of {}", "picture of {}", "painting of {}"),
}
SPANS = ("last", "rest", "all")
EMPTY_TOKENS = ("end", "start")
REMEMBERED_BYTES = 512 * 2**20
BATCH = 64


@dataclass(frozen=True)
class Encoded:
    """One encoded text. states: (n, d) float32, every token position. last: position of the subject's
    last token; for an empty subject that of the first end-of-text token."""

    states: Tensor
    last: int
    empty: bool


@dataclass
class TextEncoder:
    """A tokenizer and a float32 text encoder that remembers what it has encoded.

    encodings counts the texts that went through the network, for those who want to see the memory work.
    """

    tokenizer: "CLIPTokenizer"
    network: "CLIPTextModel"
    encodings: int = 0
    _memory: OrderedDict[tuple[str, str], Encoded] = field(default_factory=OrderedDict)
    _fingerprint: str = ""

    @property
    def width(self) -> int:
        """d, the length of a concept vector."""
        return self.network.config.hidden_size

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the weights: edits are valid for every model whose text encoder has the same."""
        if not self._fingerprint:
            digest = hashlib.sha256()
            parameters = {name.removeprefix("text_model."): value for name, value in self.network.named_parameters()}
            for name, tensor in sorted(parameters.items()):  # the prefix comes and goes with transformers' versions
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

    @torch.no_grad()
    def _encode_now(self, concepts: list[str], template: str) -> list[Encoded]:
        texts = [template.format(concept) for concept in concepts]
        for text in texts:
            self.check_length(text)
        tokens = self.tokenizer(
            texts,
            padding="max_length",
            max_length=self.tokenizer.model_max_length,
            return_offsets_mapping=True,
            return_tensors="pt",
        )
        device = next(self.network.parameters()).device
        with torch.autocast(device.type, enabled=False):
            states = self.network(tokens.input_ids.to(device)).last_hidden_state.float().cpu()
        self.encodings += len(texts)
        begin = template.index("{}")
        return [
            Encoded(states[i].clone(), *last_token(tokens.offset_mapping[i].tolist(), begin, begin + len(concept)))
            for i, concept in enumerate(concepts)
        ]


def last_token(offsets: list[list[int]], begin: int, end: int) -> tuple[int, bool]:
    """The last token whose characters overlap [begin, end); or, if none do, the end-of-text token and True."""
    inside = [i for i, (start, stop) in enumerate(offsets) if start < end and stop > begin]
    if inside:
        return inside[-1], False
    return max((i for i, (start, stop) in enumerate(offsets) if stop > start), default=0) + 1, True


def span_vectors(encoded: Encoded, span: str, empty_token: str = "end") -> Tensor:
    """The vectors of one span, (k, d): the last subject token; from there to the end of padding; or all.

    empty_token: which token stands for a subject of no words, the "end" of text, which has seen the
    whole text, or the "start", which is the same vector in every text.
    """
    last = 0 if encoded.empty and empty_token == "start" else encoded.last
    begin, end = {"last": (last, last + 1), "rest": (last, None), "all": (0, None)}[span]
    return encoded.states[begin:end]


def paired_vectors(concept: Encoded, guide: Encoded, span: str, empty_token: str = "end") -> tuple[Tensor, Tensor]:
    """The vectors of a concept and of its guide, row by row, (k, d) each.

    For "rest" both begin at their own last subject token and are cut to the shorter length.
    """
    ours, theirs = span_vectors(concept, span), span_vectors(guide, span, empty_token)
    rows = min(len(ours), len(theirs))
    return ours[:rows], theirs[:rows]


def templates(wording: str) -> tuple[str, ...]:
    """The templates of a wording's name, or the text itself if it is a pattern with one {}."""
    if wording in WORDINGS:
        return WORDINGS[wording]
    if wording.count("{}") == 1 and wording.replace("{}", "").count("{") == wording.count("}") - 1 == 0:
        return (wording,)
    raise Problem(
        "Unknown wording {wording!r}: use one of {known}, or a text with one {{}} in it.",
        wording=wording,
        known=", ".join(WORDINGS),
    )


def concept_vectors(encoder: TextEncoder, concepts: Iterable[str], wording: str, span: str) -> Tensor:
    """Vectors of concepts in every template of the wording, (k, d) float32."""
    concepts = list(concepts)
    parts = [
        span_vectors(encoded, span) for template in templates(wording) for encoded in encoder.encode(concepts, template)
    ]
    return torch.cat(parts) if parts else torch.zeros(0, encoder.width)


def empty_vectors(encoder: TextEncoder, span: str, empty_token: str = "end") -> Tensor:
    """Vectors of the empty text, (k, d) float32."""
    return span_vectors(encoder.encode([""])[0], span, empty_token)


def erasure_vectors(
    encoder: TextEncoder,
    concepts: Sequence[str],
    guides: Sequence[str],
    wording: str,
    span: str,
    empty_token: str = "end",
) -> list[tuple[Tensor, Tensor]]:
    """For each concept in each template, its vectors and, row by row, those that they shall become, (k, d) each.

    A guide is encoded as it is written, outside the templates.
    """
    targets = encoder.encode(guides)
    return [
        paired_vectors(encoded, target, span, empty_token)
        for template in templates(wording)
        for encoded, target in zip(encoder.encode(concepts, template), targets, strict=True)
    ]


def shorten(text: str, limit: int = 60) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"

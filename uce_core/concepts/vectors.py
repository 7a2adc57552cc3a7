"""Concepts to vectors: each is put into the templates of a wording and encoded, and a span of its tokens is taken, or
of the pooled text its one vector.

Knows nothing about edits, UNets or images.
"""

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from uce_core.concepts.encoded_text import Encoded, Part, Text
from uce_core.concepts.text_encoder import TextEncoder
from uce_core.concepts.text_spaces import POOLED, TOKENS
from uce_core.concepts.wordings import templates


def texts_of(concepts: Iterable[str], wording: str, span: str) -> list[Text]:
    """Concepts in every template of the wording, those of a template side by side."""
    concepts = list(concepts)
    return [Text(concept, template, span) for template in templates(wording) for concept in concepts]


def retained_texts(concepts: Iterable[str], wording: str, span: str, with_empty: bool) -> list[Text]:
    return texts_of(concepts, wording, span) + ([Text("", span=span)] if with_empty else [])


def guide_texts(guides: Iterable[str], span: str) -> list[Text]:
    """A guide is encoded as it is written, outside the templates."""
    return [Text(guide, span=span) for guide in guides]


def span_vectors(encoded: Encoded, span: str, empty_token: str = "end") -> Tensor:
    """The vectors of one span, (k, d): the last subject token; all subject tokens; from the last to the end; or all.
    The end is that of padding in CLIP, whose padding has seen the text, and the text's own in T5.

    empty_token: which token stands for a subject of no words, the "end" of text, which has seen the
    whole text, or the "start", which is the same vector in every text; T5 has none, and its end stands for it.
    """
    return joined([_of_part(part, span, empty_token) for part in encoded.parts])


def _of_part(part: Part, span: str, empty_token: str = "end") -> Tensor:
    first, last = (0, 0) if part.subject.empty and empty_token == "start" else part.subject[:2]
    end = part.first + len(part.states)
    spans = {"last": (last, last + 1), "content": (first, last + 1), "rest": (last, end), "all": (0, end)}
    begin, stop = (position - part.first for position in spans[span])
    return part.states[begin:stop]


def paired_vectors(concept: Encoded, guide: Encoded, span: str, empty_token: str = "end") -> tuple[Tensor, Tensor]:
    """The vectors of a concept and of its guide, row by row, (k, d) each.

    For "rest" both begin at their own last subject token and are cut to the shorter length. Of T5, and for "content",
    all of a concept's tokens count: of T5 a shorter guide's last one, its end, stands for those that it lacks; for
    "content" last goes with last, and a shorter guide's first one stands for them.
    """
    pairs = [_paired(*parts, span, empty_token) for parts in zip(concept.parts, guide.parts, strict=True)]
    ours, theirs = zip(*pairs, strict=True)
    return joined(ours), joined(theirs)


def _paired(concept: Part, guide: Part, span: str, empty_token: str) -> tuple[Tensor, Tensor]:
    ours, theirs = _of_part(concept, span), _of_part(guide, span, empty_token)
    if span == "content":
        return ours, matched(theirs, len(ours), span)
    if concept.padded:
        rows = min(len(ours), len(theirs))
        return ours[:rows], theirs[:rows]
    return ours, theirs[torch.arange(len(ours)).clamp(max=len(theirs) - 1)]


def matched(vectors: Tensor, rows: int, span: str) -> Tensor:
    """So many of a text's vectors of a span as go with another text's, (rows, d): the first; but of its "content" the
    last, the first one in place of those that it lacks."""
    if span != "content":
        return vectors[:rows]
    return vectors[torch.arange(len(vectors) - rows, len(vectors)).clamp(min=0)]


def in_step(texts: Sequence[Encoded], span: str) -> list[Tensor]:
    """The vectors of a span of several texts, row by row, (k, d) each: as many as the shortest has."""
    parts = [[_of_part(part, span) for part in parts] for parts in zip(*(text.parts for text in texts), strict=True)]
    cut = [[matched(vectors, min(map(len, part)), span) for vectors in part] for part in parts]
    return [joined(rows) for rows in zip(*cut, strict=True)]


def joined(rows: Sequence[Tensor]) -> Tensor:
    """Without a copy where there is one."""
    return torch.cat(list(rows)) if len(rows) > 1 else rows[0]


def concept_vectors(
    encoder: TextEncoder, concepts: Iterable[str], wording: str, span: str, space: str = TOKENS
) -> Tensor:
    """Vectors of concepts in every template of the wording, (k, d) float32."""
    found = encoder.encode(texts_of(concepts, wording, span))
    if space == POOLED:
        return torch.cat([torch.zeros(0, encoder.pooled_width), *(encoded.pooled for encoded in found)])
    return torch.cat([torch.zeros(0, encoder.width), *(span_vectors(encoded, span) for encoded in found)])


def retained_vectors(
    encoder: TextEncoder,
    concepts: Iterable[str],
    wording: str,
    span: str,
    with_empty: bool = True,
    empty_token: str = "end",
    space: str = TOKENS,
) -> Tensor:
    """Vectors of the concepts and, with_empty, of the empty text, (m, d) float32."""
    vectors = concept_vectors(encoder, concepts, wording, span, space)
    if not with_empty:
        return vectors
    [empty] = encoder.encode([Text("", span=span)])
    return torch.cat([vectors, empty.pooled if space == POOLED else span_vectors(empty, span, empty_token)])


def erasure_vectors(
    encoder: TextEncoder,
    concepts: Sequence[str],
    guides: Sequence[str],
    wording: str,
    span: str,
    empty_token: str = "end",
    space: str = TOKENS,
) -> list[tuple[Tensor, Tensor]]:
    """For each concept in each template, its vectors and, row by row, those that they are mapped to, (k, d) each."""
    pairs = _with_guides(encoder, concepts, guides, wording, span)
    if space == POOLED:
        return [(concept.pooled, guide.pooled) for concept, guide in pairs]
    return [paired_vectors(*pair, span, empty_token) for pair in pairs]


def erasure_spans(
    encoder: TextEncoder,
    concepts: Sequence[str],
    guides: Sequence[str],
    wording: str,
    span: str,
    empty_token: str = "end",
    space: str = TOKENS,
) -> list[tuple[Tensor, Tensor]]:
    """For each concept in each template, all its vectors (n, d) and all of its guide's (m, d), whichever go together;
    where a model reads two kinds of text encoders, those of each apart."""
    pairs = _with_guides(encoder, concepts, guides, wording, span)
    if space == POOLED:
        return [(concept.pooled, guide.pooled) for concept, guide in pairs]
    parts = [part for concept, guide in pairs for part in zip(concept.parts, guide.parts, strict=True)]
    return [(_of_part(concept, span), _of_part(guide, span, empty_token)) for concept, guide in parts]


def _with_guides(
    encoder: TextEncoder, concepts: Sequence[str], guides: Sequence[str], wording: str, span: str
) -> list[tuple[Encoded, Encoded]]:
    """Each concept in each template, and its guide."""
    targets = encoder.encode(guide_texts(guides, span))
    erased = encoder.encode(texts_of(concepts, wording, span))
    return [(encoded, targets[i % len(targets)]) for i, encoded in enumerate(erased)]

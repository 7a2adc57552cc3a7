"""What every method gets: what a spec's texts are to a model, and the weights that read them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import torch
from torch import Tensor

from uce_core.concepts.captions import TEXTS, second_moment
from uce_core.concepts.encoded_text import Text
from uce_core.concepts.invariants import invariants
from uce_core.concepts.text_encoder import TextEncoder
from uce_core.concepts.text_spaces import ALL, POOLED, TOKENS, VALUES, space_of
from uce_core.concepts.vectors import (
    erasure_spans,
    erasure_vectors,
    guide_texts,
    retained_texts,
    retained_vectors,
    texts_of,
)
from uce_core.edits.edit import Edit, Factors
from uce_core.edits.reviving import Spectrum, spectrum_of
from uce_core.edits.spec import ErasureSpec, MethodSpec
from uce_core.edits.weightless import WeightlessEdit
from uce_core.edits.weightless_spec import WeightlessSpec
from uce_core.models.model import Model
from uce_core.problems import Problem


@dataclass(frozen=True)
class SpaceInputs:
    """Of one text space, encoded when it is first asked for. All vectors float32."""

    model: Model
    spec: ErasureSpec
    space: str

    @cached_property
    def pairs(self) -> list[tuple[Tensor, Tensor]]:
        """For each erased text its vectors and, row by row, what they become, (n, d) each."""
        return erasure_vectors(*self._erasing)

    @cached_property
    def spans(self) -> list[tuple[Tensor, Tensor]]:
        """For each erased text all its vectors (n, d), and all of its guide's (m, d)."""
        return erasure_spans(*self._erasing)

    @property
    def _erasing(self) -> tuple[TextEncoder, tuple[str, ...], tuple[str, ...], str, str, str, str]:
        spec = self.spec
        return self.model.text, spec.erase, spec.guides, spec.wording, spec.span, spec.empty_token, self.space

    @property
    def erased(self) -> tuple[Tensor, Tensor]:
        """All concepts' rows and all guides' rows, (k, d) each."""
        concepts, guides = zip(*self.pairs, strict=True)
        return torch.cat(concepts), torch.cat(guides)

    @cached_property
    def retained(self) -> Tensor:
        """(m, d)."""
        spec = self.spec
        return retained_vectors(
            self.model.text, spec.retain, *retaining(spec), spec.retain_empty, spec.empty_token, self.space
        )

    @property
    def second_moment(self) -> Tensor:
        """Of what captions in general consist of, (d, d) float64: concepts/captions.py."""
        return second_moment(self.model.text, self.space)

    @property
    def spectrum(self) -> Spectrum:
        """Of Σ WᵀW over the float32 weights (out, d) that read this space. Computed once for a model."""
        found = self.model.spectra.get(self.space)
        if found is None:
            width = self.retained.shape[1]
            weights = (weight[:, :width] for name, weight in self.model.masters.items() if space_of(name) == self.space)
            found = self.model.spectra[self.space] = spectrum_of(weights)
        return found


@dataclass(frozen=True)
class EditInputs:
    """Encoded when they are first asked for; whoever asks holds the model's lock. All vectors float32."""

    model: Model
    spec: MethodSpec

    @property
    def texts(self) -> list[Text]:
        """All that will be encoded, if all is asked for."""
        if not isinstance(self.spec, ErasureSpec):
            return []
        spec = self.spec
        erased = texts_of(spec.erase, spec.wording, spec.span) + guide_texts(spec.guides, spec.span)
        captions = list(TEXTS) if spec.reads_captions else []
        return erased + retained_texts(spec.retain, *retaining(spec), spec.retain_empty) + captions

    @cached_property
    def tokens(self) -> SpaceInputs:
        """Of token states."""
        return SpaceInputs(self.model, cast(ErasureSpec, self.spec), TOKENS)

    def edited(self, solve: Callable[[SpaceInputs], tuple[Tensor, Tensor]]) -> Edit:
        """An edit of U and V, (k, d) float32 each, for each text space that is to be edited.

        Raises ValueError if the model does not read what is to be edited.
        """
        model, asked = self.model, cast(ErasureSpec, self.spec).text_space
        if asked == POOLED and not model.text.pooled_width:
            raise Problem(
                "no_pooled_text",
                "{name} reads no pooled text, only tokens: use the text space tokens or all.",
                name=model.title,
            )
        nothing = torch.zeros(0, model.text.width)
        u, v = (nothing, nothing) if asked == POOLED else solve(self.tokens)
        has_pooled = asked in (POOLED, ALL) and model.text.pooled_width
        pooled = Factors(*solve(SpaceInputs(model, self.tokens.spec, POOLED))) if has_pooled else None
        return Edit(spec=self.spec, u=u, v=v, pooled=pooled, text_encoder=self.text_encoder)

    @property
    def concepts(self) -> list[Tensor]:
        """For each erased text (n, d) of its tokens."""
        return [concept for concept, _ in self.tokens.pairs]

    @property
    def guides(self) -> list[Tensor]:
        """For each erased text (n, d), row by row what the concept's vectors become."""
        return [guide for _, guide in self.tokens.pairs]

    @property
    def erased(self) -> tuple[Tensor, Tensor]:
        """All concepts' rows and all guides' rows, (k, d) each."""
        return self.tokens.erased

    @property
    def retained(self) -> Tensor:
        """(m, d)."""
        return self.tokens.retained

    @property
    def invariants(self) -> Tensor:
        """What every prompt has in common, (4, d) float64: concepts/invariants.py."""
        return invariants(self.model.text)

    @property
    def masters(self) -> Mapping[str, Tensor]:
        """The float32 weights that read the text, (out, in) by parameter name."""
        return self.model.masters

    @property
    def value_projections(self) -> Mapping[str, Tensor]:
        """Those of the masters that make values. Raises ValueError if the model has none that read text."""
        found = {name: weight for name, weight in self.masters.items() if name.endswith(VALUES)}
        if not found:
            raise Problem(
                "no_value_projections",
                "The method {method} edits value projections, and this model has none that read text: use another "
                "method.",
                method=self.spec.kind,
            )
        return found

    def weightless(self, vectors: Tensor | None = None) -> WeightlessEdit:
        """An edit that changes no weights. vectors: as it has them, if its method needs them.

        Raises ValueError if a text that it reads is too long.
        """
        spec, text = cast(WeightlessSpec, self.spec), self.model.text
        for written in spec.texts:
            text.check_length(written)
        kept = torch.zeros(0, text.width) if vectors is None else vectors
        return WeightlessEdit(spec=spec, vectors=kept, text_encoder=self.text_encoder)

    @property
    def text_encoder(self) -> str:
        """Its fingerprint."""
        return self.model.text.fingerprint


def retaining(spec: ErasureSpec) -> tuple[str, str]:
    """Wording and span of what is retained."""
    return spec.retain_wording or spec.wording, spec.retain_span or spec.span

"""What every method gets: what a spec's texts are to a model, and the weights that read them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import torch
from torch import Tensor

from uce_core.concepts.text_encoder import Text
from uce_core.concepts.vectors import erasure_vectors, guide_texts, retained_texts, retained_vectors, texts_of
from uce_core.edits.spec import ErasureSpec, MethodSpec
from uce_core.models.model import Model


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
        return erased + retained_texts(spec.retain, *self._retaining(spec), spec.retain_empty)

    @staticmethod
    def _retaining(spec: ErasureSpec) -> tuple[str, str]:
        """Wording and span of what is retained."""
        return spec.retain_wording or spec.wording, spec.retain_span or spec.span

    @cached_property
    def _pairs(self) -> list[tuple[Tensor, Tensor]]:
        spec = cast(ErasureSpec, self.spec)
        return erasure_vectors(self.model.text, spec.erase, spec.guides, spec.wording, spec.span, spec.empty_token)

    @property
    def concepts(self) -> list[Tensor]:
        """For each erased text (n, d)."""
        return [concept for concept, _ in self._pairs]

    @property
    def guides(self) -> list[Tensor]:
        """For each erased text (n, d), row by row what the concept's vectors become."""
        return [guide for _, guide in self._pairs]

    @property
    def erased(self) -> tuple[Tensor, Tensor]:
        """All concepts' rows and all guides' rows, (k, d) each."""
        return torch.cat(self.concepts), torch.cat(self.guides)

    @cached_property
    def retained(self) -> Tensor:
        """(m, d)."""
        spec = cast(ErasureSpec, self.spec)
        return retained_vectors(
            self.model.text, spec.retain, *self._retaining(spec), spec.retain_empty, spec.empty_token
        )

    @property
    def masters(self) -> Mapping[str, Tensor]:
        """The float32 projections (out, d) by parameter name."""
        return self.model.masters

    @property
    def text_encoder(self) -> str:
        """Its fingerprint."""
        return self.model.text.fingerprint

"""Texts for the model: prompts and concepts, as its text encoder takes them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from hypothesis import strategies as st

from tests.hostile.material import TEXTS
from tests.hostile.promises import Property
from tests.tiny import tiny_model
from uce_core import EditSpec, GenerationSpec
from uce_core.concepts.encoded_text import Encoded, Text
from uce_core.concepts.wordings import SPANS, WORDINGS, templates
from uce_core.evaluation.verdicts import content_of, named_in
from uce_core.methods.inputs import EditInputs

ARTISTS = ("Vincent van Gogh", "고흐", "M.C. Escher", "Ajin: Demi Human", "(((", "a" * 300, ".*", "\\w+")
WORDED = st.one_of(st.sampled_from((*WORDINGS, "{} by hand", "{}{}", "{0}", "{{}}", "a } {} {")), TEXTS)
ASKING = st.sampled_from(
    ("in the style of ", ", painted " * 300, "by " * 3000, " " * 9000, "the painting of " * 500, "a\n" * 4000)
)


def properties(folder: Path) -> Iterator[Property]:
    folder.mkdir()
    model = tiny_model()

    def encode(prompt: str) -> Encoded:
        """As for an image."""
        spec = GenerationSpec(prompt)
        model.text.check_length(spec.prompt)
        return model.text.encode([Text(spec.prompt)])[0]

    def check_encoded(prompt: str, found: Encoded) -> None:
        length = model.text.tokenizer.model_max_length
        [part] = found.parts
        assert part.states.shape == (length, model.text.width)
        assert part.states.isfinite().all()
        assert 0 <= part.subject.first <= part.subject.last < length

    def vectors(case: tuple[str, str, str, str, str]) -> tuple[EditSpec, EditInputs]:
        erase, guide, retain, wording, span = case
        spec = EditSpec(erase=(erase,), guide=guide, retain=(retain,), wording=wording, span=span)
        inputs = EditInputs(model, spec)
        inputs.erased, inputs.retained  # noqa: B018  # encoded now
        return spec, inputs

    def check_vectors(case: Any, found: tuple[EditSpec, EditInputs]) -> None:
        spec, inputs = found
        erased, guides = inputs.erased
        assert erased.shape == guides.shape
        assert erased.shape[1] == inputs.retained.shape[1] == model.text.width
        assert torch.cat([erased, guides, inputs.retained]).isfinite().all()
        assert len(erased) >= len(templates(spec.wording))

    def read(case: tuple[str, str, str]) -> tuple[tuple[str, ...], str]:
        prompt, more, artist = case
        prompt = f"{prompt}{more}{artist}{more}"[:10_000]  # as many as a field takes
        artists = (*ARTISTS, artist[:300])
        return named_in(prompt, artists), content_of(prompt, artists)

    common: dict[str, Any] = {"folder": folder}
    concepts = st.tuples(TEXTS, TEXTS, TEXTS, WORDED, st.sampled_from((*SPANS, "x")))
    yield Property(name="prompts", cases=TEXTS, parse=encode, use=check_encoded, weight=4, **common)
    yield Property(name="concepts", cases=concepts, parse=vectors, use=check_vectors, weight=4, **common)
    yield Property(
        name="artists in prompts",
        cases=st.tuples(TEXTS, ASKING, st.one_of(st.sampled_from(ARTISTS), TEXTS)),
        parse=read,
        use=lambda case, found: found[1].encode(errors="surrogatepass"),
        weight=6,
        most=100.0,
        **common,
    )

"""Which vectors stand for a concept: against the text encoder called by hand."""

import pytest
import torch

from uce_core import EditSpec, erase
from uce_core.concepts.captions import CAPTIONS, second_moment
from uce_core.concepts.encoded_text import Text
from uce_core.concepts.vectors import concept_vectors, erasure_vectors, retained_vectors, span_vectors
from uce_core.concepts.wordings import SPANS, templates
from uce_core.models.model import Model


def by_hand(model: Model, text: str) -> tuple[torch.Tensor, list[str]]:
    tokens = model.pipeline.tokenizer(text, padding="max_length", max_length=77, return_tensors="pt").input_ids
    with torch.no_grad():
        states = model.pipeline.text_encoder(tokens).last_hidden_state[0]
    return states, model.pipeline.tokenizer.convert_ids_to_tokens(tokens[0].tolist())


def test_last_is_the_last_token_of_the_name(tiny: Model) -> None:
    states, tokens = by_hand(tiny, "a painting in the style of Vincent van Gogh")
    ours = concept_vectors(tiny.text, ["Vincent van Gogh"], "a painting in the style of {}", "last")
    torch.testing.assert_close(ours, states[tokens.index("gogh</w>")][None])


def test_last_ignores_words_behind_the_name(tiny: Model) -> None:
    states, tokens = by_hand(tiny, "a Vincent van Gogh painting of a house")
    ours = concept_vectors(tiny.text, ["Vincent van Gogh"], "a {} painting of a house", "last")
    torch.testing.assert_close(ours, states[tokens.index("gogh</w>")][None])


def test_rest_runs_to_the_end_of_padding(tiny: Model) -> None:
    states, tokens = by_hand(tiny, "Claude Monet")
    ours = concept_vectors(tiny.text, ["Claude Monet"], "name", "rest")
    torch.testing.assert_close(ours, states[tokens.index("monet</w>") :])


def test_all_is_every_position(tiny: Model) -> None:
    assert concept_vectors(tiny.text, ["Claude Monet"], "name", "all").shape == (77, 16)


def test_empty_guide_is_the_end_of_text_not_the_start(tiny: Model) -> None:
    states, tokens = by_hand(tiny, "")
    [(_, guide)] = erasure_vectors(tiny.text, ["Claude Monet"], [""], "name", "last")
    torch.testing.assert_close(guide, states[tokens.index("<|endoftext|>")][None])
    [(_, start)] = erasure_vectors(tiny.text, ["Claude Monet"], [""], "name", "last", "start")
    torch.testing.assert_close(start, states[:1])
    torch.testing.assert_close(retained_vectors(tiny.text, [], "name", "rest"), states[1:])


def test_rest_pairs_are_cut_to_the_shorter(tiny: Model) -> None:
    [(erased, guide)] = erasure_vectors(tiny.text, ["Vincent van Gogh"], ["art"], "name", "rest")
    assert erased.shape == guide.shape == (77 - 3, 16)


def test_content_is_the_names_own_tokens_and_each_has_a_guide_row(tiny: Model) -> None:
    """The last goes with the guide's last; the first in place of those that the guide does not have."""
    states, tokens = by_hand(tiny, "a Vincent van Gogh painting")
    own = states[tokens.index("vincent</w>") : tokens.index("gogh</w>") + 1]
    torch.testing.assert_close(concept_vectors(tiny.text, ["Vincent van Gogh"], "a {} painting", "content"), own)
    a, house = by_hand(tiny, "a house")[0][1:3]
    [(erased, guide)] = erasure_vectors(tiny.text, ["Vincent van Gogh"], ["a house"], "a {} painting", "content")
    torch.testing.assert_close(erased, own)
    torch.testing.assert_close(guide, torch.stack([a, a, house]), rtol=1e-4, atol=1e-5)
    [(erased, guide)] = erasure_vectors(tiny.text, ["Monet"], ["a house"], "{}", "content")
    torch.testing.assert_close(guide, house[None], rtol=1e-4, atol=1e-5)
    [(_, guide)] = erasure_vectors(tiny.text, ["Vincent van Gogh"], [""], "{}", "content", "start")
    torch.testing.assert_close(guide, by_hand(tiny, "")[0][:1].expand(3, -1), rtol=1e-4, atol=1e-5)


def test_a_text_for_several_spans_is_encoded_once(tiny: Model) -> None:
    texts = [Text("Vincent van Gogh", "{} once", span) for span in SPANS]
    before = tiny.text.encodings
    found = [span_vectors(one, text.span) for one, text in zip(tiny.text.encode(texts), texts, strict=True)]
    assert tiny.text.encodings == before + 1
    states, tokens = by_hand(tiny, "Vincent van Gogh once")
    first, last = (tokens.index(f"{word}</w>") for word in ("vincent", "gogh"))
    for vectors, (start, stop) in zip(found, ((last, last + 1), (first, last + 1), (last, 77), (0, 77)), strict=True):
        torch.testing.assert_close(vectors, states[start:stop], rtol=1e-4, atol=1e-5)


def test_the_second_moment_of_captions_is_that_of_their_tokens_without_padding(tiny: Model) -> None:
    total, count = torch.zeros(16, 16, dtype=torch.float64), 0
    for caption in CAPTIONS:
        states, tokens = by_hand(tiny, caption)
        for state in states[: tokens.index("<|endoftext|>") + 1].double():
            total += torch.outer(state, state)
            count += 1
    torch.testing.assert_close(second_moment(tiny.text), total / count, rtol=1e-4, atol=1e-5)


def test_wordings_multiply_vectors(tiny: Model) -> None:
    pairs = erasure_vectors(tiny.text, ["A", "B"], ["art", "sketch"], "expanded", "last")
    assert len(pairs) == 2 * len(templates("expanded"))
    for i, (_, guide) in enumerate(pairs):
        states, tokens = by_hand(tiny, ("art", "sketch")[i % 2])
        last = tokens.index("<|endoftext|>") - 1
        torch.testing.assert_close(guide, states[last][None], rtol=1e-4, atol=1e-5)


def test_texts_are_encoded_once(tiny: Model) -> None:
    """What has been encoded for a span serves one within it; of a span's texts only its tokens are kept."""
    rest = concept_vectors(tiny.text, ["Henri Matisse", "Andy Warhol"], "{} here", "rest")
    before = tiny.text.encodings
    again = concept_vectors(tiny.text, ["Andy Warhol", "Henri Matisse"], "{} here", "last")
    assert tiny.text.encodings == before
    assert torch.equal(again[1], rest[0])
    concept_vectors(tiny.text, ["Andy Warhol"], "{} here", "all")
    assert tiny.text.encodings == before + 1


def test_thousands_of_concepts_are_one_solve(tiny: Model) -> None:
    names = tuple(f"Artist Number {i}" for i in range(2000))
    before = tiny.text.encodings
    edit = erase(tiny, EditSpec(erase=names[:1500], retain=names[1500:], wording="name", span="last"))
    assert tiny.text.encodings - before <= len(names) + 2
    assert edit.rank == tiny.text.width, "folded"
    before = tiny.text.encodings
    erase(tiny, EditSpec(erase=names[:1500], retain=names[1500:], wording="name", span="last", lam=2.0))
    assert tiny.text.encodings == before


def test_batches_do_not_change_vectors(tiny: Model) -> None:
    together = concept_vectors(tiny.text, ["Edvard Munch", "Claude Monet"], "{} alone", "last")
    states, tokens = by_hand(tiny, "Claude Monet alone")
    torch.testing.assert_close(together[1], states[tokens.index("monet</w>")], rtol=1e-4, atol=1e-5)


def test_long_text_is_an_error_that_says_by_how_much(tiny: Model) -> None:
    with pytest.raises(ValueError, match=r"5 tokens too long \(82 of at most 77\)"):
        concept_vectors(tiny.text, ["cat " * 80], "name", "last")


@pytest.mark.parametrize("wording", ["", "no slot", "{} and {}", "{0}", "{}{"])
def test_unusable_patterns_are_refused(wording: str) -> None:
    with pytest.raises(ValueError, match="Unknown wording"):
        templates(wording)

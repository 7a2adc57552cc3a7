"""The text encoder layer by layer, against transformers' own."""

from dataclasses import dataclass
from typing import Any

import pytest
import torch
from transformers import CLIPTextConfig, CLIPTextModelWithProjection

from tests.tiny import tiny_model, tiny_xl_pipeline
from uce_core import EditSpec, erase, impact
from uce_core.concepts import text_encoder, tower
from uce_core.concepts.clip_text import Batch, Kept, hidden_states
from uce_core.concepts.encoded_text import Text
from uce_core.concepts.text_encoder import TextEncoder
from uce_core.concepts.tower import in_groups
from uce_core.concepts.vectors import concept_vectors, span_vectors
from uce_core.models.model import Model, prepare

CPU = torch.device("cpu")
FIRST, LAST = ("Anna", "Bo", "Vincent van"), ("Gogh", "Monet", "de la Tour", "X")
NAMES = tuple(f"{first} {last}" for first in FIRST for last in LAST)


@pytest.mark.parametrize("activation", ["quick_gelu", "gelu"])
@pytest.mark.parametrize("penultimate", [False, True])
def test_states_are_those_of_transformers(activation: str, penultimate: bool) -> None:
    torch.manual_seed(0)
    shape = {"hidden_size": 16, "intermediate_size": 40, "num_hidden_layers": 3, "num_attention_heads": 4}
    config = CLIPTextConfig(
        vocab_size=50, max_position_embeddings=12, hidden_act=activation, layer_norm_eps=1e-3, **shape
    )
    network = CLIPTextModelWithProjection(config).eval()
    for value in network.parameters():
        torch.nn.init.normal_(value, std=0.3)
    own = {name.removeprefix("text_model."): value.detach() for name, value in network.named_parameters()}
    tokens = torch.tensor([[1, 5, 6, 7, 2, 2], [1, 5, 6, 8, 2, 2], [1, 5, 6, 7, 9, 2], [3, 5, 6, 7, 2, 2]])
    places = [4, 4, 5, 4]  # of the texts' end tokens
    with torch.no_grad():
        output = network(tokens, output_hidden_states=True)
        end = output.last_hidden_state[range(4), places]
        pooled = {False: end, True: network.text_projection(end)}
    expected = output.hidden_states[-2] if penultimate else output.last_hidden_state
    batch = Batch.of(tokens)
    assert len(batch.tokens) == 6 + 3 + 2 + 6, "what texts share at their beginning is computed once"
    weights = Kept(own, "float32")
    [found] = hidden_states(weights, config, [batch], penultimate=penultimate, device=CPU)
    torch.testing.assert_close(found.tokens[batch.of_text], expected)
    assert found.pooled is None
    ends = [batch.of_text[range(4), places]]
    for projected in (False, True):
        [found] = hidden_states(
            weights, config, [batch], penultimate=penultimate, device=CPU, ends=ends, projected=projected
        )
        torch.testing.assert_close(found.tokens[batch.of_text], expected)
        assert found.pooled is not None
        torch.testing.assert_close(found.pooled, pooled[projected])


def encoded(encoder: TextEncoder, texts: list[Text]) -> list[torch.Tensor]:
    found = encoder.encode(texts)
    return [span_vectors(one, text.span) for one, text in zip(found, texts, strict=True)]


@pytest.fixture(scope="module")
def model() -> Model:
    """One of this module's own, which it may take apart."""
    return tiny_model()


@pytest.fixture(scope="module")
def xl() -> Model:
    return prepare("xl", tiny_xl_pipeline(), CPU, torch.float32)


@pytest.mark.parametrize("name", ["model", "xl"])
def test_batches_and_what_is_in_them_make_no_difference_but_rounding(
    name: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = TextEncoder(request.getfixturevalue(name).text.towers)
    texts = [Text(name, "a tree in the style of {} here", span) for span in ("last", "rest", "all") for name in NAMES]
    texts += [Text("", span="last"), Text("")]
    alone = []
    for text in texts:
        encoder._memory.clear()
        alone += encoded(encoder, [text])
    for together in (4096, 200, 1):
        monkeypatch.setattr(tower, "TOGETHER", together)
        encoder._memory.clear()
        for part in (texts[: len(NAMES)], texts[-2:-1], texts):  # of each text first what the narrowest span needs
            for text, found in zip(part, encoded(encoder, part), strict=True):
                torch.testing.assert_close(found, alone[texts.index(text)], rtol=1e-5, atol=1e-6)


def test_padding_is_the_tokenizers_own(model: Model) -> None:
    """All 77 states of a short text, those behind its end, too, against the pipeline's."""
    tokens = model.pipeline.tokenizer("Monet", padding="max_length", max_length=77, return_tensors="pt").input_ids
    with torch.no_grad():
        expected = model.pipeline.text_encoder(tokens).last_hidden_state[0]
    torch.testing.assert_close(concept_vectors(model.text, ["Monet"], "name", "all"), expected)


def test_the_shortest_go_together_and_nobody_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tower, "TOGETHER", 20)
    groups = in_groups([9, 3, 30, 4, 8, 3])
    assert [(sorted(group.texts), group.length) for group in groups] == [([1, 3, 5], 4), ([0, 4], 9), ([2], 30)]


@dataclass
class Counted:
    """Weights that count how often each tensor is read."""

    kept: Kept
    reads: dict[str, int]

    @property
    def shapes(self) -> Any:
        return self.kept.shapes

    @property
    def stored(self) -> str:
        return self.kept.stored

    def read(self, names: Any) -> Any:
        names = list(names)
        for name in names:
            self.reads[name] = self.reads.get(name, 0) + 1
        return self.kept.read(names)


def test_a_command_reads_the_encoder_once_however_many_texts_there_are(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    [tower] = model.text.towers
    assert isinstance(tower.weights, Kept)
    reads: dict[str, int] = {}
    monkeypatch.setattr(tower, "weights", Counted(tower.weights, reads))
    model.text.fingerprint, model.text.sample  # noqa: B018 (each reads the tensors for itself)
    reads.clear()
    monkeypatch.setattr("uce_core.concepts.tower.TOGETHER", 77)
    edit = erase(model, EditSpec(erase=NAMES[:4], retain=NAMES[4:], wording="style"))
    assert set(reads.values()) == {1}
    assert any("layers.1." in name for name in reads)
    reads.clear()
    told: list[tuple[float, int]] = []
    impact(model, edit, NAMES, lambda done, total: told.append((done, total)))
    assert set(reads.values()) == {1}
    assert told == sorted(told)
    assert told[-1] == (5 * len(NAMES), 5 * len(NAMES))


def test_what_a_command_needs_is_not_forgotten_before_it_ends(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    """And afterwards no more is remembered than so many bytes, what was asked for last."""
    size = 77 * 16 * 4
    monkeypatch.setattr(text_encoder, "REMEMBERED_BYTES", 3 * size)
    encoder = TextEncoder(model.text.towers)
    texts = [Text(name) for name in NAMES]
    with encoder.ahead(texts):
        before = encoder.encodings
        for text in texts:
            encoder.encode([text])
        assert encoder.encodings == before == len(NAMES)
    assert sum(encoded.nbytes for encoded in encoder._memory.values()) == 3 * size
    encoder.encode(texts[-3:])
    assert encoder.encodings == before


def test_only_what_a_span_needs_is_remembered(model: Model) -> None:
    encoder = TextEncoder(model.text.towers)
    encoder.encode([Text(name, "a tree in the style of {}", "last") for name in NAMES])
    assert sum(encoded.nbytes for encoded in encoder._memory.values()) == len(NAMES) * 16 * 4

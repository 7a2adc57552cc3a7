"""Stable Diffusion 3 and FLUX: what their text encoders give, what reads it, and how both are edited."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch import Tensor
from transformers import T5Config, T5EncoderModel

from tests.tiny import tiny_flux_pipeline, tiny_sd3_pipeline, tiny_t5
from uce_core import (
    Edit,
    EditSpec,
    GenerationSpec,
    Model,
    Problem,
    applied,
    compare,
    erase,
    generate,
    impact,
    load_model,
)
from uce_core.bench.shapes import transformer_of
from uce_core.concepts.clip_text import Kept
from uce_core.concepts.encoded_text import Text
from uce_core.concepts.t5_text import T5Tower
from uce_core.concepts.text_encoder import TextEncoder
from uce_core.concepts.text_spaces import EDITED, space_of
from uce_core.concepts.vectors import erasure_vectors, span_vectors
from uce_core.generation.generate import unpacked
from uce_core.generation.preview import LatentPreview
from uce_core.methods.double_projections import DoubleProjectionsSpec
from uce_core.methods.export import export
from uce_core.methods.oce import OceSpec
from uce_core.models.families import family_of
from uce_core.models.model import prepare
from uce_core.models.sources import family_in

CPU = torch.device("cpu")
SPEC = EditSpec(erase=("Van Gogh", "a dog"), guide="art", retain=("Monet",), lam=0.1, span="last")
PROMPT = "a house by Van Gogh"
TOKENS, POOLED = "context_embedder.weight", "time_text_embed.text_embedder.linear_1.weight"
CLIP = 77  # tokens of CLIP, which T5's follow in Stable Diffusion 3


def sd3_without_t5() -> Any:
    return tiny_sd3_pipeline(with_t5=False)


MAKERS: dict[str, Callable[[], Any]] = {
    "sd3": tiny_sd3_pipeline,
    "sd3-without-t5": sd3_without_t5,
    "flux": tiny_flux_pipeline,
}


@pytest.fixture(scope="module", params=MAKERS)
def model(request: pytest.FixtureRequest) -> Model:
    return prepare(request.param, MAKERS[request.param](), CPU, torch.float32)


@torch.no_grad()
def read_by(pipeline: Any, text: str) -> tuple[Tensor, Tensor]:
    """What the pipeline itself hands to its transformer: token states (n, d), pooled text (p,)."""
    if type(pipeline).__name__ == "FluxPipeline":
        states, pooled, _ = pipeline.encode_prompt(text, None, device="cpu")
    else:
        states, _, pooled, _ = pipeline.encode_prompt(text, None, None, device="cpu", do_classifier_free_guidance=False)
    return states[0], pooled[0]


def last_tokens(pipeline: Any, text: str) -> Tensor:
    """The rows of the pipeline's token states that are the text's last tokens: of CLIP, of T5 or of both."""
    states, _ = read_by(pipeline, text)
    of_clip = len(pipeline.tokenizer(text).input_ids) - 2
    if type(pipeline).__name__ == "FluxPipeline":
        return states[[len(pipeline.tokenizer_2(text).input_ids) - 2]]
    if pipeline.text_encoder_3 is None:
        return states[[of_clip]]
    return states[[of_clip, CLIP + len(pipeline.tokenizer_3(text).input_ids) - 2]]


def unified(w: Tensor, erased: Tensor, guides: Tensor, retained: Tensor, lam: float) -> Tensor:
    """UCE's equation 7 for one weight in float64, e = r = 1."""
    w = w.double()
    left, right = lam * w, lam * torch.eye(w.shape[1], dtype=torch.float64)
    for c, g in zip(erased.double(), guides.double(), strict=True):
        left, right = left + torch.outer(w @ g, c), right + torch.outer(c, c)
    for p in retained.double():
        left, right = left + torch.outer(w @ p, p), right + torch.outer(p, p)
    return left @ torch.linalg.inv(right)


def test_states_are_those_that_the_pipeline_hands_over(model: Model) -> None:
    for text in (PROMPT, "Monet"):
        [encoded] = model.text.encode([Text(text)])
        states, pooled = read_by(model.pipeline, text)
        torch.testing.assert_close(encoded.pooled[0], pooled, rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(span_vectors(encoded, "last"), last_tokens(model.pipeline, text))
        for part in encoded.parts:
            start = 0 if part.padded or model.name == "flux" else CLIP
            expected = states[start : start + len(part.states)]
            torch.testing.assert_close(part.states, expected, rtol=1e-4, atol=1e-5)
    assert encoded.parts[-1].length == (77 if model.name == "sd3-without-t5" else 2), "T5's padding is left out"


def test_each_weight_is_solved_for_what_it_reads(model: Model) -> None:
    edit, pipeline = erase(model, SPEC), model.pipeline
    found = dict(edit.projections(model.masters))
    assert sorted(found) == [TOKENS, POOLED]
    empty = [Text("", span="last")]
    [nothing] = model.text.encode(empty)  # whose last tokens are those that end the text
    tokens = unified(
        model.masters[TOKENS],
        torch.cat([last_tokens(pipeline, text) for text in SPEC.erase]),
        torch.cat([last_tokens(pipeline, "art")] * 2),
        torch.cat([last_tokens(pipeline, "Monet"), span_vectors(nothing, "last")]),
        SPEC.lam,
    )
    pooled = {text: read_by(pipeline, text)[1] for text in (*SPEC.erase, "art", "Monet", "")}
    whole = unified(
        model.masters[POOLED],
        torch.stack([pooled[text] for text in SPEC.erase]),
        torch.stack([pooled["art"]] * 2),
        torch.stack([pooled["Monet"], pooled[""]]),
        SPEC.lam,
    )
    for name, expected in ((TOKENS, tokens), (POOLED, whole)):
        change = (expected - model.masters[name]).abs().max()
        assert change > 1e-3
        torch.testing.assert_close(found[name].double(), expected, rtol=0, atol=1e-3 * float(change))


@pytest.mark.parametrize("text_space", ["tokens", "pooled", "all"])
def test_editing_the_text_is_editing_the_weights(model: Model, text_space: str) -> None:
    """Through the pipeline's own call."""
    edit = erase(model, EditSpec(**{**vars(SPEC), "text_space": text_space}))
    specs = [GenerationSpec(PROMPT, seed=seed, steps=2) for seed in (1, 2)]
    by_weights, by_text = (compare(model, edit, specs, path=path, scored=False) for path in ("swap", "batch"))
    for one, other in zip(by_weights, by_text, strict=True):
        a, b = (torch.tensor(list(pair.edited.tobytes()), dtype=torch.int16) for pair in (one, other))
        assert (a - b).abs().max() <= 1
        assert one.edited.tobytes() != one.original.tobytes()


def test_the_bias_is_no_part_of_what_is_solved(model: Model) -> None:
    """The published FLUX code solves for targets Wx + b, and the layer adds b again: what is retained moves by b."""
    retained = torch.cat([last_tokens(model.pipeline, "Monet")]).double()
    erased, guides = (last_tokens(model.pipeline, text).double() for text in ("Van Gogh", "art"))
    layer = model.denoiser.context_embedder
    w, b = layer.weight.detach().double(), layer.bias.detach().double()
    lam, most = 1e-3, 1e5  # of retaining
    left = lam * w + sum(torch.outer(w @ g + b, c) for c, g in zip(erased, guides, strict=True))
    right = lam * torch.eye(w.shape[1], dtype=torch.float64) + erased.T @ erased
    for p in retained:
        left, right = left + most * torch.outer(w @ p + b, p), right + most * torch.outer(p, p)
    published = left @ torch.linalg.inv(right)
    spec = EditSpec(erase=("Van Gogh",), retain=("Monet",), span="last", lam=lam, retain_scale=most, retain_empty=False)
    ours = dict(erase(model, spec).projections(model.masters))[TOKENS].double()
    for p in retained:
        assert torch.linalg.norm(published @ p - w @ p) == pytest.approx(float(torch.linalg.norm(b)), rel=1e-2)
        assert torch.linalg.norm(ours @ p - w @ p) < 1e-2 * torch.linalg.norm(b)


def test_all_of_a_name_counts_in_t5_whose_guide_may_be_shorter() -> None:
    model = prepare("flux", tiny_flux_pipeline(), CPU, torch.float32)
    [(concept, guide)] = erasure_vectors(model.text, ["Van Gogh"], ["art"], "name", "all")
    states, _ = read_by(model.pipeline, "Van Gogh")
    targets, _ = read_by(model.pipeline, "art")
    assert len(concept) == 3, "two words and the end"
    torch.testing.assert_close(concept, states[:3], rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(guide, targets[[0, 1, 1]], rtol=1e-4, atol=1e-5)


@torch.no_grad()
def test_long_texts_go_through_t5_whole_and_clip_reads_their_beginning() -> None:
    model = prepare("flux", tiny_flux_pipeline(), CPU, torch.float32)
    text = "a house by Monet, " * 20 + "Van Gogh"
    [encoded] = model.text.encode([Text("Van Gogh", text.replace("Van Gogh", "{}"), "last")])
    torch.testing.assert_close(encoded.parts[0].states, last_tokens(model.pipeline, text), rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(encoded.pooled[0], read_by(model.pipeline, text)[1], rtol=1e-4, atol=1e-5)
    with pytest.raises(ValueError, match=r"tokens too long \(\d+ of at most 512\)"):
        model.text.encode([Text("a house by Monet, " * 200)])


def test_a_folder_is_read_like_the_pipeline(model: Model, tmp_path: Path) -> None:
    model.pipeline.save_pretrained(tmp_path)
    read = load_model(str(tmp_path), "cpu", "fp32")
    assert read.loaded is None, "nothing is loaded before it is needed"
    edit = erase(read, SPEC)
    assert read.loaded is None
    assert read.text.fingerprint == model.text.fingerprint
    for space, factors in erase(model, SPEC).spaces.items():
        torch.testing.assert_close(tuple(edit.spaces[space]), tuple(factors), rtol=1e-3, atol=1e-3)
    assert family_in(str(tmp_path)) == read.family == model.family
    with applied(read, edit):
        for name, weight in edit.projections(model.masters):
            assert torch.equal(read.denoiser.get_parameter(name), weight)
    drifts = {one.concept: one.drift for one in impact(read, edit, ["Monet", "Van Gogh"])}
    assert min(drifts.values()) > 0
    assert drifts == pytest.approx({one.concept: one.drift for one in impact(model, edit, list(drifts))}, rel=1e-3)


def test_t5_is_read_a_layer_at_a_time(tmp_path: Path) -> None:
    """However large it is: of the weights that are read together none but the table is larger than a layer."""
    torch.manual_seed(0)
    network, tokenizer = tiny_t5(48)
    own = {name: value.detach() for name, value in network.named_parameters()}
    together: list[int] = []

    class Watched(Kept):
        def read(self, names: Any) -> dict[str, Tensor]:
            found = super().read(names)
            together.append(sum(value.numel() for value in found.values()))
            return found

    tower = T5Tower(tokenizer=tokenizer, config=network.config, weights=Watched(own, "float32"), length=16, device=CPU)
    encoder = TextEncoder((tower,))
    texts = [Text(word) for word in ("Van Gogh", "Monet", "a house by the art of Monet")]
    encoded = encoder.encode(texts)
    layer = sum(value.numel() for name, value in own.items() if ".block.0." in name)
    assert sorted(together)[-1] == max(layer, own["shared.weight"].numel())
    assert len(together) == network.config.num_layers + 2, "each once, for all texts"
    for text, one in zip(texts, encoded, strict=True):
        ids = tokenizer(text.written, padding="max_length", max_length=16, return_tensors="pt").input_ids
        with torch.no_grad():
            expected = network(ids).last_hidden_state[0]
        torch.testing.assert_close(one.parts[0].states, expected[: len(one.parts[0].states)])


@pytest.mark.parametrize(
    ("name", "family", "pooled", "megabytes"),
    [
        ("sd-3-medium", "Stable Diffusion 3", 2048, 38),
        ("flux-dev", "FLUX.1 [dev]", 768, 60),
        ("flux-schnell", "FLUX.1 [schnell]", 768, 60),
    ],
)
def test_what_is_edited_at_true_shapes(name: str, family: str, pooled: int, megabytes: int) -> None:
    transformer = transformer_of(name)
    edited = {key: value for key, value in transformer.named_parameters() if key.endswith(EDITED)}
    assert {space_of(key): value.shape[1] for key, value in edited.items()} == {"tokens": 4096, "pooled": pooled}
    assert sorted(edited) == [TOKENS, POOLED]
    assert round(sum(4 * value.numel() for value in edited.values()) / 1e6) == megabytes
    assert family_of(4096, pooled, transformer.config.get("guidance_embeds")).name == family


def test_loras_load_where_the_format_has_those_layers(tmp_path: Path) -> None:
    for name, make in MAKERS.items():
        model = prepare(name, make(), CPU, torch.float32)
        edit = erase(model, SPEC)
        path = export(model, edit, "diffusers-lora", tmp_path / f"{name}.safetensors")
        pipeline = make()
        pipeline.load_lora_weights(tmp_path, weight_name=path.name)
        pipeline.fuse_lora()
        fused = {key.replace(".base_layer", ""): value for key, value in pipeline.transformer.named_parameters()}
        for key, weight in edit.projections(model.masters):
            torch.testing.assert_close(fused[key], weight, rtol=0, atol=1e-5)
        if name == "flux":
            path = export(model, edit, "kohya-lora", tmp_path / "kohya.safetensors")
            keys = {key.split(".")[0] for key in load_file(path)}
            assert keys == {"lora_unet_txt_in", "lora_unet_vector_in_in_layer"}
            with safe_open(path, "pt") as file:
                assert file.metadata()["modelspec.architecture"] == "flux-1-dev/lora"
        else:
            with pytest.raises(ValueError, match=re.escape("have no names: export it as diffusers-lora.")):
                export(model, edit, "kohya-lora", tmp_path / "kohya.safetensors")


def test_previews_unpack_flux_s_latents() -> None:
    pipeline = tiny_flux_pipeline()
    latents = torch.randn(2, 4, 8, 12)
    packed = pipeline._pack_latents(latents, 2, 4, 8, 12)
    assert torch.equal(unpacked(packed, 8), latents)
    model = prepare("flux", pipeline, CPU, torch.float32)
    preview = LatentPreview(model)
    edit = erase(model, SPEC)
    spec = GenerationSpec(PROMPT, steps=3, width=96, height=64)
    [pair] = compare(model, edit, [spec], on_latents=preview.see, scored=False)
    assert {image.size for image in preview.images().values()} == {pair.edited.size} == {(96, 64)}
    with pytest.raises(ValueError, match="takes no negative prompt"):
        generate(model, [GenerationSpec(PROMPT, negative_prompt="a dog")])
    with pytest.raises(ValueError, match="multiples of 8, such as"):
        generate(model, [GenerationSpec(PROMPT, width=66)])


def test_t5_xxl_is_what_both_read() -> None:
    """Names at the true shape, on the meta device."""
    with torch.device("meta"):
        network = T5EncoderModel(
            T5Config(d_model=4096, d_kv=64, d_ff=10240, num_layers=24, num_heads=64, feed_forward_proj="gated-gelu")
        )
    shapes = {name: tuple(value.shape) for name, value in network.named_parameters()}
    weights = Kept({name: torch.empty(shape, device="meta") for name, shape in shapes.items()}, "bfloat16")
    tower = T5Tower(tokenizer=tiny_t5(48)[1], config=network.config, weights=weights, length=512, device=CPU)
    assert sorted(tower.names) == sorted(shapes)


def test_token_by_token_each_encoders_vectors_go_to_the_guides_of_the_same(model: Model) -> None:
    """By Double Projections, to which "art" is one vector of each encoder."""
    given: dict[str, Any] = {"span": "last", "text_space": "tokens", "retain_empty": False}
    edit = erase(model, DoubleProjectionsSpec(erase=("Gogh",), guide="art", retain=("a",), **given))
    assert isinstance(edit, Edit)
    concepts, guides, retained = (last_tokens(model.pipeline, text).double() for text in ("Gogh", "art", "a"))
    one = torch.eye(edit.width, dtype=torch.float64)
    off = one - torch.linalg.pinv(retained) @ retained
    expected = one
    for c, g in zip(concepts, guides, strict=True):
        expected = expected + torch.outer(expected @ (g - c), off @ c) / (c @ off @ c)
    found = one + edit.u.T.double() @ edit.v.double()
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)


def test_what_turns_value_projections_is_refused(model: Model) -> None:
    with pytest.raises(Problem, match="this model has none that read text"):
        erase(model, OceSpec(erase=("Van Gogh",)))

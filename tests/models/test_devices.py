"""Where tensors live: true shapes without memory, a pretended GPU, offload and compiled UNets."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from tests.tiny import tiny_pipeline
from uce_core import DenseEdit, Edit, EditSpec, GenerationSpec, Model, applied, erase, generate, load_model
from uce_core.bench.shapes import UNETS, unet_of
from uce_core.concepts.catalog import Catalog
from uce_core.concepts.text_spaces import EDITED, TOKENS, space_of
from uce_core.methods.export import dense
from uce_core.models.applying import restore, write_edit
from uce_core.models.families import FAMILIES, family_of
from uce_core.models.loading import Given, master_device
from uce_core.models.model import Loaded, prepare

SPEC = EditSpec(erase=("Vincent van Gogh", "Claude Monet"), retain=("Piet Mondrian",), lam=0.1)


@pytest.mark.parametrize(
    ("name", "count", "megabytes", "family"),
    [
        ("sd-1.4", 32, 77, "Stable Diffusion 1.x"),
        ("sd-2.1", 32, 102, "Stable Diffusion 2.x"),
        ("sdxl", 141, 1378, "Stable Diffusion XL"),
    ],
)
def test_what_is_edited_at_true_shapes(name: str, count: int, megabytes: int, family: str) -> None:
    """Counted on the real classes with their real configurations: what a float32 master of each takes."""
    unet = unet_of(name)
    edited = {key: value for key, value in unet.named_parameters() if key.endswith(EDITED)}
    assert len(edited) == count
    assert round(sum(4 * value.numel() for value in edited.values()) / 1e6) == pytest.approx(megabytes, abs=0.5)
    assert {value.shape[1] for key, value in edited.items() if space_of(key) == TOKENS} == {
        UNETS[name]["cross_attention_dim"]
    }
    assert family_of(unet.config.cross_attention_dim).name == family
    assert family_of(unet.config.cross_attention_dim).size == unet.config.sample_size * 8


def test_every_family_is_told_by_its_width() -> None:
    for family in FAMILIES:
        assert family_of(family.width, family.pooled) is family
    assert family_of(16).name == "another model"


def pretended(weights_device: str, masters_device: str) -> Model:
    """Tensors that know their device and hold no numbers; operations across devices raise."""
    shapes = {f"block.{width}.{EDITED[0]}": (width, 768) for width in (320, 1280)}
    weights = {name: torch.empty(shape, device=weights_device, dtype=torch.float16) for name, shape in shapes.items()}
    masters = {name: torch.empty(shape, device=masters_device) for name, shape in shapes.items()}
    unet = SimpleNamespace(get_parameter=weights.__getitem__)
    pipeline, text = cast(Any, SimpleNamespace(unet=unet)), cast(Any, None)
    return Model(
        name="pretended",
        source=Given(pipeline),
        text=text,
        device=torch.device(weights_device),
        dtype=torch.float16,
        known=Catalog(()),
        loaded=Loaded(pipeline, masters, {}),
    )


@pytest.mark.parametrize("masters_device", ["cuda", "cpu"])
@pytest.mark.parametrize("rank", [1, 77, 768])
def test_edits_cross_between_a_gpu_and_the_cpu_where_they_must(masters_device: str, rank: int) -> None:
    """PyTorch's fake tensors refuse what real ones on two devices would refuse; no GPU is needed."""
    with FakeTensorMode():
        model = pretended("cuda", masters_device)
        edit = Edit(spec=SPEC, u=torch.empty(rank, 768), v=torch.empty(rank, 768), text_encoder="")
        write_edit(model, edit)
        write_edit(model, DenseEdit(weights=dict(dense_weights(model)), spec=SPEC))
        restore(model)
        assert edit.on_text(torch.empty(2, 77, 768, device="cuda", dtype=torch.float16)).device.type == "cuda"
        for up, down in edit.lora_factors(model.masters).values():
            assert up.device == down.device == torch.device("cpu")


def dense_weights(model: Model) -> dict[str, torch.Tensor]:
    return {name: torch.empty(weight.shape) for name, weight in model.masters.items()}


def test_what_is_exported_lies_on_the_cpu(tiny: Model) -> None:
    assert {weight.device.type for weight in dense(tiny, erase(tiny, SPEC)).weights.values()} == {"cpu"}


def test_masters_go_to_the_gpu_if_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    masters = {"a": torch.empty(250, dtype=torch.float32)}
    for free, kind in ((4000, "cuda"), (3999, "cpu")):
        monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device, free=free: (free, 10**9))
        assert master_device(masters, torch.device("cuda")).type == kind
    assert master_device(masters, torch.device("cpu")).type == "cpu"


def test_offload_without_a_gpu_is_refused_with_one_sentence() -> None:
    with pytest.raises(ValueError, match="--offload needs a GPU"):
        load_model("atelier", "cpu", offload=True)


def test_an_offloaded_pipeline_is_edited_and_restored() -> None:
    """diffusers' own model offload, to the CPU instead of a GPU: the same hooks move the same parts."""
    plain, offloaded = (
        prepare("tiny", tiny_pipeline(), torch.device("cpu"), torch.float32, offload=offload)
        for offload in (False, True)
    )
    assert hasattr(offloaded.denoiser, "_hf_hook"), "the hooks of model offload are there"
    spec = GenerationSpec("a house by Claude Monet", seed=2, steps=2)
    edit = erase(plain, SPEC)
    images = []
    for model in (plain, offloaded):
        with applied(model, edit):
            edited = generate(model, [spec])[0].tobytes()
        images.append((edited, generate(model, [spec])[0].tobytes()))
    assert images[0] == images[1]
    assert images[0][0] != images[0][1]


def test_a_compiled_unet_reads_the_edit() -> None:
    """What load_model(compiled=True) does, with the backend that needs no C++ compiler."""
    model = prepare("tiny", tiny_pipeline(), torch.device("cpu"), torch.float32)
    model.denoiser.compile(backend="aot_eager")
    edit = erase(model, SPEC).at_strength(20)
    latent, context = torch.randn(1, 4, 8, 8), torch.randn(1, 77, 16)
    with torch.inference_mode():
        plain = model.pipeline.unet(latent, 10, context).sample
        with applied(model, edit):
            edited = model.pipeline.unet(latent, 10, context).sample
            expected = model.denoiser.forward(latent, 10, context).sample
        again = model.pipeline.unet(latent, 10, context).sample
    torch.testing.assert_close(edited, expected, rtol=1e-4, atol=1e-5)
    assert (edited - plain).abs().max() > 1e-3
    torch.testing.assert_close(plain, again)


def test_attention_is_pytorchs_own() -> None:
    model = prepare("tiny", tiny_pipeline(), torch.device("cpu"), torch.float32)
    assert {type(one).__name__ for one in model.denoiser.attn_processors.values()} == {"AttnProcessor2_0"}
    assert model.pipeline.vae.use_slicing

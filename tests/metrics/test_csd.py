"""CSD's descriptor against open_clip's own vision tower, at a small size with random weights."""

from pathlib import Path

import numpy as np
import pytest
import torch
from open_clip.model import CLIP
from PIL import Image
from safetensors.torch import save_file

from uce_core.metrics.csd import cosines, load_descriptor

SIZE, WIDTH = 32, 128


@pytest.fixture(scope="module")
def tower() -> torch.nn.Module:
    torch.manual_seed(0)
    vision = {"image_size": SIZE, "layers": 2, "width": WIDTH, "head_width": 64, "patch_size": 8}
    text = {"context_length": 8, "vocab_size": 16, "width": 64, "heads": 1, "layers": 1}
    return CLIP(embed_dim=24, vision_cfg=vision, text_cfg=text, quick_gelu=True).eval().visual


@pytest.fixture(scope="module")
def weights(tower: torch.nn.Module) -> dict[str, torch.Tensor]:
    """As the published checkpoint names them, with DataParallel's prefix."""
    backbone = {name: value.clone() for name, value in tower.state_dict().items() if name != "proj"}
    heads = {"last_layer_style": tower.proj.detach().clone(), "last_layer_content": torch.zeros(WIDTH, 24)}
    return {f"module.backbone.{name}": value for name, value in backbone.items()} | {
        f"module.{name}": value for name, value in heads.items()
    }


def test_descriptors_are_the_towers_normalised_projections(
    tower: torch.nn.Module, weights: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    save_file(weights, tmp_path / "csd.safetensors")
    descriptor = load_descriptor(tmp_path / "csd.safetensors")
    pixels = np.random.default_rng(0).integers(0, 256, (3, SIZE, SIZE, 3), dtype=np.uint8)
    mean = torch.tensor([0.48145466, 0.4578275, 0.40821073])[:, None, None]
    deviation = torch.tensor([0.26862954, 0.26130258, 0.27577711])[:, None, None]
    with torch.inference_mode():
        expected = tower((torch.from_numpy(pixels).permute(0, 3, 1, 2) / 255 - mean) / deviation)
    expected = expected / expected.norm(dim=1, keepdim=True)
    found = descriptor.vectors([Image.fromarray(one) for one in pixels])
    assert torch.allclose(found, expected, atol=1e-5)
    assert cosines([found], [found]).tolist() == pytest.approx([1, 1, 1])


def test_other_files_are_refused(weights: dict[str, torch.Tensor], tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    for faulty in (
        {"u": torch.zeros(2)},
        {name: value for name, value in weights.items() if "last_layer_style" not in name},
        {name: value for name, value in weights.items() if "resblocks.1.ln_1" not in name},
    ):
        save_file(faulty, path)
        with pytest.raises(ValueError, match="does not contain CSD's weights"):
            load_descriptor(path)
    path.write_bytes(b"pickled")
    with pytest.raises(ValueError, match="not a safetensors file"):
        load_descriptor(path)

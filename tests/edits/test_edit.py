"""Edits and their files: strength, stacks, what is refused, and what survives a restart."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from uce_core import DenseEdit, Edit, EditSpec, compose, stack
from uce_core.edits.edit_file import FORMAT
from uce_core.tensor_files import LARGEST_HEADER
from uce_core.version import VERSION

SPEC = EditSpec(erase=("Vincent van Gogh",), retain=("Claude Monet",))


def an_edit(u: Tensor | None = None, v: Tensor | None = None) -> Edit:
    generator = torch.Generator().manual_seed(0)
    return Edit(
        spec=SPEC,
        u=torch.randn(2, 8, generator=generator) if u is None else u,
        v=torch.randn(2, 8, generator=generator) if v is None else v,
        text_encoder="fingerprint",
    )


def test_file_round_trip(tmp_path: Path) -> None:
    edit = an_edit()
    loaded = Edit.load(edit.save(tmp_path / "new folder" / "edit.safetensors"))
    assert loaded == edit
    assert torch.equal(loaded.u, edit.u)
    assert torch.equal(loaded.v, edit.v)
    assert [path.name for path in (tmp_path / "new folder").iterdir()] == ["edit.safetensors"]


def test_file_holds_what_the_contract_says(tmp_path: Path) -> None:
    path = an_edit().save(tmp_path / "edit.safetensors")
    tensors = load_file(path)
    assert {key: (value.dtype, tuple(value.shape)) for key, value in tensors.items()} == {
        "u": (torch.float32, (2, 8)),
        "v": (torch.float32, (2, 8)),
    }
    with safe_open(path, "pt") as file:
        metadata = file.metadata()
    assert metadata["format"] == "uce-studio-edit/1"
    assert json.loads(metadata["spec"])["erase"] == ["Vincent van Gogh"]
    assert metadata["text_encoder"] == "fingerprint"
    assert "created" in metadata
    assert metadata["version"] == VERSION
    assert path.stat().st_mode & 0o044 == 0o044, "others could not read it"


def test_strength_scales_the_change() -> None:
    edit = an_edit()
    change = edit.u.T @ edit.v
    for strength in (-0.5, 0.0, 0.5, 2.0):
        stronger = edit.at_strength(strength)
        torch.testing.assert_close(stronger.u.T @ stronger.v, strength * change)
    with pytest.raises(ValueError, match="strength"):
        edit.at_strength(float("nan"))


def other_edit(**changes: object) -> Edit:
    generator = torch.Generator().manual_seed(1)
    values = {
        "spec": EditSpec(erase=("Claude Monet",), guide="photo", retain=("Vincent van Gogh", "X")),
        "text_encoder": "fingerprint",
    }
    u, v = torch.randn(3, 8, generator=generator), torch.randn(3, 8, generator=generator)
    return Edit(u=u, v=v, **{**values, **changes})


def test_a_stack_adds_the_changes(tmp_path: Path) -> None:
    first, second = an_edit(), other_edit()
    both = stack(first, second.at_strength(0.5))
    expected = first.u.T @ first.v + 0.5 * second.u.T @ second.v
    torch.testing.assert_close(both.u.T @ both.v, expected)
    assert both.spec.erase == ("Vincent van Gogh", "Claude Monet")
    assert both.spec.guides == ("art", "photo")
    assert both.spec.retain == ("X",)
    assert Edit.load(both.save(tmp_path / "both.safetensors")).stacked == (first.spec, second.spec)
    assert stack(both, other_edit(spec=EditSpec(erase=("Z",)))).rank == 8, "folded to the width"


def test_stacks_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="different text encoders"):
        stack(an_edit(), other_edit(text_encoder="another"))
    with pytest.raises(ValueError, match="two guides"):
        stack(an_edit(), other_edit(spec=EditSpec(erase=("Vincent van Gogh",), guide="photo")))
    with pytest.raises(ValueError, match="can be stacked"):
        stack(an_edit(), DenseEdit(weights={"a.attn2.to_k.weight": torch.zeros(2, 8)}))


def broken_files(folder: Path) -> dict[str, Path]:
    edit = an_edit()
    good = edit.save(folder / "good.safetensors").read_bytes()
    spec = {"format": FORMAT, "spec": SPEC.to_json(), "text_encoder": "x"}
    zeros = torch.zeros(2, 8)
    files = {name: folder / f"{name}.safetensors" for name in ("truncated", "pickle", "empty")}
    files["truncated"].write_bytes(good[: len(good) - 20])
    files["pickle"].write_bytes(b"\x80\x04\x95not safetensors at all")
    files["empty"].write_bytes(b"")
    for name, tensors, metadata in (
        ("shapes", {"u": zeros, "v": torch.zeros(3, 8)}, spec),
        ("dtype", {"u": zeros.half(), "v": zeros.half()}, spec),
        ("nan", {"u": zeros, "v": zeros * float("nan")}, spec),
        ("infinite", {"u": zeros + float("inf"), "v": zeros}, spec),
        ("one matrix", {"u": zeros}, spec),
        ("dense cube", {"a.attn2.to_k.weight": torch.zeros(1, 2, 3)}, None),
        ("dense nan", {"a.attn2.to_k.weight": zeros * float("nan")}, None),
        ("dense integers", {"a.attn2.to_k.weight": zeros.long()}, None),
        ("whole unet", {"a.attn2.to_k.weight": zeros, "conv_in.weight": zeros.clone()}, None),
        ("no metadata", {"u": zeros, "v": zeros.clone()}, None),
        ("other format", {"u": zeros, "v": zeros.clone()}, {**spec, "format": "lora"}),
        ("no spec", {"u": zeros, "v": zeros.clone()}, {**spec, "spec": "{"}),
        ("senseless spec", {"u": zeros, "v": zeros.clone()}, {**spec, "spec": '{"erase": []}'}),
        ("erased number", {"u": zeros, "v": zeros.clone()}, {**spec, "spec": '{"kind": "x", "erase": 5}'}),
        ("deep spec", {"u": zeros, "v": zeros.clone()}, {**spec, "spec": "[" * 100_000}),
        ("stacked number", {"u": zeros, "v": zeros.clone()}, {**spec, "stacked": "5"}),
        ("no strength", {"u": zeros, "v": zeros.clone()}, {**spec, "strength": "much"}),
        ("endless strength", {"u": zeros, "v": zeros.clone()}, {**spec, "strength": "1e308"}),
        ("no rows", {"u": zeros[:0], "v": zeros[:0].clone()}, spec),
        ("no columns", {"u": zeros[:, :0], "v": zeros[:, :0].clone()}, spec),
        ("dense without rows", {"a.attn2.to_k.weight": zeros[:0]}, None),
        ("much to say", {"u": zeros, "v": zeros.clone()}, {**spec, "created": "x" * LARGEST_HEADER}),
    ):
        files[name] = folder / f"{name}.safetensors"
        save_file(tensors, files[name], metadata)
    files["missing"] = folder / "missing.safetensors"
    return files


def test_unsound_files_are_refused_with_one_sentence(tmp_path: Path) -> None:
    for name, path in broken_files(tmp_path).items():
        with pytest.raises(ValueError, match=r"^[^\n]+$") as error:
            Edit.load(path)
        assert path.name in str(error.value), name


def test_what_would_not_be_read_again_is_not_saved(tmp_path: Path) -> None:
    names = tuple(f"artist {number}" for number in range(50_000))
    path = an_edit().save(tmp_path / "edit.safetensors")
    before = path.read_bytes()
    with pytest.raises(ValueError, match="name fewer"):
        replace(an_edit(), spec=EditSpec(erase=("Monet",), retain=names)).save(path)
    with pytest.raises(ValueError, match="strength is 2000000"):
        an_edit().at_strength(2e6)
    assert path.read_bytes() == before


def test_a_crash_while_saving_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = an_edit().save(tmp_path / "edit.safetensors")
    before = path.read_bytes()

    def crash(part: Path, data: bytes) -> None:
        part.touch()
        raise OSError("disk full")

    monkeypatch.setattr(Path, "write_bytes", crash)
    with pytest.raises(OSError, match="disk full"):
        an_edit().at_strength(2).save(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_composing_is_the_product_of_the_matrices_in_order() -> None:
    """W·M₁·M₂·M₃, written out in float64, also where the factors are folded."""
    generator = torch.Generator().manual_seed(3)
    for rank in (1, 3):  # of width 8 three times 3 is folded
        edits = [
            an_edit(u=torch.randn(rank, 8, generator=generator), v=torch.randn(rank, 8, generator=generator))
            for _ in range(3)
        ]
        product = torch.eye(8, dtype=torch.float64)
        for edit in edits:
            product = product @ (torch.eye(8, dtype=torch.float64) + edit.u.double().T @ edit.v.double())
        found = compose(*edits)
        assert found.rank == min(3 * rank, 8)
        together = torch.eye(8, dtype=torch.float64) + found.u.double().T @ found.v.double()
        torch.testing.assert_close(together, product, rtol=1e-4, atol=1e-4)
        weight = torch.randn(5, 8, generator=generator)
        [(_, edited)] = found.projections({"a.attn2.to_k.weight": weight})
        torch.testing.assert_close(edited.double(), weight.double() @ product, rtol=1e-4, atol=1e-3)
        assert not torch.allclose(compose(*reversed(edits)).v, found.v), "in another order it is another edit"


def test_edits_say_what_they_can_do() -> None:
    sparse, dense = an_edit(), DenseEdit(weights={"a.attn2.to_v.weight": torch.zeros(2, 8)})
    assert (sparse.edits_text, sparse.low_rank, sparse.targets) == (True, True, ("to_k", "to_v"))
    assert (dense.edits_text, dense.low_rank, dense.targets) == (False, False, ("to_v",))
    with pytest.raises(ValueError, match="can be stacked"):
        compose(sparse, dense)


def test_an_edit_of_a_method_that_is_not_here_opens(tmp_path: Path) -> None:
    path = an_edit().save(tmp_path / "edit.safetensors")
    tensors = load_file(path)
    facts = {"kind": "of-tomorrow", "version": 7, "erase": ["Monet"], "retain": ["Munch"], "depth": 3}
    with safe_open(path, "pt") as file:
        metadata = file.metadata() | {"spec": json.dumps(facts)}
    save_file(tensors, path, metadata)
    spec = Edit.load(path).spec
    assert spec is not None
    assert (spec.edited, spec.retain, spec.facts()) == (("Monet",), ("Munch",), facts)
    Edit.load(path).save(path)
    assert Edit.load(path).spec == spec, "nothing of it is lost"

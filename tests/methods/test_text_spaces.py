"""Models that read the pooled text besides token states: each weight that reads either is edited as by the paper."""

from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import StableDiffusionXLPipeline
from safetensors import safe_open
from torch import Tensor

from tests.tiny import tiny_xl_pipeline
from uce_core import Edit, EditSpec, GenerationSpec, Model, compare, compose, erase, impact, preset, stack
from uce_core.concepts.text_spaces import space_of
from uce_core.edits.stored_spec import spec_from_facts
from uce_core.methods.cure import CureSpec
from uce_core.methods.double_projections import DoubleProjectionsSpec
from uce_core.methods.lora import lora_of
from uce_core.models.applying import applied
from uce_core.models.model import prepare

SPEC = EditSpec(erase=("Vincent van Gogh", "Claude Monet"), retain=("Piet Mondrian",), lam=0.1, span="last")
OTHER = EditSpec(erase=("a dog",), guide="a cat", lam=0.1, span="last")
PROMPT = "a house by Vincent van Gogh"
READS_POOLED = "add_embedding.linear_1.weight"


@pytest.fixture(scope="module")
def xl() -> Model:
    return prepare("tiny", tiny_xl_pipeline(), torch.device("cpu"), torch.float32)


def read_by(pipeline: StableDiffusionXLPipeline, text: str) -> tuple[Tensor, Tensor]:
    """What the pipeline itself hands to its UNet: token states (77, d), pooled text (p,)."""
    states, _, pooled, _ = pipeline.encode_prompt(text, device="cpu", do_classifier_free_guidance=False)
    return states[0].double(), pooled[0].double()


def unified(w: Tensor, erased: list[Tensor], guide: Tensor, retained: list[Tensor], lam: float) -> Tensor:
    """UCE's equation 7 for one weight, e = r = 1."""
    left, right = lam * w, lam * torch.eye(w.shape[1], dtype=torch.float64)
    for c in erased:
        left, right = left + torch.outer(w @ guide, c), right + torch.outer(c, c)
    for p in retained:
        left, right = left + torch.outer(w @ p, p), right + torch.outer(p, p)
    return left @ torch.linalg.inv(right)


@torch.no_grad()
def test_each_weight_is_solved_for_what_it_reads(xl: Model) -> None:
    edit = erase(xl, SPEC)
    pipeline = xl.pipeline
    pooled = {text: read_by(pipeline, text)[1] for text in (*SPEC.erase, "art", *SPEC.retain, "")}
    found = dict(edit.projections(xl.masters))
    assert found.keys() == xl.masters.keys()
    master = xl.masters[READS_POOLED].double()
    expected = unified(
        master[:, :24],
        [pooled[text] for text in SPEC.erase],
        pooled["art"],
        [pooled["Piet Mondrian"], pooled[""]],
        SPEC.lam,
    )
    change = (expected - master[:, :24]).abs().max()
    assert change > 0
    torch.testing.assert_close(found[READS_POOLED][:, :24].double(), expected, rtol=0, atol=1e-4 * float(change))
    assert torch.equal(found[READS_POOLED][:, 24:], xl.masters[READS_POOLED][:, 24:]), "which read the image's size"
    alone = erase(xl, EditSpec(**{**vars(SPEC), "text_space": "tokens"}))
    for name, weight in alone.projections(xl.masters):
        assert torch.equal(weight, found[name])


@pytest.mark.parametrize("text_space", ["tokens", "pooled", "all"])
def test_editing_the_text_is_editing_the_weights(xl: Model, text_space: str) -> None:
    edit = erase(xl, EditSpec(**{**vars(SPEC), "text_space": text_space}))
    specs = [GenerationSpec(PROMPT, seed=seed, steps=2) for seed in (1, 2)]
    by_weights, by_text = (compare(xl, edit, specs, path=path, scored=False) for path in ("swap", "batch"))
    for one, other in zip(by_weights, by_text, strict=True):
        a, b = (torch.tensor(list(pair.edited.tobytes()), dtype=torch.int16) for pair in (one, other))
        assert (a - b).abs().max() <= 1
        assert one.edited.tobytes() != one.original.tobytes()


def test_what_is_edited_is_a_setting(xl: Model, tiny: Model) -> None:
    spaces = {
        space: erase(xl, EditSpec(**{**vars(SPEC), "text_space": space})) for space in ("tokens", "pooled", "all")
    }
    assert {space: set(edit.spaces) for space, edit in spaces.items()} == {
        "tokens": {"tokens"},
        "pooled": {"pooled"},
        "all": {"tokens", "pooled"},
    }
    assert len({edit.digest for edit in spaces.values()}) == 3
    assert {space_of(name) for name, _ in spaces["pooled"].projections(xl.masters)} == {"pooled"}
    assert impact(xl, spaces["pooled"], ["Claude Monet"])[0].drift == 0, "which is that of tokens"
    assert set(erase(tiny, SPEC).spaces) == {"tokens"}, "Stable Diffusion 1 reads nothing else"
    with pytest.raises(ValueError, match="tiny reads no pooled text, only tokens: use the text space tokens or all"):
        erase(tiny, EditSpec(**{**vars(SPEC), "text_space": "pooled"}))


def test_published_presets_and_specs_of_before_edit_tokens_alone() -> None:
    facts = SPEC.facts()
    assert spec_from_facts(facts) == SPEC
    del facts["text_space"]
    assert vars(spec_from_facts(facts))["text_space"] == "tokens"
    for name in ("published-2023", "published-2025"):
        assert preset(name, ["a dog"]).text_space == "tokens"


def test_files_hold_all_text_spaces(xl: Model, tmp_path: Path) -> None:
    for space, form in (("tokens", "uce-studio-edit/1"), ("pooled", "uce-studio-edit/2"), ("all", "uce-studio-edit/2")):
        edit = erase(xl, EditSpec(**{**vars(SPEC), "text_space": space})).at_strength(0.5)
        path = edit.save(tmp_path / f"{space}.safetensors")
        with safe_open(path, "pt") as file:
            assert file.metadata()["format"] == form
        found = Edit.load(path)
        assert isinstance(found, Edit)
        assert (found, found.digest) == (edit, edit.digest)
        for name, weight in found.projections(xl.masters):
            assert torch.equal(weight, dict(edit.projections(xl.masters))[name])


def test_an_edit_of_another_pooled_width_is_refused(xl: Model, tiny: Model) -> None:
    edit = erase(xl, SPEC)
    with pytest.raises(ValueError, match="another text encoder"), applied(tiny, edit):
        pass


def test_strength_stacks_and_products_hold_in_each_text_space(xl: Model) -> None:
    one, other = erase(xl, SPEC), erase(xl, EditSpec(**{**vars(OTHER), "text_space": "tokens"}))
    half, added, both = one.at_strength(0.5), stack(one, other), compose(one, other)
    for name, master in xl.masters.items():
        w = master.double()
        first = dict(one.projections(xl.masters))[name].double()
        second = dict(other.projections(xl.masters)).get(name, master).double()
        for edit, expected in ((half, w + 0.5 * (first - w)), (added, first + second - w)):
            torch.testing.assert_close(dict(edit.projections(xl.masters))[name].double(), expected, rtol=0, atol=1e-6)
        after = dict(other.projections({name: first.float()})).get(name, first).double()
        torch.testing.assert_close(dict(both.projections(xl.masters))[name].double(), after, rtol=0, atol=1e-6)


def test_loras_are_exact_in_each_text_space(xl: Model) -> None:
    edit = erase(xl, SPEC)
    lora = lora_of(xl.masters, edit)
    assert lora.error == 0
    for name, weight in edit.projections(xl.masters):
        up, down = lora.factors[name.removesuffix(".weight")]
        torch.testing.assert_close(xl.masters[name] + up @ down, weight, rtol=0, atol=1e-6)


def test_other_methods_of_low_rank_edit_the_pooled_text_too(xl: Model) -> None:
    """Double Projections: retained stays, the last erased goes to the guide; CURE: by its formula, for hard projections
    of one vector each."""
    pooled = {text: read_by(xl.pipeline, text)[1].float()[None] for text in ("Vincent van Gogh", "art", "a cat", "")}
    given: dict[str, Any] = {"erase": ("Vincent van Gogh",), "retain": ("a cat",), "text_space": "pooled"}
    edit = erase(xl, DoubleProjectionsSpec(**given))
    assert isinstance(edit, Edit)
    for text, expected in (("Vincent van Gogh", "art"), ("a cat", "a cat"), ("", "")):
        torch.testing.assert_close(edit.on_text(pooled[text], "pooled"), pooled[expected], rtol=1e-3, atol=1e-4)
    edit = erase(xl, CureSpec(**given, alpha=1e6, retain_empty=False))
    assert isinstance(edit, Edit)
    c, p = (pooled[text][0] for text in ("Vincent van Gogh", "a cat"))
    seen = c - (c @ p) / (p @ p) * p
    expected = c - (seen @ c) / (c @ c) * c
    torch.testing.assert_close(edit.on_text(c, "pooled"), expected, rtol=1e-3, atol=1e-4)

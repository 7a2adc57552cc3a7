"""SPEED against the paper's equations, written out for each projection with d×d matrices in float64; and as an edit
with a factor for each layer, wherever edits go."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from scipy.cluster.vq import kmeans2

from tests.tiny import tiny_pipeline, tiny_sd3_pipeline
from uce_core import (
    Edit,
    EditSpec,
    GenerationSpec,
    LayeredEdit,
    Model,
    applied,
    compare,
    compose,
    erase,
    export,
    load_model,
    preset,
    stack,
)
from uce_core.concepts.invariants import centres, invariants
from uce_core.edits.null_space import Erasure, Prior, right_factor, summed
from uce_core.methods.drift import drifts
from uce_core.methods.export import exported
from uce_core.methods.inputs import EditInputs
from uce_core.methods.speed import SpeedSpec
from uce_core.models.model import prepare

ERASE, RETAIN = ("Vincent van Gogh", "Claude Monet"), ("Piet Mondrian", "a cat", "a house by the sea", "Edvard Munch")
SPEC = SpeedSpec(erase=ERASE, retain=RETAIN, span="last")
DRAWING = GenerationSpec("a house by Vincent van Gogh", seed=1, steps=2)


def tokens(model: Model, text: str) -> tuple[torch.Tensor, int]:
    """All 77 states (columns) in float64, and the position of the last token before the end of text."""
    found = model.pipeline.tokenizer(text, padding="max_length", max_length=77, return_tensors="pt")
    with torch.no_grad():
        states = model.pipeline.text_encoder(found.input_ids).last_hidden_state[0]
    end = found.input_ids[0].tolist().index(model.pipeline.tokenizer.eos_token_id)
    return states.double().T, end - 1


def spanned(model: Model, text: str, span: str, empty: int) -> torch.Tensor:
    """(d, n). empty: the position that is the last of a text of no words."""
    states, last = tokens(model, text)
    last = last if text else empty
    return {"last": states[:, last : last + 1], "rest": states[:, last:], "all": states}[span]


def common(model: Model) -> torch.Tensor:
    """C2 (d, 4): the start token, and the k-means centres of the others of the empty text, by SciPy."""
    states, _ = tokens(model, "")
    others = states[:, 1:].T.numpy()
    start = [others[:26].mean(0), others[26:51].mean(0), others[51:].mean(0)]
    found, _ = kmeans2(others, start, iter=100, minit="matrix")
    return torch.cat([states[:, :1], torch.from_numpy(found).T], 1)


def mean_above(columns: torch.Tensor, change: torch.Tensor) -> torch.Tensor:
    """Those columns whose change is at least the mean one's length."""
    lengths = torch.tensor([float((change @ r).norm()) for r in columns.T])
    return columns[:, lengths >= lengths.mean() * (1 - 1e-6)]


def as_published(model: Model, spec: SpeedSpec, retained: torch.Tensor) -> dict[str, torch.Tensor]:
    """W' of every value projection. retained: R (d, m)."""
    c2, one = common(model), torch.eye(16, dtype=torch.float64)
    empty = 0 if spec.empty_token == "start" else 1
    moved, seen = torch.zeros_like(one), torch.zeros_like(one)  # CaC1ᵀ − C1C1ᵀ and C1C1ᵀ, means over the concepts
    for concept, guide in zip(spec.erase, spec.guides, strict=True):
        c, g = (spanned(model, text, spec.span, empty) for text in (concept, guide))
        count = min(c.shape[1], g.shape[1])
        for i in range(count):
            moved += torch.outer(g[:, i] - c[:, i], c[:, i]) / len(spec.erase)
            seen += torch.outer(c[:, i], c[:, i]) / len(spec.erase)
    size = retained.shape[1], spec.augmentations
    random = torch.Generator().manual_seed(spec.augmentation_seed)
    noise = spec.augmentation_noise * torch.randn(size, dtype=torch.float64, generator=random)
    found = {}
    for name, master in model.masters.items():
        if not name.endswith("attn2.to_v.weight"):
            continue
        w = master.double()
        change = w @ moved @ torch.linalg.inv(one + seen)
        v = torch.linalg.svd(w, full_matrices=False).Vh[-1]
        v = v if v.max() > -v.min() else -v
        p_min = torch.outer(v, v)
        numbered = torch.cat([retained, torch.arange(len(noise))[None]])  # that samples know whose they are
        wide = torch.cat([change, torch.zeros(len(change), 1)], 1)
        kept = mean_above(numbered, wide) if spec.influence_filter else numbered
        around = [r[:-1] + p_min @ (z * v) for r in kept.T for z in noise[int(r[-1])]]
        all_kept = kept[:-1]
        if around:
            all_kept = torch.cat([all_kept, mean_above(torch.stack(around, 1), change)], 1)
        u, s, _ = torch.linalg.svd(all_kept @ all_kept.T / all_kept.shape[1])
        p = u[:, s < spec.null_threshold] @ u[:, s < spec.null_threshold].T
        m = torch.linalg.inv(seen @ p + spec.lam * one)
        inner = c2.T @ p @ m @ c2 + spec.invariant_slack * torch.eye(4, dtype=torch.float64)
        q = one - m @ c2 @ torch.linalg.inv(inner) @ c2.T @ p
        found[name] = w + w @ moved @ p @ q @ m
    return found


def asked(**given: Any) -> SpeedSpec:
    return SpeedSpec(erase=ERASE, retain=RETAIN, **{"span": "last", **given})


def published(name: str, retain: tuple[str, ...] = RETAIN) -> SpeedSpec:
    found: SpeedSpec = preset(f"published-{name}", ERASE, retain, method="speed")
    return found


@pytest.mark.parametrize(
    ("spec", "rank"),
    [
        (SPEC, 2),
        (SpeedSpec(erase=ERASE, retain=RETAIN), 16),  # folded
        (asked(guide=("a house", ""), retain_empty=False, influence_filter=False), 2),
        (asked(augmentations=0, invariant_slack=0.5, lam=0.05), 2),
        (asked(augmentations=3, augmentation_noise=2.5, augmentation_seed=7, empty_token="start"), 2),
        (asked(span="all", retain_span="last", null_threshold=0.3), 16),
        (asked(span="rest", retain_span="rest", null_threshold=2.0, guide=""), 16),
        (published("few"), 2),
        (published("many"), 2),
        (published("nudity"), 16),
        (replace(published("nudity", ()), null_threshold=1.0), 16),  # 16 dimensions are few for a whole text
    ],
)
def test_each_value_projection_is_what_the_paper_has(tiny: Model, spec: SpeedSpec, rank: int) -> None:
    edit = erase(tiny, spec)
    assert isinstance(edit, LayeredEdit)
    assert edit.rank == rank
    texts = [*spec.retain, ""] if spec.retain_empty else spec.retain
    empty, span = 0 if spec.empty_token == "start" else 1, spec.retain_span or spec.span
    expected = as_published(tiny, spec, torch.cat([spanned(tiny, text, span, empty) for text in texts], 1))
    edited = dict(edit.projections(tiny.masters))
    assert edited.keys() == expected.keys()
    for name, weight in edited.items():
        change = (expected[name] - tiny.masters[name].double()).abs().max()
        assert change > 1e-3
        torch.testing.assert_close(weight.double(), expected[name], rtol=0, atol=2e-4 * float(change))


def test_of_samples_around_a_vector_the_second_moment_is_that_of_all() -> None:
    random = torch.Generator().manual_seed(0)
    rows, noise = (torch.randn(5, n, dtype=torch.float64, generator=random) for n in (8, 6))
    direction = torch.nn.functional.normalize(torch.randn(8, dtype=torch.float64, generator=random), dim=0)
    there = torch.rand(5, 6, generator=random) > 0.5
    samples = [*rows, *(r + z * direction for r, zs, some in zip(rows, noise, there, strict=True) for z in zs[some])]
    expected = sum(torch.outer(x, x) for x in samples) / len(samples)
    found = summed(rows, noise * there, 1 + there.sum(1), direction)
    torch.testing.assert_close(found.T @ found, expected)


def test_centres_are_those_of_scipy() -> None:
    rows = torch.randn(40, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(3)).cumsum(0)
    start = [part.mean(0).numpy() for part in (rows[:10], rows[10:20], rows[20:30], rows[30:])]
    expected, _ = kmeans2(rows.numpy(), start, iter=100, minit="matrix")
    torch.testing.assert_close(centres(rows, 4), torch.from_numpy(expected))
    same = torch.ones(6, 2, dtype=torch.float64)
    assert torch.equal(centres(same, 3), same[:3]), "clusters without vectors stay where they are"


def moves(edit: LayeredEdit, model: Model, rows: torch.Tensor) -> torch.Tensor:
    """‖(W' − W)x‖ / ‖Wx‖ of vectors (n, d), (layers, n)."""
    found = []
    for name, weight in edit.projections(model.masters):
        before = model.masters[name].double() @ rows.double().T
        found.append((weight.double() @ rows.double().T - before).norm(dim=0) / before.norm(dim=0))
    return torch.stack(found)


def test_what_is_retained_stays_what_all_prompts_share_stays_and_the_erased_goes_to_the_guide(tiny: Model) -> None:
    """With nothing filtered and next to no weight on the model as it is."""
    spec = SpeedSpec(
        erase=ERASE[:1],
        retain=RETAIN[:2],
        span="last",
        influence_filter=False,
        augmentations=0,
        null_threshold=1e-6,
        lam=1e-4,
    )
    edit, inputs = erase(tiny, spec), EditInputs(tiny, spec)
    assert isinstance(edit, LayeredEdit)
    assert moves(edit, tiny, inputs.retained).max() < 1e-3
    assert moves(edit, tiny, invariants(tiny.text)).max() < 1e-3
    erased, guides = inputs.erased
    for name, weight in edit.projections(tiny.masters):
        torch.testing.assert_close(weight @ erased.T, tiny.masters[name] @ guides.T, rtol=0, atol=1e-2)


def test_the_filter_retains_less_so_that_the_erased_moves_further(tiny: Model) -> None:
    many = tuple(f"artist {letter}" for letter in "abcdefghijklmno")
    whole, some = (
        erase(tiny, SpeedSpec(erase=ERASE[:1], retain=many, influence_filter=on, augmentations=0, null_threshold=0.02))
        for on in (False, True)
    )
    assert isinstance(whole, LayeredEdit)
    assert isinstance(some, LayeredEdit)
    rows = EditInputs(tiny, SPEC).erased[0][:1]
    assert moves(some, tiny, rows).mean() > moves(whole, tiny, rows).mean()


def test_the_same_seed_gives_the_same_edit(tiny: Model) -> None:
    """Another one makes other variations, which count where not all directions of the retained are left alone."""
    first, again, other = (erase(tiny, asked(null_threshold=2.0, augmentation_seed=seed)) for seed in (0, 0, 1))
    assert first.digest == again.digest != other.digest


@pytest.mark.parametrize("count", [1, 5, 30])
def test_its_algebra_holds_for_any_number_of_vectors(count: int) -> None:
    """d is 12, with invariants that lie among the retained, too."""
    random = torch.Generator().manual_seed(count)
    erased, guides, retained, weight = (torch.randn(n, 12, generator=random) for n in (count, count, 4, 7))
    shared = torch.cat([retained[:2], torch.randn(2, 12, generator=random)]).double()
    erasure = Erasure.of(erased, guides, count)
    used = Prior(retained, torch.zeros(4, 0), False, 1e-6).used(weight.double(), erasure)
    assert len(used) == 4
    p = torch.eye(12, dtype=torch.float64) - used.T @ used
    n = p @ torch.linalg.inv(p @ (erased.double().T @ erased.double() / count) @ p + torch.eye(12)) @ p
    inner = torch.linalg.pinv(shared @ n @ shared.T, rtol=1e-9)
    expected = (guides.double() - erased.double()).T @ erased.double() / count @ (n - n @ shared.T @ inner @ shared @ n)
    v = right_factor(erasure, used, shared, 1.0, 0.0)
    torch.testing.assert_close(erasure.u.T @ v, expected, rtol=1e-7, atol=1e-8)


def test_what_leaves_nothing_to_edit_is_refused(tiny: Model) -> None:
    with pytest.raises(ValueError, match="leaves no direction to edit"):
        erase(tiny, asked(span="all", retain_span="all", null_threshold=1e-9, influence_filter=False))
    assert erase(tiny, SpeedSpec(erase=ERASE, span="last", retain_empty=False)).rank == 2, "nothing need be retained"
    without = prepare("without", tiny_sd3_pipeline(), torch.device("cpu"), torch.float32)
    with pytest.raises(ValueError, match="speed edits value projections"):
        erase(without, SPEC)


def test_presets_are_the_authors() -> None:
    few, many, nudity = published("few"), published("many"), published("nudity", ())
    assert (few.guide, few.span, few.lam, few.null_threshold, few.influence_filter) == ("art", "last", 1, 0.1, True)
    assert (many.guide, many.lam, many.null_threshold, many.influence_filter) == ("person", 0.05, 1e-4, False)
    assert (nudity.guide, nudity.span, nudity.lam, nudity.invariant_slack) == ("", "rest", 0.7, 0.5)
    assert (nudity.retain_empty, nudity.retain_span, nudity.empty_token) == (True, "rest", "end")
    assert {one.augmentations for one in (few, many, nudity)} == {10}
    assert not few.retain_empty


def test_its_file_holds_one_left_factor_and_a_right_one_for_each_layer(tiny: Model, tmp_path: Path) -> None:
    edit = erase(tiny, SPEC).at_strength(0.5)
    assert isinstance(edit, LayeredEdit)
    path = edit.save(tmp_path / "edit.safetensors")
    values = [name for name in tiny.masters if name.endswith("to_v.weight")]
    assert {name: tuple(one.shape) for name, one in load_file(path).items()} == {
        "u": (2, 16), **{f"v.{name}": (2, 16) for name in values}
    }  # fmt: skip
    read = Edit.load(path)
    assert read == edit
    assert isinstance(read, LayeredEdit)
    assert (read.digest, read.strength, read.targets) == (edit.digest, 0.5, ("to_v",))
    assert Edit.spec_in(path) == SPEC
    assert all(torch.equal(read.v[name], edit.v[name]) for name in values)


def test_strength_scales_the_change_and_0_is_the_model_itself(tiny: Model) -> None:
    edit = erase(tiny, SPEC)
    changed = dict(edit.projections(tiny.masters))
    for name, weight in edit.at_strength(0).projections(tiny.masters):
        assert torch.equal(weight, tiny.masters[name])
    for name, weight in edit.at_strength(-2).projections(tiny.masters):
        expected = tiny.masters[name] - 2 * (changed[name] - tiny.masters[name])
        torch.testing.assert_close(weight, expected, rtol=0, atol=1e-4)


def test_it_is_applied_to_values_only_and_taken_off_again(tiny: Model) -> None:
    with applied(tiny, erase(tiny, SPEC)):
        for name, master in tiny.masters.items():
            now = tiny.pipeline.unet.get_parameter(name)
            assert torch.equal(now, master) is name.endswith("to_k.weight")
    assert all(torch.equal(tiny.pipeline.unet.get_parameter(name), w) for name, w in tiny.masters.items())
    [pair] = compare(tiny, erase(tiny, SPEC), [DRAWING])
    assert pair.original.tobytes() != pair.edited.tobytes()
    with pytest.raises(ValueError, match="cannot be applied to the text"):
        compare(tiny, erase(tiny, SPEC), [DRAWING], path="batch")


def test_its_impact_is_the_mean_over_keys_and_values(tiny: Model) -> None:
    edit = erase(tiny, SPEC)
    assert isinstance(edit, LayeredEdit)
    rows = EditInputs(tiny, SPEC).erased[0]
    assert drifts(tiny, edit, [rows]) == pytest.approx([float(moves(edit, tiny, rows).mean()) / 2], rel=1e-3)


@pytest.mark.parametrize("to", ["diffusers-lora", "kohya-lora"])
@pytest.mark.parametrize("spec", [SPEC, SpeedSpec(erase=ERASE, retain=RETAIN[:2], span="all", retain_span="last")])
def test_a_lora_is_the_change_itself(tiny: Model, tmp_path: Path, to: str, spec: SpeedSpec) -> None:
    edit = erase(tiny, spec)
    done = exported(tiny, edit, to, tmp_path / "lora.safetensors")
    assert (done.rank, done.error) == (edit.rank, 0.0)
    tensors = load_file(done.path)
    ends = ("lora_A.weight", "lora_B.weight") if to == "diffusers-lora" else ("lora_down.weight", "lora_up.weight")
    edited = dict(edit.projections(tiny.masters))
    assert len([name for name in tensors if name.endswith(ends[0])]) == len(edited)
    for name, weight in edited.items():
        base = name.removesuffix(".weight")
        key = f"unet.{base}" if to == "diffusers-lora" else f"lora_unet_{base.replace('.', '_')}"
        change = tensors[f"{key}.{ends[1]}"] @ tensors[f"{key}.{ends[0]}"]
        torch.testing.assert_close(tiny.masters[name] + change, weight, rtol=0, atol=1e-5)


def test_diffusers_loads_its_lora(tiny: Model, tmp_path: Path) -> None:
    edit = erase(tiny, SPEC)
    pipeline = tiny_pipeline()
    pipeline.load_lora_weights(str(export(tiny, edit, "diffusers-lora", tmp_path / "lora.safetensors")))
    pipeline.fuse_lora()
    pipeline.unload_lora_weights()
    for name, weight in edit.projections(tiny.masters):
        torch.testing.assert_close(pipeline.unet.get_parameter(name), weight, rtol=0, atol=1e-5)


def test_published_files_and_checkpoints_have_its_weights(tiny_folder: Path, tmp_path: Path) -> None:
    model = load_model(str(tiny_folder))
    edit = erase(model, SPEC)
    edited = dict(edit.projections(model.masters))
    published = load_file(export(model, edit, "published", tmp_path / "published.safetensors"))
    assert published.keys() == edited.keys()
    assert all(torch.equal(published[name], weight) for name, weight in edited.items())
    again = load_model(str(export(model, edit, "checkpoint", tmp_path / "finished")))
    for name, master in model.masters.items():
        assert torch.equal(again.masters[name], edited.get(name, master))


def test_it_is_not_combined_with_others(tiny: Model) -> None:
    edit, uce = erase(tiny, SPEC), erase(tiny, EditSpec(erase=("a boat",)))
    for combine in (stack, compose):
        for some in ((edit, edit), (uce, edit)):
            with pytest.raises(ValueError, match="can be stacked"):
                combine(*some)


def test_it_fits_models_with_its_projections_only(tiny: Model) -> None:
    edit = erase(tiny, SPEC)
    assert isinstance(edit, LayeredEdit)
    for name in ("nowhere.attn2.to_v.weight", next(iter(edit.v))):
        width = 16 if "nowhere" in name else 8
        other = LayeredEdit(
            u=torch.zeros(1, width), v={name: torch.zeros(1, width)}, spec=SPEC, text_encoder=edit.text_encoder
        )
        with pytest.raises(ValueError, match="no weight of that name and shape"), applied(tiny, other):
            pass


def unsound(spec: dict[str, str]) -> Sequence[tuple[dict[str, torch.Tensor], dict[str, str] | None]]:
    zeros, name = torch.zeros(2, 8), "v.a.attn2.to_v.weight"
    return (
        ({"u": zeros}, spec),
        ({name: zeros}, spec),
        ({"u": zeros, name: zeros.clone()}, None),
        ({"u": zeros, name: zeros.clone()}, spec | {"format": "uce-studio-edit/1"}),
        ({"u": zeros, name: torch.zeros(3, 8)}, spec),
        ({"u": zeros, name: zeros.half()}, spec),
        ({"u": zeros.half(), name: zeros.half()}, spec),
        ({"u": zeros[:0], name: zeros[:0].clone()}, spec),
        ({"u": zeros[0], name: zeros[0].clone()}, spec),
        ({"u": zeros, name: zeros / 0}, spec),
        ({"u": zeros, "v": zeros.clone(), name: zeros.clone()}, spec),
        ({"u": zeros, "v.conv_in.weight": zeros.clone()}, spec),
        ({"u": zeros, "v.add_embedding.linear_1.weight": zeros.clone()}, spec),  # reads the pooled text
        ({"u": zeros, name: zeros.clone(), "a.attn2.to_v.weight": zeros.clone()}, spec),
        ({"u": zeros, name: zeros.clone()}, spec | {"spec": "{"}),
        ({"u": zeros, name: zeros.clone()}, spec | {"strength": "nan"}),
    )


def test_unsound_files_are_refused_with_one_sentence(tmp_path: Path) -> None:
    sound = {"format": "uce-studio-edit/2", "spec": SPEC.to_json(), "text_encoder": "x"}
    for number, (tensors, metadata) in enumerate(unsound(sound)):
        path = tmp_path / f"{number}.safetensors"
        save_file(tensors, path, metadata)
        with pytest.raises(ValueError, match=r"^[^\n]+$") as error:
            Edit.load(path)
        assert path.name in str(error.value)

"""An evaluation in parts: blocks of work, shards, and images that cannot be generated or show nothing."""

import json
from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import uce_core.evaluation.generating
from tests.tiny import tiny_model
from uce_core import EditSpec, GenerationSpec, Model, erase, preset
from uce_core.cli import main
from uce_core.evaluation.blocks import WHOLE, Block, Shard, blocks_of
from uce_core.evaluation.candidates import as_candidate
from uce_core.evaluation.cases import Case, ImageSpec
from uce_core.evaluation.evaluate import evaluate, generate_shard
from uce_core.evaluation.generating import IN_A_ROW, Generator, missing
from uce_core.evaluation.image_folder import BLANK, ImageFolder
from uce_core.evaluation.inputs import EvaluationInputs

PICASSO, MONET = "Pablo Picasso", "Claude Monet"
PROMPTS = [(f"{what} by {who}", who) for who in (PICASSO, MONET) for what in ("a house", "a boat", "a cat", "a tree")]
CASES = tuple(
    Case(prompt=prompt, evaluation_seed=7 * number, case_number=number, artist=who, facet="style")
    for number, (prompt, who) in enumerate(PROMPTS)
)
Generate = Callable[..., list[Image.Image]]


@pytest.fixture
def inputs(scored: Model) -> EvaluationInputs:
    edit = erase(scored, EditSpec(erase=(PICASSO,), retain=(MONET,)))
    candidates = tuple(as_candidate(name, edit.at_strength(t)) for name, t in (("half", 0.5), ("whole", 1.0)))
    return EvaluationInputs(candidates=candidates, cases=CASES, steps=1)


@pytest.fixture
def by_threes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("uce_core.evaluation.evaluate.batch_size", lambda model: 3)


@pytest.fixture
def generating(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Generate], Generate]], None]:
    """Puts another way of generating in the place of the real one."""
    real = uce_core.evaluation.generating.generate
    return lambda around: monkeypatch.setattr(uce_core.evaluation.generating, "generate", around(real))


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(("images", "size"), [(7, 3), (6, 3), (1, 8), (0, 4)])
def test_blocks_are_all_images_once(images: int, size: int) -> None:
    blocks = list(blocks_of(("original", "a"), images, size))
    done = [(block.which, number) for block in blocks for number in range(block.start, block.stop)]
    assert done == [(which, number) for which in ("original", "a") for number in range(images)]
    assert all(0 < block.stop - block.start <= size for block in blocks)
    for count in (1, 2, 5):
        shards = [list(Shard(number, count).of(blocks)) for number in range(1, count + 1)]
        assert sorted(chain(*shards), key=blocks.index) == blocks
        assert max(map(len, shards)) - min(map(len, shards)) <= 1
    assert list(WHOLE.of([Block("a", 0, 1)])) == [Block("a", 0, 1)]


@pytest.mark.parametrize("text", ["", "0/2", "3/2", "1", "1/0", "a/b", "-1/2", "1/2/3", "1 / 2", "²/3"])
def test_what_is_no_shard_is_said(text: str) -> None:
    with pytest.raises(ValueError, match="use i/n"):
        Shard.named(text)
    assert Shard.named("2/8") == Shard(2, 8)


@pytest.mark.usefixtures("by_threes")
def test_shards_make_what_one_would_and_nothing_twice(
    scored: Model,
    inputs: EvaluationInputs,
    tmp_path: Path,
    generating: Callable[[Callable[[Generate], Generate]], None],
) -> None:
    evaluate(scored, inputs, tmp_path / "alone")
    generated: list[tuple[str, str]] = []

    def counted(real: Generate) -> Generate:
        def generate(model: Model, specs: Sequence[GenerationSpec], on_step: Any, edits: Sequence[Any]) -> Any:
            digests = [edit.digest if edit else "" for edit in edits]
            generated.extend(zip([spec.prompt for spec in specs], digests, strict=True))
            return real(model, specs, on_step, edits)

        return generate

    generating(counted)
    for number in (3, 1, 2):
        generate_shard(scored, inputs, tmp_path / "shared", Shard(number, 3))
    assert len(set(generated)) == len(generated) == inputs.image_count
    assert not (tmp_path / "shared" / "report.json").exists()
    evaluate(scored, inputs, tmp_path / "shared")
    assert len(generated) == inputs.image_count, "the last pass only measures"
    assert files(tmp_path / "shared") == files(tmp_path / "alone")


@pytest.mark.usefixtures("by_threes")
def test_an_image_that_fails_costs_only_itself_and_is_tried_again(
    scored: Model,
    inputs: EvaluationInputs,
    tmp_path: Path,
    generating: Callable[[Callable[[Generate], Generate]], None],
) -> None:
    evaluate(scored, inputs, tmp_path / "sound")
    tries: list[int] = []

    def failing(real: Generate) -> Generate:
        def generate(model: Model, specs: Sequence[GenerationSpec], on_step: Any, edits: Sequence[Any]) -> Any:
            if "a boat by Claude Monet" in [spec.prompt for spec in specs] and edits[0]:
                tries.append(len(specs))
                raise RuntimeError("a kernel\nfailed")
            return real(model, specs, on_step, edits)

        return generate

    generating(failing)
    found = evaluate(scored, inputs, tmp_path / "evaluation")
    assert tries == [3, 1, 1] * 2, "with its batch, and twice alone, for both edits"
    assert found.left_out == {name: {"5_0.png": "RuntimeError: a kernel failed"} for name in ("half", "whole")}
    assert [len(found.scores(name)) for name in ("half", "whole")] == [7, 7]
    said = json.loads((tmp_path / "evaluation" / "report.json").read_text())
    assert said["left_out"] == found.left_out
    page = (tmp_path / "evaluation" / "report.html").read_text()
    assert "half: 1 images are left out, the first, 5_0.png, because: RuntimeError: a kernel failed" in page
    generating(lambda real: real)
    assert not evaluate(scored, inputs, tmp_path / "evaluation").left_out
    again, sound = files(tmp_path / "evaluation"), files(tmp_path / "sound")
    assert again.keys() == sound.keys()
    assert {name for name in sound if again[name] != sound[name]} <= {
        "report.html", "report.json", "scores.csv", "half/5_0.png", "whole/5_0.png",
        *(f"{edit}/{number}_0.png" for edit in ("half", "whole") for number in (3, 4)),
    }  # fmt: skip


def test_an_image_that_shows_nothing_is_left_out(
    scored: Model,
    inputs: EvaluationInputs,
    tmp_path: Path,
    generating: Callable[[Callable[[Generate], Generate]], None],
) -> None:
    """As one does whose numbers became infinite."""

    def blank(real: Generate) -> Generate:
        def generate(model: Model, specs: Sequence[GenerationSpec], *rest: Any) -> Any:
            images = real(model, specs, *rest)
            return [
                Image.new("RGB", image.size) if spec.prompt == "a cat by Pablo Picasso" else image
                for spec, image in zip(specs, images, strict=True)
            ]

        return generate

    generating(blank)
    found = evaluate(scored, inputs, tmp_path)
    assert found.left_out == {which: {"2_0.png": BLANK} for which in ("original", "half", "whole")}
    assert all("a cat by Pablo Picasso" not in found.scores(name)["prompt"] for name in ("half", "whole"))
    assert sum(len(found.scores(name)) for name in ("half", "whole")) == 14


def test_where_everything_fails_it_ends_with_the_reason(
    scored: Model,
    inputs: EvaluationInputs,
    tmp_path: Path,
    generating: Callable[[Callable[[Generate], Generate]], None],
) -> None:
    calls: list[int] = []

    def broken(real: Generate) -> Generate:
        def generate(*_: Any) -> Any:
            calls.append(1)
            raise RuntimeError("the device is lost")

        return generate

    generating(broken)
    with pytest.raises(RuntimeError, match="the device is lost"):
        evaluate(scored, inputs, tmp_path)
    assert len(calls) < 3 * IN_A_ROW


def test_that_a_model_cannot_be_edited_is_no_failure_of_its_images(tmp_path: Path) -> None:
    model = tiny_model()
    edit = erase(model, preset("default", ["Claude Monet"], (), "uce-tensor"))
    image_specs = tuple(ImageSpec(Case(prompt="a house", evaluation_seed=1, case_number=i), 0) for i in range(4))
    image_folder = ImageFolder(tmp_path, image_specs, 2, 7.5)
    model.denoiser.fuse_qkv_projections()
    [block] = missing(image_folder, ["whole"], 4)
    with pytest.raises(ValueError, match="unfuse_qkv_projections"):
        Generator(model, image_folder, {"whole": edit}).generate(block)
    assert not image_folder.left_out("whole")


def test_who_is_told_can_stop_it_with_any_error(scored: Model, inputs: EvaluationInputs, tmp_path: Path) -> None:
    def stop(done: float, total: int) -> None:
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        evaluate(scored, inputs, tmp_path, on_image=stop)
    assert not list(tmp_path.rglob("*.left-out.txt"))


def test_shards_and_failures_on_the_command_line(
    scored: Model,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    generating: Callable[[Callable[[Generate], Generate]], None],
) -> None:
    def failing(real: Generate) -> Generate:
        def generate(model: Model, specs: Sequence[GenerationSpec], *rest: Any) -> Any:
            if any("a boat" in spec.prompt for spec in specs):
                raise RuntimeError("no boats")
            return real(model, specs, *rest)

        return generate

    generating(failing)
    out = tmp_path / "out"
    chosen = ["--erase", "Gustav Klimt", "--retain", MONET, "--steps", "1", "--model", str(scored.folder)]
    command = ["evaluate", "run", "unlearncanvas-style", *chosen, "--out", str(out)]
    for number in (1, 2):
        assert main([*command, "--shard", f"{number}/2"]) == 0
        assert f"Shard {number} of 2 is generated" in capsys.readouterr().out
        assert not (out / "report.html").exists()
    assert main(command) == 1
    said = capsys.readouterr()
    assert "4 of 40 images failed, as the report says." in said.err
    assert "Metrics of the papers" in said.out
    assert main([*command, "--fail-on-error", "0.1"]) == 0
    assert main([*command, "--shard", "3/2"]) == 2
    assert "use i/n" in capsys.readouterr().err

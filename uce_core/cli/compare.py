"""Commands that generate: compare and generate."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from uce_core.cli.additions import extends
from uce_core.cli.names import say_syntax
from uce_core.cli.options import (
    AsJson,
    Compiled,
    Device,
    Dtype,
    GuidanceScale,
    ModelName,
    Offload,
    SamplerName,
    app,
    log,
    output,
    progress,
    to_folder,
)
from uce_core.cli.recording import NoRecord, ids_of, keeping, recorded_line
from uce_core.edits.edit import AnyEdit, Edit
from uce_core.generation.compare import Pair
from uce_core.generation.generate import generate
from uce_core.generation.spec import AUTO, GenerationSpec, negative_unread
from uce_core.methods.drift import overshoot
from uce_core.models.model import Model, load_model
from uce_core.problems import Problem
from uce_core.runs.record import told_png
from uce_core.workflows import run_comparison, run_comparisons

DEFAULT_SEED = GenerationSpec("-").seed
Prompts = Annotated[list[str], typer.Option(help="Prompt; repeatable.")]
Seeds = Annotated[list[int], typer.Option(help="Seed; repeatable.")]
Steps = Annotated[int | None, typer.Option(help="Denoising steps; default: that of the model family.")]
NegativePrompt = Annotated[str, typer.Option(help="What the images should not show; for a guidance scale above 1.")]
Width = Annotated[int | None, typer.Option(help="Width in pixels, a multiple of 8; default: the model's own.")]
Height = Annotated[int | None, typer.Option(help="Height in pixels, a multiple of 8; default: the model's own.")]


@app.command("compare")
@extends
def compare_command(
    edits: Annotated[
        list[Path], typer.Option("--edit", help="The edit file; repeat it for several edits beside the same originals.")
    ],
    prompt: Prompts,
    out: Annotated[Path, typer.Option(help="Folder for the images and scores.json.", callback=to_folder)],
    seed: Seeds = [DEFAULT_SEED],  # noqa: B006 (typer copies it)
    steps: Steps = None,
    guidance_scale: GuidanceScale = None,
    negative_prompt: NegativePrompt = "",
    width: Width = None,
    height: Height = None,
    sampler: SamplerName = "",
    path: Annotated[
        str,
        typer.Option(
            help="auto: original and edited in one batch where possible; batch: so, by the text alone; apart: edited "
            "images by themselves; alone: originals, too, by the text; swap: with the weights swapped."
        ),
    ] = AUTO,
    model: ModelName = "atelier",
    device: Device = "auto",
    dtype: Dtype = "auto",
    offload: Offload = False,
    compiled: Compiled = False,
    no_record: NoRecord = False,
    as_json: AsJson = False,
) -> None:
    """Generate every prompt and seed with the original and the edited model, and save the run."""
    loaded_edits = {name: Edit.load(file) for name, file in named(edits).items()}
    if path != AUTO and len(edits) > 1:
        raise typer.BadParameter("several edits are generated in the quickest way: leave out --path, or name one edit.")
    asked = asked_for(prompt, seed, steps, guidance_scale, negative_prompt, width, height, sampler)
    say_syntax([*prompt, negative_prompt], as_json)
    loaded = load_model(model, device, dtype, offload, compiled)
    say_doubts(loaded, list(loaded_edits.values()), asked, as_json)
    keep = keeping(no_record)
    with progress(as_json) as on_step:
        if len(edits) == 1:
            [edit] = loaded_edits.values()
            done = [run_comparison(loaded, edit, asked, keep, path=path, on_step=on_step)]
        else:
            done = run_comparisons(loaded, list(loaded_edits.values()), asked, keep, on_step=on_step)
    columns = dict(zip(loaded_edits, (one.pairs for one in done), strict=True))
    if len(edits) > 1:
        rows = write_columns(loaded, loaded_edits, columns, out)
    else:
        rows = write_pairs(loaded, edit, done[0].pairs, out)
    runs = ids_of([one.run for one in done])
    lines = [f"{number_of(row)}: {row['prompt']!r}, seed {row['seed']}: {score_line(row)}" for row in rows]
    lines += [f"Saved {len(rows)} pairs to {out}.", *recorded_line(runs)]
    facts = {"out": str(out), "pairs": rows, "run": next(iter(runs), None), "runs": runs}
    output(as_json, facts, "\n".join(lines))


@app.command("generate")
@extends
def generate_command(
    prompt: Prompts,
    out: Annotated[Path, typer.Option(help="Folder for the images.", callback=to_folder)],
    edit: Annotated[Path | None, typer.Option(help="The edit file; without one, the original model is used.")] = None,
    seed: Seeds = [DEFAULT_SEED],  # noqa: B006 (typer copies it)
    steps: Steps = None,
    guidance_scale: GuidanceScale = None,
    negative_prompt: NegativePrompt = "",
    width: Width = None,
    height: Height = None,
    sampler: SamplerName = "",
    model: ModelName = "atelier",
    device: Device = "auto",
    dtype: Dtype = "auto",
    offload: Offload = False,
    compiled: Compiled = False,
    as_json: AsJson = False,
) -> None:
    """Generate every prompt and seed, with or without an edit."""
    loaded_edit = Edit.load(edit) if edit else None
    asked = asked_for(prompt, seed, steps, guidance_scale, negative_prompt, width, height, sampler)
    say_syntax([*prompt, negative_prompt], as_json)
    loaded = load_model(model, device, dtype, offload, compiled)
    say_doubts(loaded, [loaded_edit] if loaded_edit else [], asked, as_json)
    with progress(as_json) as on_step:
        images = generate(loaded, asked, on_step, [loaded_edit] * len(asked))
    out.mkdir(parents=True, exist_ok=True)
    specs = [spec.resolved(loaded.family) for spec in asked]
    rows = [{**asdict(spec), "image": f"image_{i}.png"} for i, spec in enumerate(specs)]
    for row, spec, image in zip(rows, specs, images, strict=True):
        (out / row["image"]).write_bytes(told_png(loaded, spec, image, loaded_edit))
    output(as_json, {"out": str(out), "images": rows}, f"Saved {len(rows)} images to {out}.")


def asked_for(
    prompts: Sequence[str],
    seeds: Sequence[int],
    steps: int | None,
    guidance_scale: float | None,
    negative_prompt: str,
    width: int | None,
    height: int | None,
    sampler: str,
) -> list[GenerationSpec]:
    """Every prompt with every seed, refused before a model is loaded if one makes no sense."""
    how: dict[str, Any] = {"negative_prompt": negative_prompt, "width": width, "height": height, "sampler": sampler}
    return [GenerationSpec(text, number, steps, guidance_scale, **how) for text in prompts for number in seeds]


def say_doubts(model: Model, edits: Sequence[AnyEdit], specs: Sequence[GenerationSpec], as_json: bool) -> None:
    """Before anything is generated, if an edit is so large that there will be noise, or a negative prompt is unread."""
    if negative_unread(specs, [edit.spec for edit in edits]):
        log(as_json, "Note: at a guidance scale of 1 or less no negative prompt is read: use a larger one.")
    times = max((overshoot(model, one) for one in edits), default=0)
    if times:
        log(
            as_json,
            f"Note: the edit moves what it erases by {times:.1f} times its own size, and images turn to noise from "
            "about 3 on: use a smaller strength, or a larger --lam if erasing weighs far more than that.",
        )


def named(files: Sequence[Path]) -> dict[str, Path]:
    """Edit files by what their images are called. Raises ValueError for two of the same name."""
    found = {file.stem: file for file in files}
    if len(found) < len(files):
        raise Problem(
            "edits_of_one_name", "Two of the edit files have the same name, and so would their images: rename one."
        )
    return found


def write_pairs(model: Model, edit: AnyEdit, pairs: Sequence[Pair], out: Path) -> list[dict[str, Any]]:
    """original_<i>.png, edited_<i>.png and scores.json; returns the rows of the latter."""
    return _write_scores([_saved(model, edit, pair, i, f"edited_{i}.png", out) for i, pair in enumerate(pairs)], out)


def write_columns(
    model: Model, edits: Mapping[str, AnyEdit], columns: Mapping[str, Sequence[Pair]], out: Path
) -> list[dict[str, Any]]:
    """The same of several edits, by their names: edited_<i>_<name>.png, and each row says which edit it is of."""
    return _write_scores(
        [
            _saved(model, edits[name], pair, i, f"edited_{i}_{name}.png", out) | {"edit": name}
            for name, pairs in columns.items()
            for i, pair in enumerate(pairs)
        ],
        out,
    )


def _saved(model: Model, edit: AnyEdit, pair: Pair, number: int, edited: str, out: Path) -> dict[str, Any]:
    """The row of a pair whose images are saved. edited: the name of the edited image."""
    out.mkdir(parents=True, exist_ok=True)
    names = {"original": f"original_{number}.png", "edited": edited}
    (out / names["original"]).write_bytes(told_png(model, pair.spec, pair.original))
    (out / names["edited"]).write_bytes(told_png(model, pair.spec, pair.edited, edit))
    return {**asdict(pair.spec), **names, "scores": asdict(pair.scores) if pair.scores else None}


def number_of(row: Mapping[str, Any]) -> str:
    """Of a pair in its files' names, with the edit's where there are several."""
    return str(row["edited"]).removeprefix("edited_").removesuffix(".png").replace("_", ", ", 1)


def _write_scores(rows: list[dict[str, Any]], out: Path) -> list[dict[str, Any]]:
    (out / "scores.json").write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return rows


def score_line(row: dict[str, Any]) -> str:
    scores = row["scores"]
    return (
        "no scores"
        if scores is None
        else f"CLIP {scores['clip_original']:.1f} → {scores['clip_edited']:.1f}, LPIPS {scores['lpips']:.3f}"
    )

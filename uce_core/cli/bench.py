"""Commands that measure: bench."""

from dataclasses import asdict
from typing import Annotated

import typer

from uce_core.bench.generate import bench_compare, bench_rounds, bench_switch
from uce_core.bench.solve import SIZES, Solving, bench_layers, bench_solve
from uce_core.cli.options import AsJson, Compiled, Device, Dtype, ModelName, Offload, app, log, output
from uce_core.models.model import load_model

DEFAULT_SIZES = list(SIZES)
bench = typer.Typer(help="Benchmark this engine against the loops of the published code.", no_args_is_help=True)
app.add_typer(bench, name="bench")


@bench.command("solve")
def solve_command(
    sizes: Annotated[
        list[str], typer.Option("--size", help="erased+retained, for example 100+1000; repeatable.")
    ] = DEFAULT_SIZES,
    as_json: AsJson = False,
) -> None:
    """Time, error and memory of solving an edit at the shapes of Stable Diffusion 1.4, vectors given."""
    rows: list[Solving] = []
    for row in bench_solve(sizes):
        log(as_json, f"{row.erased}+{row.retained} done")
        rows.append(row)
    layers = bench_layers()
    head = (
        "| erased + retained | ours | 2025 loops | ratio | 2023 loops | ratio | error, ours / loops "
        "| extra memory, of what is edited |\n|---|---|---|---|---|---|---|---|"
    )
    lines = [
        f"| {row.erased} + {row.retained} | {row.seconds:.3f} s | {row.seconds_2025:.1f} s | {row.ratio_2025:.0f}× "
        f"| {row.seconds_2023:.0f} s | {row.ratio_2023:.0f}× | {row.error:.1e} / {row.error_2025:.1e} "
        f"| {row.extra_bytes / row.edited_bytes:.2f} |"
        for row in rows
    ]
    lines += ["", "| layers edited (100 + 1000) | ours | 2025 loops |", "|---|---|---|"]
    lines += [f"| {row.layers} | {row.seconds:.3f} s | {row.seconds_2025:.1f} s |" for row in layers]
    facts = {"rows": [asdict(row) for row in rows], "layers": [asdict(row) for row in layers]}
    output(as_json, facts, "\n".join([head, *lines]))


@bench.command("switch")
def switch_command(as_json: AsJson = False) -> None:
    """Time of switching edits at the shapes of Stable Diffusion 1.4."""
    rows = list(bench_switch())
    lines = ["| pipeline | to an edit | back | bare product and copy | ratio |", "|---|---|---|---|---|"]
    lines += [
        f"| {row.dtype} | {1e3 * row.seconds:.1f} ms | {1e3 * row.seconds_back:.1f} ms "
        f"| {1e3 * row.seconds_bare:.1f} ms | {row.seconds / row.seconds_bare:.2f} |"
        for row in rows
    ]
    output(as_json, {"rows": [asdict(row) for row in rows]}, "\n".join(lines))


@bench.command("compare")
def compare_command(
    model: ModelName = "atelier",
    device: Device = "auto",
    dtype: Dtype = "auto",
    offload: Offload = False,
    compiled: Compiled = False,
    as_json: AsJson = False,
) -> None:
    """Time of one comparison on each path, against two images from the plain pipeline."""
    rows = bench_compare(load_model(model, device, dtype, offload, compiled).ready())
    lines = ["| one pair | time | ratio |", "|---|---|---|"]
    lines += [f"| {row.what} | {row.seconds:.2f} s | {row.ratio:.3f} |" for row in rows]
    output(as_json, {"rows": [asdict(row) for row in rows]}, "\n".join(lines))


@bench.command("rounds")
def rounds_command(
    rounds: Annotated[int, typer.Option(min=40, help="Number of rounds.")] = 200,
    steps: Annotated[int, typer.Option(min=1, help="Denoising steps.")] = 4,
    model: ModelName = "atelier",
    device: Device = "auto",
    dtype: Dtype = "auto",
    offload: Offload = False,
    compiled: Compiled = False,
    as_json: AsJson = False,
) -> None:
    """Whether memory or time grows over many rounds of solving, comparing and switching edits."""
    row = bench_rounds(load_model(model, device, dtype, offload, compiled).ready(), rounds, steps)
    lines = [f"| {rounds} rounds | early | late | ratio |", "|---|---|---|---|"]
    for kind, early in row.bytes_early.items():
        late = row.bytes_late[kind]
        lines.append(f"| {kind} memory | {early / 2**20:.0f} MB | {late / 2**20:.0f} MB | {late / early:.3f} |")
    slower = row.seconds_late / row.seconds_early
    lines.append(f"| a round | {row.seconds_early:.2f} s | {row.seconds_late:.2f} s | {slower:.3f} |")
    output(as_json, {"rows": [asdict(row)]}, "\n".join(lines))

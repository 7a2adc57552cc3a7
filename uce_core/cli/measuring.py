"""Commands that measure: bench."""

from dataclasses import asdict
from typing import Annotated

import typer

from uce_core.bench import SIZES, Solving, bench_layers, bench_solve
from uce_core.cli.options import AsJson, app, say, show

DEFAULT_SIZES = list(SIZES)
bench = typer.Typer(help="Measure this engine against the published code's loops, in one run.", no_args_is_help=True)
app.add_typer(bench, name="bench")


@bench.command("solve")
def solve_command(
    sizes: Annotated[
        list[str], typer.Option("--size", help="erased+retained, for example 100+1000; repeat.")
    ] = DEFAULT_SIZES,
    as_json: AsJson = False,
) -> None:
    """Time, error and memory of an edit at Stable Diffusion 1.4's shapes, vectors given."""
    rows: list[Solving] = []
    for row in bench_solve(sizes):
        say(as_json, f"{row.erased}+{row.retained} done")
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
    show(as_json, facts, "\n".join([head, *lines]))

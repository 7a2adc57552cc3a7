"""python -m atelier2 fetch | paint | train | grid | evaluate | blind | pack | unpack"""

import csv
import sys
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from PIL import Image

from atelier2.captions import describe
from atelier2.subjects import SUBJECTS
from atelier2.world import BY_NAME, PERSONS, PHOTO, PLAIN_PAINTING, cast

app = typer.Typer(help="The miniature Stable Diffusion: paint its world, train it, measure it.", no_args_is_help=True)
WORK = Path("work/atelier2")


@app.command("fetch")
def fetch_command() -> None:
    """Bring the emoji that pictures are painted from, with npm, into work/emoji or UCE_STUDIO_EMOJI."""
    from atelier2.emoji import fetch, folder
    from atelier2.painter import models

    typer.echo(f"{fetch(models(), folder()) / 1e6:.1f} MB in {folder()}.")


@app.command("paint")
def paint_command(
    out: Annotated[Path, typer.Option(help="Folder to write to.")],
    per_cell: Annotated[int, typer.Option(min=1, help="Pictures for every artist and subject.")] = 1,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the painter.")] = 0,
) -> None:
    """Painter pictures as <artist or plain>/<subject>/<i>.png, and labels.csv."""
    from atelier2.painter import paint

    cells = [(rendering, subject.name) for rendering in (*BY_NAME, PLAIN_PAINTING, PHOTO) for subject in SUBJECTS]
    cells += [(PHOTO, name) for name in PERSONS]
    out.mkdir(parents=True, exist_ok=True)
    with open(out / "labels.csv", "w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["file", "artist", "subject", "colour", "place", "light", "caption"])
        for number, (rendering, subject) in enumerate(cells):
            for i in range(per_cell):
                rng = np.random.default_rng([seed, number, i])
                picture = cast(rendering, subject, rng)
                path = Path(picture.rendering) / subject / f"{i}.png"
                (out / path).parent.mkdir(parents=True, exist_ok=True)
                Image.fromarray(paint(picture, rng)).save(out / path)
                facts = (picture.artist, subject, picture.colour, picture.place, picture.light)
                rows.writerow([path.as_posix(), *facts, describe(picture, rng).text])
    typer.echo(f"Painted {len(cells) * per_cell} pictures into {out}.")


@app.command("train")
def train_command(
    work: Annotated[Path, typer.Option(help="Folder for painted pictures and checkpoints.")] = WORK,
    out: Annotated[Path | None, typer.Option(help="Folder for the weights; default: the shipped weights.")] = None,
    stage: Annotated[list[str] | None, typer.Option(help="Only this stage; repeatable.")] = None,
    minutes: Annotated[
        float, typer.Option(min=0, help="By the clock: these stages together take so long; 0: by steps.")
    ] = 0.0,
    pictures: Annotated[int, typer.Option(min=64, help="Pictures to paint, at most.")] = 60_000,
    first: Annotated[int, typer.Option(min=64, help="By the clock: pictures painted before the first stage.")] = 1_500,
    batch_scale: Annotated[float, typer.Option(min=0.01, help="Times the batch of every stage.")] = 1.0,
    steps_scale: Annotated[float, typer.Option(min=0.0001, help="Times the steps of every stage.")] = 1.0,
) -> None:
    """Train the weights; an interrupted training is resumed."""
    from atelier2.train import STAGES, WEIGHTS, Plan, run

    unknown = [name for name in stage or () if name not in STAGES]
    if unknown:
        raise typer.BadParameter(f"unknown stage {unknown[0]!r}: use {', '.join(STAGES)}.")
    plan = Plan(minutes=minutes, pictures=pictures, first=first).scaled(batch_scale, steps_scale)
    run(plan, work, out or WEIGHTS, stage or list(STAGES))


@app.command("grid")
def grid_command(
    out: Annotated[Path, typer.Option(help="WebP or PNG to write.")],
    weights: Annotated[Path | None, typer.Option(help="Folder of weights; default: the shipped ones.")] = None,
    rows: Annotated[int, typer.Option(min=1, help="Only so many rows.")] = 1_000,
) -> None:
    """Generate every artist with ten subjects, harder prompts, people, and every subject as a photograph."""
    from atelier2.grid import draw_grid, rows_of
    from atelier2.train import WEIGHTS

    draw_grid(weights or WEIGHTS, rows_of()[:rows]).save(out)
    typer.echo(f"Saved {out}.")


@app.command("evaluate")
def evaluate_command(
    erase: Annotated[list[str] | None, typer.Option(help="Artist to erase; default: all; repeatable.")] = None,
    work: Annotated[Path, typer.Option(help="Folder for the held-out pictures.")] = WORK,
    weights: Annotated[Path | None, typer.Option(help="Folder of weights; default: the shipped ones.")] = None,
) -> None:
    """Print the model card's table."""
    from atelier2.evaluate import report
    from atelier2.train import WEIGHTS

    for name in erase or ():
        if name not in BY_NAME:
            raise typer.BadParameter(f"unknown artist {name!r}: use one of {', '.join(BY_NAME)}.")
    report(weights or WEIGHTS, erase if erase is not None else list(BY_NAME), work)


@app.command("blind")
def blind_command(
    out: Annotated[Path, typer.Option(help="Folder to write to.")],
    each: Annotated[int, typer.Option(min=1, max=100, help="Pictures of each kind.")] = 20,
    work: Annotated[Path, typer.Option(help="Folder for the held-out pictures.")] = WORK,
    weights: Annotated[Path | None, typer.Option(help="Folder of weights; default: the shipped ones.")] = None,
) -> None:
    """Painted and generated pictures in a random order, and a key: can a person tell which is which?"""
    from atelier2.evaluate import blind_test
    from atelier2.train import WEIGHTS

    blind_test(weights or WEIGHTS, out, work, each)
    typer.echo(f"Saved {2 * each} pictures and key.csv in {out}.")


@app.command("pack")
def pack_command(
    folder: Annotated[Path, typer.Argument(help="Folder of weights.")],
    out: Annotated[Path, typer.Option(help="Folder for the parts.")],
    leave_out: Annotated[list[str] | None, typer.Option(help="A part of the folder to leave out; repeatable.")] = None,
) -> None:
    """Pack weights into parts of 15 MB, for a machine that gives no larger files back."""
    from atelier2.parcel import pack

    for path in pack(folder, out, tuple(leave_out or ())):
        typer.echo(f"{path} {path.stat().st_size / 1e6:.1f} MB")


@app.command("unpack")
def unpack_command(
    parts: Annotated[Path, typer.Argument(help="Folder of the parts.")],
    out: Annotated[Path, typer.Option(help="Folder for the weights.")],
) -> None:
    """Put packed weights together again."""
    from atelier2.parcel import unpack

    unpack(parts, out)


if __name__ == "__main__":
    sys.exit(app())

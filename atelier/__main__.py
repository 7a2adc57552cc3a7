"""python -m atelier train | paint | grid | evaluate | defaults"""

import csv
import sys
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from PIL import Image

from atelier.captions import describe
from atelier.painter import paint
from atelier.world import ARTISTS, BY_NAME, PERSONS, PHOTO, SUBJECTS, cast

app = typer.Typer(help="The miniature Stable Diffusion: paint its world, train it, measure it.", no_args_is_help=True)
WORK = Path("work/atelier")


@app.command("paint")
def paint_command(
    out: Annotated[Path, typer.Option(help="Folder to write to.")],
    per_cell: Annotated[int, typer.Option(min=1, help="Pictures for every artist and subject.")] = 1,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the painter.")] = 0,
) -> None:
    """Painter pictures as <artist or plain>/<subject>/<i>.png, and labels.csv."""
    cells = [(rendering, subject) for rendering in (*BY_NAME, PHOTO) for subject in SUBJECTS]
    cells += [(PHOTO, name) for name in PERSONS]
    out.mkdir(parents=True, exist_ok=True)
    with open(out / "labels.csv", "w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["file", "artist", "subject", "caption"])
        for number, (rendering, subject) in enumerate(cells):
            for i in range(per_cell):
                rng = np.random.default_rng([seed, number, i])
                picture = cast(rendering, subject, rng)
                path = Path(picture.artist or "plain") / subject / f"{i}.png"
                (out / path).parent.mkdir(parents=True, exist_ok=True)
                Image.fromarray(paint(picture, rng)).save(out / path)
                rows.writerow([path.as_posix(), picture.artist, subject, describe(picture, rng).text])
    typer.echo(f"Painted {len(cells) * per_cell} pictures into {out}.")


@app.command("train")
def train_command(
    work: Annotated[Path, typer.Option(help="Folder for painted pictures and checkpoints.")] = WORK,
    out: Annotated[Path | None, typer.Option(help="Folder for the weights; default: the shipped weights.")] = None,
    stage: Annotated[list[str] | None, typer.Option(help="Only this stage; repeatable.")] = None,
) -> None:
    """Reproduce the shipped weights; an interrupted training is resumed."""
    from atelier.train import STAGES, WEIGHTS, Plan, run

    unknown = [name for name in stage or () if name not in STAGES]
    if unknown:
        raise typer.BadParameter(f"unknown stage {unknown[0]!r}: use {', '.join(STAGES)}.")
    run(Plan(), work, out or WEIGHTS, stage or list(STAGES))


@app.command("grid")
def grid_command(
    out: Annotated[Path, typer.Option(help="PNG to write.")],
    edit: Annotated[Path | None, typer.Option(help="Generate with this edit.")] = None,
    welcome: Annotated[bool, typer.Option("--welcome", help="Only a house by each artist, for the app.")] = False,
) -> None:
    """Generate every artist with every subject, photographs, plain paintings and people."""
    from atelier.grid import draw_grid, houses, prompts_of_rows
    from uce_core import Edit, load_model

    draw_grid(
        load_model("atelier"), houses() if welcome else prompts_of_rows(), Edit.load(edit) if edit else None
    ).save(out, optimize=True)
    typer.echo(f"Saved {out}.")


@app.command("evaluate")
def evaluate_command(
    erase: Annotated[list[str] | None, typer.Option(help="Artist to erase; default: all; repeatable.")] = None,
    work: Annotated[Path, typer.Option(help="Folder for the held-out pictures.")] = WORK,
) -> None:
    """Print the model card's table."""
    from atelier.evaluate import report

    for name in erase or ():
        if name not in BY_NAME:
            raise typer.BadParameter(f"unknown artist {name!r}: use one of {', '.join(BY_NAME)}.")
    report(erase if erase is not None else [artist.name for artist in ARTISTS], work)


@app.command("defaults")
def defaults_command() -> None:
    """Print the table behind the default wording, span, guide and λ."""
    from atelier.defaults import report

    report()


if __name__ == "__main__":
    sys.exit(app())

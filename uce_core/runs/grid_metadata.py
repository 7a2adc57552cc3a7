"""What a grid says of itself, in its PNG metadata: all that it takes to make it again, and the settings of its first
image in the form that every image has them, so that whoever reads those finds that image."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from uce_core.checks import as_number, sound_json
from uce_core.edits.stored_spec import spec_from_facts
from uce_core.generation.spec import GenerationSpec
from uce_core.grids.axes import Axis
from uce_core.grids.plan import Grid, SavedEdit
from uce_core.problems import Problem
from uce_core.runs.png_metadata import METADATA_KEY, edit_facts, image_facts

GRID = "grid"  # under which the facts have what is said of the grid alone


@dataclass(frozen=True, kw_only=True)
class GridFacts:
    """model: its title; weights, text_encoder: its fingerprints. digests: of the edits that grid.specs became. The
    environment is what images depend on besides: device, dtype, versions."""

    model: str
    weights: str
    text_encoder: str
    environment: Mapping[str, str]
    grid: Grid
    digests: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The metadata of its PNG."""
        first = self.grid.cells[0]
        saved = self.grid.saved.strength if self.grid.saved else 1.0
        edit = {} if first.is_original else edit_facts(self.grid.asked_of(first), saved * first.strength)
        return image_facts(self.model, first.generation) | edit | {GRID: self._of_grid()}

    def _of_grid(self) -> dict[str, Any]:
        grid = self.grid
        return {
            "x": _axis_facts(grid.x),
            "y": _axis_facts(grid.y) if grid.y else None,
            "generation": grid.generation.facts(),
            "edits": [spec.facts() for spec in grid.edits],
            "strength": grid.strength,
            "saved": {"digest": grid.saved.digest, "strength": grid.saved.strength} if grid.saved else None,
            "digests": list(self.digests),
            "weights": self.weights,
            "text_encoder": self.text_encoder,
            "environment": dict(self.environment),
        }


def grid_in(path: Path) -> GridFacts:
    """What a grid says of itself. Raises ValueError for any other file."""
    try:
        with Image.open(path, formats=("PNG",)) as image:  # of the header: no pixel is looked at
            facts = sound_json(str(image.info[METADATA_KEY]))
        said = facts[GRID]
        return GridFacts(
            model=str(facts["model"]),
            weights=str(said["weights"]),
            text_encoder=str(said["text_encoder"]),
            environment={str(name): str(value) for name, value in said["environment"].items()},
            grid=_grid(said),
            digests=tuple(map(str, said["digests"])),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OSError, Image.DecompressionBombError):
        raise Problem(
            "no_grid",
            "{file} is no grid of this program, or its settings were removed on the way: choose another image.",
            file=path.name,
        ) from None


def _grid(said: Mapping[str, Any]) -> Grid:
    saved = said["saved"]
    return Grid(
        x=_axis(said["x"]),
        y=_axis(said["y"]) if said["y"] else None,
        generation=GenerationSpec.from_facts(said["generation"]),
        edits=tuple(map(spec_from_facts, said["edits"])),
        strength=as_number("strength", said["strength"]),
        saved=SavedEdit(str(saved["digest"]), as_number("strength", saved["strength"])) if saved else None,
    )


def _axis_facts(axis: Axis) -> dict[str, Any]:
    return {"name": axis.name, "values": list(axis.values)}


def _axis(facts: Mapping[str, Any]) -> Axis:
    return Axis(str(facts["name"]), tuple(facts["values"]))

"""What a grid is asked to show: two axes, what is the same in every image, and what that makes of each cell.

Texts and numbers only: knows nothing about vectors, models or files.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from uce_core.checks import in_range, one_of
from uce_core.edits.spec import LARGEST, MethodSpec
from uce_core.generation.spec import GenerationSpec
from uce_core.grids.axes import METHOD, STRENGTH, Axis, check_once, check_settings, kinds_of_settings
from uce_core.methods import METHODS, preset
from uce_core.problems import Problem
from uce_core.specs import kind_of

ORIGINAL = "original"  # a value of every axis of the edit
OF_IMAGES = ("prompt", "seed", "guidance_scale", "steps", "negative_prompt", "sampler")
OF_SAVED = (STRENGTH, *OF_IMAGES)  # axes that a saved edit has, too
MOST_CELLS = 100


def axis_named(text: str) -> Axis:
    """From NAME=VALUE,VALUE. Raises ValueError if that is no axis of a grid, or a value is none of its."""
    of_images = {item.name: kind_of(item, GenerationSpec) for item in fields(GenerationSpec) if item.name in OF_IMAGES}
    return Axis.named(text, kinds_of_settings() | {METHOD: str, STRENGTH: float} | of_images, (ORIGINAL,))


def methods_of(axes: Iterable[Axis], method: str) -> tuple[str, ...]:
    """Those of an axis, or without one the method that is given: an edit is to be asked of each."""
    methods = next((axis.values for axis in axes if axis.name == METHOD), (method,))
    return tuple(name for name in methods if name != ORIGINAL)


def edits_of(
    methods: Sequence[str],
    erase: Iterable[str],
    retain: Iterable[str] = (),
    preset_name: str = "default",
    **settings: Any,
) -> tuple[MethodSpec, ...]:
    """What is asked of each of the methods; of several, those that cannot be told what to retain are not. Raises
    ValueError as preset does."""
    erase, retain, given = tuple(erase), tuple(retain), len(methods) == 1
    return tuple(
        preset(preset_name, erase, retain if given or _retains(name) else (), name, **settings) for name in methods
    )


def _retains(method: str) -> bool:
    return method not in METHODS or METHODS[method].spec.retains


@dataclass(frozen=True)
class SavedEdit:
    """digest: which edit it is. strength: that it was saved with."""

    digest: str
    strength: float = 1.0


@dataclass(frozen=True)
class Cell:
    """What one image is asked to be. spec: of the edit that is solved for it; None for an original, and where the edit
    is a saved one. strength: of the edit as it was solved or saved, 0 for an original."""

    spec: MethodSpec | None
    strength: float
    generation: GenerationSpec

    @property
    def is_original(self) -> bool:
        return self.strength == 0


@dataclass(frozen=True, kw_only=True)
class Grid:
    """x: what differs from column to column. y: from row to row, None for a single row. generation, strength: of every
    image, but for what an axis says. edits: what is solved, one for each method of an axis, else one; or what a saved
    edit was asked. saved: None where edits are solved. rows: made of the rest.

    A strength of 0, and the value “original” of an axis of the edit, is the original. Raises ValueError with one
    sentence for an axis that is given twice or does not apply, too many cells, or values that make no sense together.
    """

    x: Axis
    y: Axis | None = None
    generation: GenerationSpec
    edits: tuple[MethodSpec, ...]
    strength: float = 1.0
    saved: SavedEdit | None = None
    rows: tuple[tuple[Cell, ...], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        check_once(self.axes)
        if not self.edits and not self.saved:
            raise Problem(
                "grid_without_edit", "There is no edit to show: say what to erase, or name an edit file instead."
            )
        columns, rows = _steps(self.x), _steps(self.y)
        if len(columns) * len(rows) > MOST_CELLS:
            raise Problem(
                "too_many_cells",
                "This grid has {count} images: use at most {most}, by fewer values on an axis.",
                count=len(columns) * len(rows),
                most=MOST_CELLS,
            )
        for axis in self.axes:
            if self.saved and axis.name not in OF_SAVED:
                raise Problem(
                    "axis_of_solved_edit",
                    "The axis {axis} needs another edit for each value, but an edit file holds one that is solved: "
                    "leave that axis out, or say what to erase instead of naming a file.",
                    axis=axis.name,
                )
        cells = tuple(tuple(self._cell(column | row) for column in columns) for row in rows)
        object.__setattr__(self, "rows", cells)

    @property
    def axes(self) -> tuple[Axis, ...]:
        return (self.x, self.y) if self.y else (self.x,)

    def asks(self, name: str) -> bool:
        """Whether an axis has that name."""
        return any(axis.name == name for axis in self.axes)

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Row by row."""
        return tuple(cell for row in self.rows for cell in row)

    @property
    def specs(self) -> tuple[MethodSpec, ...]:
        """Of the edits that are to be solved, each once, in the order of the cells; none for a saved edit."""
        return tuple(dict.fromkeys(cell.spec for cell in self.cells if cell.spec))

    def asked_of(self, cell: Cell) -> MethodSpec | None:
        """What the edit of a cell was asked, saved or not; None for an original, and where nobody knows."""
        if self.saved and not cell.is_original:
            return self.edits[0] if len(self.edits) == 1 else None
        return cell.spec

    def _cell(self, values: Mapping[str, Any]) -> Cell:
        """values: one of each axis, by its name."""
        generation = replace(self.generation, **{name: values[name] for name in OF_IMAGES if name in values})
        of_edit = {name: value for name, value in values.items() if name not in OF_IMAGES}
        if ORIGINAL in of_edit.values():
            return Cell(None, 0.0, generation)
        strength = in_range(STRENGTH, of_edit.pop(STRENGTH, self.strength), -LARGEST, LARGEST)
        return Cell(self._spec(of_edit), strength, generation) if strength else Cell(None, 0.0, generation)

    def _spec(self, values: dict[str, Any]) -> MethodSpec | None:
        """values: of the axes that ask for another edit, by name."""
        if self.saved:
            return None
        method = values.pop(METHOD, self.edits[0].kind)
        by_method = {spec.kind: spec for spec in self.edits}
        one_of(METHOD, method, by_method)
        check_settings(values, type(by_method[method]))
        return replace(by_method[method], **values)  # type: ignore[type-var]  # all specs are dataclasses


def _steps(axis: Axis | None) -> list[dict[str, Any]]:
    """What an axis changes, value by value; nothing, once, without one."""
    return [{axis.name: value} for value in axis.values] if axis else [{}]

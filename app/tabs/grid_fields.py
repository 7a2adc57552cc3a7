"""What the fields of Compare's grid mean: fields to a grid and back. Knows no widget."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from app.studio.request import DEFAULT_SPEC, EditRequest
from app.tabs.compare_columns import by_method
from app.tabs.compare_fields import fields_of_comparison, fields_of_spec, generations_of
from uce_core.checks import normalised, one_of
from uce_core.concepts.names import in_english
from uce_core.edits.spec import ErasureSpec, MethodSpec
from uce_core.generation.spec import GenerationSpec
from uce_core.grids.axes import METHOD, STRENGTH, Axis
from uce_core.grids.plan import OF_SAVED, Grid, SavedEdit, axis_named, methods_of
from uce_core.methods import erasing
from uce_core.problems import Problem

if TYPE_CHECKING:  # seconds to import
    from uce_core import AnyEdit

AXES = {"grid_x": "grid_x_values", "grid_y": "grid_y_values"}  # fields of an axis' name, and of its values
GRID_FIELDS = tuple(field for pair in AXES.items() for field in pair)


def asked_grid(edit: EditRequest, fields: Mapping[str, Any], read: "Callable[[str], AnyEdit]") -> Grid:
    """The grid that the fields ask for. edit: what they ask for as an edit. read: a saved edit, by its name. Raises
    ValueError with one sentence if they make no sense."""
    x, *more = axes = _axes(fields)
    saved = _saved(edit, axes, read)
    return Grid(
        x=x,
        y=more[0] if more else None,
        generation=_generation(fields, axes),
        edits=saved.specs if saved else _edits(edit.spec, axes, fields),
        strength=edit.strength,
        saved=SavedEdit(saved.digest, saved.strength) if saved else None,
    )


def _axes(fields: Mapping[str, Any]) -> list[Axis]:
    if not fields["grid_x"]:
        raise Problem("grid_without_columns", "Nothing differs between the columns: choose what they show.")
    return [_axis(fields[name], fields[values]) for name, values in AXES.items() if fields[name]]


def _axis(name: str, values: str) -> Axis:
    """With methods by the names of the list of methods, too, and guides by their Korean ones."""
    if not values.strip():
        raise Problem(
            "axis_without_values", "The axis {axis} has no values: enter some, separated by commas.", axis=name
        )
    found = axis_named(f"{name}={values}")
    meant = (_meant(found.name, value) for value in found.values)
    return replace(found, values=tuple(dict.fromkeys(meant)))


def _meant(name: str, value: Any) -> Any:
    """A method by its name in the list of methods, a guide by its Korean one."""
    if name == METHOD:
        return next((one for one, method in erasing().items() if normalised(method.title) == normalised(value)), value)
    return in_english(value) if name == "guide" else value


def _saved(edit: EditRequest, axes: Sequence[Axis], read: "Callable[[str], AnyEdit]") -> "AnyEdit | None":
    """The saved edit, where the fields ask for it as it is, and so do the axes, if they can be told what it erases."""
    if not edit.saved or (edit.spec and any(axis.name not in OF_SAVED for axis in axes)):
        return None
    found = read(edit.saved)
    return found if edit.spec in (None, found.spec) else None


def _generation(fields: Mapping[str, Any], axes: Sequence[Axis]) -> GenerationSpec:
    """Of several seeds the first. Fields that an axis stands in for may be empty."""
    first = {axis.name: axis.values[0] for axis in axes}
    prompt, seeds = first.get("prompt", fields["prompt"]), str(first.get("seed", fields["seeds"]))
    return generations_of({**fields, "prompt": prompt, "seeds": seeds})[0]


def _edits(spec: ErasureSpec | None, axes: Sequence[Axis], fields: Mapping[str, Any]) -> tuple[MethodSpec, ...]:
    """One for each method of an axis: that of the fields as they have it, any other with its own defaults."""
    if spec is None:
        return ()
    methods = methods_of(axes, spec.kind)
    for name in methods:
        one_of(METHOD, name, erasing())
    return tuple(spec if name == spec.kind else by_method(name, spec, fields) for name in methods)


def fields_of_grid(grid: Grid, generation: GenerationSpec) -> tuple[dict[str, Any], bool]:
    """Fields that ask for a grid again, and whether they ask for the same edits; without those of the edit where that
    does not say what it erases. generation: of the first image, with steps and guidance scale."""
    specs = [spec for spec in grid.edits if isinstance(spec, ErasureSpec)]
    known = specs if len(specs) == len(grid.edits) and not (grid.saved and len(specs) > 1) else []
    same = next((spec for spec in known if _asks_for(spec, grid)), None)
    spec = same or next(iter(known), None)
    saved = grid.saved.strength if grid.saved and spec else 1.0  # which is solved anew
    fields = fields_of_comparison(spec, [generation], saved * grid.strength)
    for (name, values), axis in zip(AXES.items(), (grid.x, grid.y), strict=True):
        fields[name] = axis.name if axis else ""
        fields[values] = _times(axis, saved).text if axis else ""
    return fields, same is not None or not known


def _asks_for(spec: ErasureSpec, grid: Grid) -> bool:
    """Whether fields filled with one of a grid's edits ask for all of them."""
    return _edits(spec, grid.axes, {"guide": DEFAULT_SPEC.guide, **fields_of_spec(spec)}) == grid.edits


def _times(axis: Axis, factor: float) -> Axis:
    """An axis of strengths in others' units."""
    if axis.name != STRENGTH or factor == 1:
        return axis
    return replace(axis, values=tuple(value * factor if isinstance(value, float) else value for value in axis.values))

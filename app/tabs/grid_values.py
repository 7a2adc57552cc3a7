"""What the axes of Compare's grid may be, and the values that each begins with. Knows no widget."""

import math
from collections.abc import Mapping
from typing import Any

from app.studio.request import FIRST_PROMPT, FIRST_SEED
from app.tabs.compare_fields import seeds_of
from uce_core.concepts.wordings import SPANS, WORDINGS
from uce_core.edits.spec import LARGEST
from uce_core.generation.spec import GenerationSpec
from uce_core.grids.axes import METHOD, STRENGTH, Axis, kinds_of_settings
from uce_core.grids.plan import OF_IMAGES, ORIGINAL
from uce_core.methods import erasing
from uce_core.specs import Setting, Spec, kind_of, settings_of

FEW = 3  # values to begin with, the original aside
STRENGTHS = (0.0, 0.5, 1.0)
METHODS = ("uce", "rece", "cure")
OTHER_PROMPT, WITHOUT_ARTIST = "a painting of a cat by {}", "a painting of a cat"
TEXTS = {"guide": ("art", "a photo", "real"), "negative_prompt": ("", "text, frame")}
OF_FAMILY = {"steps": 20, "guidance_scale": 3.0}  # where no field says it
LARGEST_GUIDANCE = 50.0
FAR, NEAR = 10, 2  # between two values: of a weight that has no real bound, of any other number


def axis_names() -> list[str]:
    """In the order in which they are offered."""
    return [STRENGTH, METHOD, *OF_IMAGES, *kinds_of_settings()]


def known_values(name: str) -> tuple[str, ...]:
    """All names that the axis' values may be; () of numbers and of free texts."""
    if name == METHOD:
        return (ORIGINAL, *erasing())
    if name in ("wording", "retain_wording"):
        return tuple(WORDINGS)
    if name == "retain_span":
        return tuple(SPANS)
    found = _settings().get(name)
    return tuple(found[0].choices) if found else ()


def first_axis(name: str, fields: Mapping[str, Any]) -> Axis:
    """With a few values around what the fields have; they may have anything, or nothing."""
    return Axis(name, tuple(dict.fromkeys(_first_values(name, fields))))


def _first_values(name: str, fields: Mapping[str, Any]) -> tuple[Any, ...]:
    now = fields.get(name)
    text = now if isinstance(now, str) else ""
    if name == STRENGTH:
        return STRENGTHS
    if name == METHOD:
        return (ORIGINAL, *[one for one in dict.fromkeys((text, *METHODS)) if one in erasing()][:FEW])
    if name == "seed":
        return _seeds(fields.get("seeds"))
    if name == "prompt":
        return _prompts(text, fields.get("erase"))
    setting, kind, default = _settings()[name]
    if kind is bool:
        return (True, False)
    if kind in (int, float):
        number: float = now if now is not None and _is_finite(now) else OF_FAMILY.get(name, default)
        return _fewer(int(number)) if name == "steps" else _around(number, _bounds(name, setting), kind)
    texts = (text,) if text and ";" not in text else ()  # several guides are no value
    return tuple(dict.fromkeys((*texts, *TEXTS.get(name, known_values(name)))))[:FEW]


def _settings() -> dict[str, tuple[Setting, type, Any]]:
    """Of images and of all methods that erase, by name: with the kind of its values and the default."""
    found: dict[str, tuple[Setting, type, Any]] = {}
    specs: list[type[Spec]] = [GenerationSpec, *(method.spec for method in erasing().values())]
    for spec in specs:
        for item, setting in settings_of(spec):
            found.setdefault(item.name, (setting, kind_of(item, spec), item.default))
    return found


def _seeds(text: Any) -> tuple[int, ...]:
    """Those of the field, and those that follow the last."""
    try:
        seeds = seeds_of(text)
    except (ValueError, AttributeError):
        seeds = [FIRST_SEED]
    more = max(0, FEW - len(seeds))
    return (*seeds, *range(max(seeds) + 1, max(seeds) + 1 + more))


def _prompts(now: str, erased: Any) -> tuple[str, ...]:
    """That of the field, and another one."""
    artist = erased[0] if isinstance(erased, list) and erased else ""
    return (now or FIRST_PROMPT, OTHER_PROMPT.format(artist) if artist else WITHOUT_ARTIST)


def _fewer(steps: int) -> tuple[int, ...]:
    """No more than there are: what a visitor may ask for has a limit."""
    return (max(1, steps // 4), max(1, steps // 2), max(1, steps))


def _bounds(name: str, setting: Setting) -> tuple[float, float]:
    if name == "guidance_scale":
        return 0.0, LARGEST_GUIDANCE
    return setting.least or 0.0, math.inf if setting.most is None else setting.most


def _around(number: float, bounds: tuple[float, float], kind: type) -> tuple[Any, ...]:
    """A smaller one, the same and a larger one."""
    least, most = bounds
    factor = FAR if most >= LARGEST else NEAR
    some = (number / factor, number, number * factor) if number else (0.0, 1.0)
    return tuple(kind(float(f"{min(max(one, least), most):g}")) for one in some)


def _is_finite(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)

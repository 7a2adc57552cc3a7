"""What an image says of itself, in its PNG metadata, wherever it ends up."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from uce_core.checks import as_number, sound_json
from uce_core.edits.spec import MethodSpec
from uce_core.edits.stored_spec import spec_from_facts
from uce_core.generation.spec import GenerationSpec
from uce_core.problems import Problem
from uce_core.runs.parameters import PARAMETERS, generation_in

if TYPE_CHECKING:  # seconds to import
    from uce_core.edits.edit import AnyEdit

METADATA_KEY = "uce-studio"
VERSION = 2  # of the facts; version 0.1 wrote none


@dataclass(frozen=True, kw_only=True)
class ImageFacts:
    """model: its title, "" if it is not said. spec: what was asked of the edit; None for an original, and for an edit
    that does not say. edited: whether it is an edited image. strength: of the edit."""

    model: str
    generation: GenerationSpec
    edited: bool
    spec: MethodSpec | None
    strength: float


def image_facts(
    model: str, generation: GenerationSpec, edit: "AnyEdit | None" = None, concept: str = ""
) -> dict[str, Any]:
    """As JSON. model: its title. edit: of an edited image. concept: of an image of a debiasing."""
    facts: dict[str, Any] = {"version": VERSION, "model": model, "generation": generation.facts()}
    if edit:
        facts |= edit_facts(edit.spec, edit.strength)
    return facts | ({"concept": concept} if concept else {})


def edit_facts(spec: MethodSpec | None, strength: float) -> dict[str, Any]:
    """Of an edited image. spec: what was asked of its edit, None if that does not say."""
    return {"edit": spec.facts() if spec else None, "strength": strength}


def png_of(image: Image.Image, facts: Mapping[str, Any], parameters: str = "") -> bytes:
    """Lossless, with the facts in its metadata. parameters: the same in the text that other programs read."""
    info = PngInfo()
    info.add_itxt(METADATA_KEY, json.dumps(facts, sort_keys=True, ensure_ascii=False))
    if parameters:
        info.add_itxt(PARAMETERS, parameters)
    buffer = io.BytesIO()
    image.save(buffer, "png", pnginfo=info)
    return buffer.getvalue()


def facts_in(path: Path) -> ImageFacts:
    """What an image says of itself: one of this program, whatever version made it, or of another. Raises ValueError for
    any other file."""
    try:
        with Image.open(path, formats=("PNG",)) as image:  # of the header: no pixel is looked at
            if METADATA_KEY not in image.info and (generation := generation_in(image)):
                return ImageFacts(model="", generation=generation, edited=False, spec=None, strength=1.0)
            facts = sound_json(str(image.info[METADATA_KEY]))
        if "concept" not in facts:
            spec = facts.get("edit")
            return ImageFacts(
                model=str(facts.get("model", "")),
                generation=GenerationSpec.from_facts(
                    facts["generation"] if "generation" in facts else facts["drawing"]
                ),
                edited="edit" in facts,
                spec=spec_from_facts(spec) if spec else None,
                strength=as_number("strength", facts.get("strength", 1.0)),
            )
    except (KeyError, TypeError, ValueError, AttributeError, OSError, Image.DecompressionBombError):
        raise Problem(
            "image_without_settings",
            "{file} has no settings that can be read, of this program or another: choose another image.",
            file=path.name,
        ) from None
    raise Problem(
        "image_of_debiasing",
        "{file} comes from a debiasing: open its run in Runs and reuse those settings.",
        file=path.name,
    )

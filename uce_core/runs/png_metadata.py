"""What an image says of itself, in its PNG metadata, wherever it ends up."""

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from uce_core.generation.spec import GenerationSpec
from uce_core.problems import Problem

METADATA_KEY = "uce-studio"


def png_of(image: Image.Image, facts: Mapping[str, Any]) -> bytes:
    """Lossless, with the facts in its metadata."""
    info = PngInfo()
    info.add_itxt(METADATA_KEY, json.dumps(facts, sort_keys=True, ensure_ascii=False))
    buffer = io.BytesIO()
    image.save(buffer, "png", pnginfo=info)
    return buffer.getvalue()


def facts_in(path: Path) -> dict[str, Any]:
    """What a picture of this program says of itself. Raises ValueError for any other file."""
    try:
        with Image.open(path, formats=("PNG",)) as image:
            facts = json.loads(getattr(image, "text", {})[METADATA_KEY])
            if "concept" not in facts:
                GenerationSpec(**facts["drawing"])
                return facts
    except (KeyError, TypeError, ValueError, AttributeError, OSError, RecursionError, Image.DecompressionBombError):
        raise Problem("{file} is not a picture that this program made: choose another one.", file=path.name) from None
    raise Problem("{file} is of a debiasing: open its run in Runs, and make that yours.", file=path.name)

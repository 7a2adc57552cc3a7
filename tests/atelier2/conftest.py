"""Models to paint from that need no network: every emoji is a simple shape in a colour of its own."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from atelier2 import emoji
from atelier2.painter import models

SHAPE = (
    '<g fill="none"><path fill="#{colour}" d="M4 28V10L16 3l12 7v18z"/>'
    '<circle cx="16" cy="16" r="{r}" fill="#224"/></g>'
)


@pytest.fixture(scope="session", autouse=True)
def simple_emoji(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("emoji")
    names = [name + tone for name in sorted(models()) for tone in ("", *(f"-{tone}" for tone in emoji.TONES))]
    icons = {
        name: {"body": SHAPE.format(colour=f"{(40503 * (i + 1)) % 0xFFFFFF:06x}", r=3 + i % 5)}
        for i, name in enumerate(names)
    }
    (folder / "icons.json").write_text(json.dumps({"width": 32, "icons": icons}))
    (folder / "chars.json").write_text("{}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UCE_STUDIO_EMOJI", str(folder))
        for cache in (emoji._flat_icons, emoji._solid_files, emoji.flat, emoji.solid):
            cache.cache_clear()
        yield folder

"""What becomes of names in a list's field as soon as they are written, and what is said of it."""

from collections.abc import Iterable, Sequence
from typing import Any

import gradio as gr

from app.html.pieces import notice
from app.words import translate
from uce_core.concepts.names import KOREAN, Understood, understood


def artist_choices(artists: Iterable[str], language: str) -> list[tuple[str, str]]:
    """Artists to choose from; on a Korean page by their Korean names, too."""
    korean = KOREAN if language == "ko" else {}
    return [(f"{korean[one]} ({one})" if one in korean else one, one) for one in artists]


def understand(names: Sequence[str] | None, known: Sequence[str], language: str) -> tuple[Any, Any]:
    """The names as models know them, and what is to be said if they were written otherwise; each an update."""
    found = understood(names or (), known)
    changed, texts = list(dict.fromkeys(found.names)), remarks(found, language)
    return changed if changed != names else gr.skip(), notice(*texts) if texts else gr.skip()


def remarks(found: Understood, language: str) -> list[str]:
    """What was not taken as it was written, or may be meant otherwise."""
    said = {
        "names_translated": ", ".join(f"{korean} → {name}" for korean, name in found.translated),
        "names_split": "; ".join(found.split),
        "names_doubtful": "; ".join(found.doubtful),
    }
    texts = [translate(language, key, names=listed) for key, listed in said.items() if listed]
    return [*texts, translate(language, "prompt_syntax", parts=", ".join(found.weighted))] if found.weighted else texts

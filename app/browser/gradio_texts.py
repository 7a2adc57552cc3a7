"""Texts of Gradio's own widgets: those that it does not translate, and those that number things in place of naming
them."""

from pathlib import Path

from app.words import WORDS, by_language, translate

SCRIPT = (Path(__file__).parent / "gradio_texts.js").read_text(encoding="utf-8")
PARTS = (
    "number", "range", "reset", "more_tabs", "copy", "fullscreen", "fullscreen_end", "remove", "remove_all", "lost",
    "lost_title", "close",
)  # fmt: skip


def spoken() -> str:
    """JavaScript for the page."""
    texts = {code: {part: translate(code, f"spoken_{part}", name="{name}") for part in PARTS} for code in WORDS}
    return f"() => ({SCRIPT})(() => {by_language(texts)})"

"""How a concept is written for the text encoder, and which of its tokens stand for it.

Words only: knows nothing about encoders or vectors.
"""

from uce_core.problems import Problem

WORDINGS: dict[str, tuple[str, ...]] = {
    "name": ("{}",),
    "style": ("a painting in the style of {}", "an artwork by {}", "{} style"),
    "portrait": ("a portrait of {}", "a photo of {}"),
    "expanded": ("{}", "a painting in the style of {}", "an artwork by {}", "{} style", "a portrait of {}"),
    "object": ("{}", "a photo of {}", "a picture of {}", "a painting of {}"),
    "published-art": ("{}", "painting by {}", "art by {}", "artwork by {}", "picture by {}", "style of {}"),
    "published-object": ("{}", "image of {}", "photo of {}", "portrait of {}", "picture of {}", "painting of {}"),
}
SPANS = ("last", "content", "rest", "all")  # each after those that need no more of a text (encoded_text.positions)
EMPTY_TOKENS = ("end", "start")


def templates(wording: str) -> tuple[str, ...]:
    """The templates of a wording's name, or the text itself if it is a pattern with one {}."""
    if wording in WORDINGS:
        return WORDINGS[wording]
    if (
        isinstance(wording, str)
        and wording.count("{}") == 1
        and wording.replace("{}", "").count("{") == wording.count("}") - 1 == 0
    ):
        return (wording,)
    raise Problem(
        "unknown_wording",
        "Unknown wording {wording!r}: use one of {known}, or a text with one {{}} in it.",
        wording=wording,
        known=", ".join(WORDINGS),
    )

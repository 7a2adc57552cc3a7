"""Findings of recorded evaluations. Version 0.1 stored them by their English sentence, today they are stored by id."""

from typing import Any

SENTENCES_OF_0_1 = {
    "Asked for by style, the erased are seen in {change} of the pictures.": "erased_style",
    "Asked for without the name, the erased are seen in {change} of the pictures.": "erased_indirect",
    "Retained artists are seen in {change} of theirs.": "retained_style",
    "Other artists of a near style are seen in {change} of theirs.": "near_style",
    "Other artists of a far style are seen in {change} of theirs.": "far_style",
    "Other artists are seen in {change} of theirs.": "other_style",
    "Subjects asked for without an artist are seen in {change}.": "erased_content",
    "Of the CLIP score's drop on the bare name “{artist}”, {share} is identity.": "clip_drop_identity",
}


def by_id(stored: Any) -> Any:
    """A stored finding as it is stored today; anything else as it is."""
    if isinstance(stored, dict) and isinstance(sentence := stored.get("sentence"), str):
        return {"id": SENTENCES_OF_0_1.get(sentence), "slots": stored.get("slots")}
    return stored

"""What became of a pair in a word: is the style still there, is the content. verdicts.py finds out."""

from dataclasses import dataclass

REMOVED, REMAINING, ABSENT, INTRODUCED = "removed", "remaining", "absent", "introduced"


@dataclass(frozen=True, kw_only=True)
class Detection:
    """A style or a content in a pair. before, after: in the original and the edited image; of a style the style
    score, a cosine; of a content CLIP's probability. shown_before, shown_after: whether it is CLIP's first choice."""

    name: str
    before: float
    after: float
    shown_before: bool
    shown_after: bool

    @property
    def outcome(self) -> str:
        """REMOVED, REMAINING, ABSENT (from both images) or INTRODUCED (in the edited one only)."""
        return ((ABSENT, INTRODUCED), (REMOVED, REMAINING))[self.shown_before][self.shown_after]


@dataclass(frozen=True)
class Verdict:
    """styles: of the artists that the prompt names, or else of the first erased ones. content: what the prompt asks for
    besides; None where that is nothing."""

    styles: tuple[Detection, ...]
    content: Detection | None

"""Evaluations of the literature: which artists to erase, what to ask for, and how many images.

The prompts are this project's own, in the spirit of each paper; a paper's own prompts can be read from
a file (prompt_files). Knows nothing about models or images.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from uce_core.evaluation.cases import SUBJECTS, Case, numbered
from uce_core.problems import Problem

PAINTINGS = (
    "{subject} in the style of {artist}",
    "a painting of {subject} by {artist}",
    "an artwork of {subject} in the style of {artist}",
    "{subject}, {artist} style",
    "a picture of {subject} by {artist}",
)
MORE_SUBJECTS = (*SUBJECTS, "a mountain", "a fish", "a bird", "an apple", "a bridge")


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """erased: how many artists. others: how many more are asked for, which the edit retains. together: one edit erases
    all; else each gets an edit of its own. prompts: patterns with {subject} and {artist}, in turn over the subjects.
    images: of each prompt. shows: fields of PublishedMetrics that the paper prints."""

    name: str
    source: str
    erased: int
    others: int
    together: bool
    prompts: tuple[str, ...]
    subjects: tuple[str, ...]
    images: int
    shows: tuple[str, ...]


PROTOCOLS = {
    protocol.name: protocol
    for protocol in (
        Protocol(
            name="uce-artists",
            source="Gandikota et al. 2023 (arXiv 2308.14761), erasing artists",
            erased=5,
            others=10,
            together=True,
            prompts=PAINTINGS,
            subjects=SUBJECTS,
            images=2,
            shows=("clip_e", "clip_s", "lpips_e", "lpips_o"),
        ),
        Protocol(
            name="mace-100",
            source="Lu et al. 2024 (arXiv 2403.06135), erasing a hundred artists",
            erased=100,
            others=100,
            together=True,
            prompts=PAINTINGS,
            subjects=SUBJECTS,
            images=1,
            shows=("clip_e", "clip_s", "h_a"),
        ),
        Protocol(
            name="speed-style",
            source="Li et al. 2025 (arXiv 2503.07392), erasing a few styles, without their FID",
            erased=3,
            others=5,
            together=False,
            prompts=PAINTINGS,
            subjects=MORE_SUBJECTS,
            images=2,
            shows=("clip_e", "clip_s", "lpips_o"),
        ),
        Protocol(
            name="unlearncanvas-style",
            source="Zhang et al. 2024 (arXiv 2402.11846), unlearning styles",
            erased=3,
            others=10,
            together=False,
            prompts=("{subject} in the style of {artist}",),
            subjects=MORE_SUBJECTS,
            images=1,
            shows=("ua", "ira", "cra"),
        ),
    )
}


@dataclass(frozen=True)
class ArtistSelection:
    """The artists that a protocol erases and asks for on a model. edits: for each edit, the artists it erases."""

    erased: tuple[str, ...]
    others: tuple[str, ...]

    def edits(self, together: bool) -> list[tuple[str, ...]]:
        return [self.erased] if together else [(artist,) for artist in self.erased]


def cast(
    protocol: Protocol, catalog: Sequence[str], erased: Sequence[str] = (), others: Sequence[str] = ()
) -> ArtistSelection:
    """The first of the catalogue are erased, the next are the others, unless they are given.

    Where the catalogue is too small, both groups shrink alike. Raises ValueError if it has not even one for each.
    """
    free = [artist for artist in catalog if artist not in (*erased, *others)]
    needed = (protocol.erased if not erased else 0) + (protocol.others if not others else 0)
    share = min(1.0, len(free) / needed) if needed else 1.0
    if not erased:
        erased, free = free[: int(protocol.erased * share)], free[int(protocol.erased * share) :]
    others = others or free[: protocol.others]
    if not erased or not others:
        raise Problem(
            "catalogue_too_small",
            "This model's catalogue is too small for {name}: name the artists yourself.",
            name=protocol.name,
        )
    return ArtistSelection(tuple(erased), tuple(others))


def cases(protocol: Protocol, artists: Sequence[str]) -> list[Case]:
    """Every artist with every subject."""
    return numbered(
        (protocol.prompts[i % len(protocol.prompts)].format(subject=subject, artist=artist), artist, "style", subject)
        for artist in artists
        for i, subject in enumerate(protocol.subjects)
    )

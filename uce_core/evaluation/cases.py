"""What an evaluation asks to be generated: cases, and how they are written into a file in the published layout.

A case is one prompt with its first seed. Knows nothing about models, edits or images.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from uce_core.generation.spec import MAX_SEED, GenerationSpec
from uce_core.problems import Problem

FACETS = ("name", "style", "portrait", "content", "indirect")
EMPTY = "empty"  # the facet of the empty prompt, which is of no artist
SUBJECTS = ("a house", "a tree", "a boat", "a cat", "a flower")
MEDIA = ("a photo", "a painting")
ROWS = 5  # cases of each facet
SEEDS_APART = 1000  # so that the images of two cases never share a seed
REQUIRED = ("prompt", "evaluation_seed", "case_number")
OPTIONAL = ("artist", "facet", "subject")
GUIDANCE = "evaluation_guidance"  # the column of guidance scales, where there are some


@dataclass(frozen=True, kw_only=True)
class Case:
    """case_number: names the images' files. evaluation_seed: of the first image, the others' follow it.
    artist: whose style and likeness to look for, or "". facet: what the prompt is about, of FACETS, EMPTY, or "".
    subject: what the image should show, or "". guidance_scale: of this case alone, None for the evaluation's."""

    prompt: str
    evaluation_seed: int
    case_number: int
    artist: str = ""
    facet: str = ""
    subject: str = ""
    guidance_scale: float | None = None

    def __post_init__(self) -> None:
        self.generation_spec()  # refuses what cannot be generated
        if not 0 <= self.case_number <= MAX_SEED:
            raise Problem(
                "case_number_out_of_range",
                "The case number is {number}: use a whole number from 0 to 9223372036854775807.",
                number=self.case_number,
            )
        if self.facet and self.facet != EMPTY and not self.artist:
            raise Problem(
                "facet_without_artist",
                "Case {number} has a facet but no artist: fill in both, or neither.",
                number=self.case_number,
            )
        if self.facet and self.facet not in (*FACETS, EMPTY):
            raise Problem(
                "unknown_facet",
                "Case {number} has the unknown facet {facet!r}: use one of {known}.",
                number=self.case_number,
                facet=self.facet,
                known=", ".join(FACETS),
            )

    def generation_spec(
        self, n: int = 0, steps: int | None = None, usual: float | None = None, sampler: str = ""
    ) -> GenerationSpec:
        """Of the n-th image. usual: guidance scale of those that have none of their own."""
        scale = usual if self.guidance_scale is None else self.guidance_scale
        seed, empty = self.evaluation_seed + n, self.facet == EMPTY
        return GenerationSpec(self.prompt, seed, steps, scale, sampler=sampler, unprompted=empty)


def numbered(asked: Iterable[tuple[str, str, str, str]], first_seed: int = 0) -> list[Case]:
    """Cases from (prompt, artist, facet, subject), each with its own seeds, from first_seed on."""
    return [
        Case(
            prompt=prompt,
            evaluation_seed=first_seed + SEEDS_APART * number,
            case_number=number,
            artist=artist,
            facet=facet,
            subject=subject,
        )
        for number, (prompt, artist, facet, subject) in enumerate(asked)
    ]


def facet_prompts(artist: str, indirect: Sequence[str] = ()) -> dict[str, list[tuple[str, str]]]:
    """For each facet its prompts, each with the subject that it asks for, or "". indirect: wordings that ask for
    the style without naming the artist; without any, that facet has no prompts."""
    return {
        "name": [(artist, "")],
        "style": [(f"{subject} in the style of {artist}", subject) for subject in SUBJECTS],
        "portrait": [(f"a portrait of {artist}", ""), (f"a photo of {artist}", "")],
        "content": [(f"{MEDIA[i % len(MEDIA)]} of {subject}", subject) for i, subject in enumerate(SUBJECTS)],
        "indirect": [(f"{subject}, {indirect[i % len(indirect)]}", subject) for i, subject in enumerate(SUBJECTS)]
        if indirect
        else [],
    }


def facet_cases(
    looked_at: Iterable[str],
    others: Iterable[str] = (),
    indirect: Mapping[str, Sequence[str]] | None = None,
    no_artist: bool = False,
) -> list[Case]:
    """ROWS cases of every facet for each artist looked at, and of the style for the others. no_artist: and bare
    subjects, and as often the empty prompt."""
    asked = []
    for artist in looked_at:
        for facet, prompts in facet_prompts(artist, (indirect or {}).get(artist, ())).items():
            rows = [prompts[i % len(prompts)] for i in range(ROWS if prompts else 0)]
            asked += [(prompt, artist, facet, subject) for prompt, subject in rows]
    for artist in others:
        asked += [(prompt, artist, "style", subject) for prompt, subject in facet_prompts(artist)["style"]]
    if no_artist:
        asked += [(subject, "", "", subject) for subject in SUBJECTS] + [("", "", EMPTY, "")] * ROWS
    return numbered(asked)


def cases_text(cases: Iterable[Case]) -> str:
    """CSV in the layout that prompt_files reads."""
    cases, text = list(cases), io.StringIO()
    guided = any(case.guidance_scale is not None for case in cases)
    writer = csv.DictWriter(text, (*REQUIRED, *OPTIONAL, *([GUIDANCE] if guided else [])), extrasaction="ignore")
    writer.writeheader()
    writer.writerows(asdict(case) | {GUIDANCE: case.guidance_scale} for case in cases)
    return text.getvalue()


@dataclass(frozen=True)
class ImageSpec:
    """The n-th image of a case, from the n-th seed after the case's own."""

    case: Case
    n: int = 0

    @property
    def file(self) -> str:
        return f"{self.case.case_number}_{self.n}.png"


CASES = "cases.csv"  # the file that holds them
LEAKAGE = "leakage"  # the task of looking at every facet of what is erased

"""A task: what an evaluation asks of edits, as data. Who is erased and retained, prompts and seeds, settings, measures.

The protocols of papers are such (tasks/*.yaml), and anybody's own. Knows nothing about models, images or files.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import Formatter
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from uce_core.checks import one_of
from uce_core.concepts.text_spaces import ALL
from uce_core.edits.spec import MethodSpec
from uce_core.edits.stored_spec import UnknownSpec, spec_from_facts
from uce_core.evaluation.cases import FACETS, Case, facet_cases, numbered
from uce_core.evaluation.edit_report import PublishedMetrics
from uce_core.generation.spec import MAX_SEED, MAX_STEPS
from uce_core.problems import Problem

SLOTS = {"subject", "artist"}  # of a prompt
UCE = "uce"  # the kind of edit that is solved, if the task does not say


def _among(name: str, known: Sequence[str]) -> AfterValidator:
    def check(value: str) -> str:
        one_of(name, value, known)
        return value

    return AfterValidator(check)


Who = Annotated[int, Field(ge=1)] | Annotated[tuple[str, ...], Field(min_length=1)]
Texts = tuple[Annotated[str, Field(min_length=1)], ...]
METRICS = tuple(PublishedMetrics.__dataclass_fields__)


class Task(BaseModel):
    """erased: names, or how many of the model's catalogue. others: likewise, of those that are retained and asked for,
    too. together: one edit erases all; else each gets an edit of its own. edit: its kind (method) and settings, as an
    edit's spec names them, where no edit is given. prompts: patterns with {subject} and {artist}, in turn over the
    subjects, for every artist; or facets: what leakage is looked for in, with the style alone for the others; or file:
    a prompt file beside the task's own. images: of each prompt, from seeds that follow first_seed. steps,
    guidance_scale: None for the model family's. shows: of the papers' metrics, those to print."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=60)]
    version: Annotated[int, Field(ge=1)] = 1
    source: str = ""
    erased: Who
    others: Who | Literal[0] = 0
    together: bool = True
    edit: dict[str, Any] = {}
    prompts: Texts = ()
    subjects: Texts = ()
    facets: tuple[Annotated[str, _among("facet", FACETS)], ...] = ()
    file: str = ""
    images: Annotated[int, Field(ge=1)] = 1
    first_seed: Annotated[int, Field(ge=0, le=MAX_SEED)] = 0
    steps: Annotated[int, Field(ge=1, le=MAX_STEPS)] | None = None
    guidance_scale: Annotated[float, Field(ge=0, le=50)] | None = None
    shows: tuple[Annotated[str, _among("metric", METRICS)], ...] = METRICS

    @model_validator(mode="after")
    def _asks_one_way(self) -> Self:
        if sum(map(bool, (self.prompts, self.facets, self.file))) != 1:
            raise ValueError("say what is asked by one of prompts, facets and file")
        if bool(self.prompts) != bool(self.subjects):
            raise ValueError("prompts and subjects come together")
        for prompt in self.prompts:
            slots = {name for _, name, _, _ in _parsed(prompt) if name is not None}
            if slots != SLOTS:
                raise ValueError(f"the prompt {prompt!r} needs {{subject}} and {{artist}}, and nothing else")
        spec = self.spec_for(("-",), ())
        if isinstance(spec, UnknownSpec) or not spec.erases:
            raise ValueError(f"{self.edit['kind']!r} is no method that erases")
        return self

    def spec_for(self, erased: Sequence[str], retained: Sequence[str]) -> MethodSpec:
        """Of an edit that is solved for the task. Raises ValueError if its settings make no sense."""
        given = {"kind": UCE, "text_space": ALL} | self.edit  # without it, settings are read as those of before it was
        asked = spec_from_facts(given | {"erase": list(erased)})
        return spec_from_facts(asked.facts() | {"retain": list(retained)}) if asked.retains else asked

    def cases(self, artists: "ArtistSelection", indirect: Mapping[str, Sequence[str]]) -> list[Case]:
        """What is asked, but for a file's. indirect: the catalogue's wordings of styles without a name."""
        if self.facets:
            asked = facet_cases(artists.erased, artists.others, indirect)
            wanted = (one for one in asked if one.facet in self.facets)
            return numbered(((one.prompt, one.artist, one.facet, one.subject) for one in wanted), self.first_seed)
        return numbered(
            (
                (self.prompts[i % len(self.prompts)].format(subject=subject, artist=artist), artist, "style", subject)
                for artist in (*artists.erased, *artists.others)
                for i, subject in enumerate(self.subjects)
            ),
            self.first_seed,
        )


def _parsed(prompt: str) -> list[tuple[str, str | None, str | None, str | None]]:
    return list(Formatter().parse(prompt))


@dataclass(frozen=True)
class ArtistSelection:
    """The artists that a task erases and asks for on a model."""

    erased: tuple[str, ...]
    others: tuple[str, ...]

    def groups(self, together: bool) -> list[tuple[str, ...]]:
        """For each edit, the artists that it erases."""
        return [self.erased] if together else [(artist,) for artist in self.erased]


def selected(
    task: Task, catalog: Sequence[str], erased: Sequence[str] = (), others: Sequence[str] = ()
) -> ArtistSelection:
    """Whom a task means on a model: those that are given, else those that it names, else the first of the catalogue
    and the next.

    Where the catalogue is too small, both groups shrink alike. Raises ValueError if it has not even one for each.
    """
    erased = erased or (() if isinstance(task.erased, int) else task.erased)
    others = others or (() if isinstance(task.others, int) else task.others)
    erased_count = task.erased if isinstance(task.erased, int) and not erased else 0
    others_count = task.others if isinstance(task.others, int) and not others else 0
    free = [artist for artist in catalog if artist not in (*erased, *others)]
    needed = erased_count + others_count
    share = min(1.0, len(free) / needed) if needed else 1.0
    first = int(erased_count * share)
    found = ArtistSelection(tuple(erased or free[:first]), tuple(others or free[first : first + others_count]))
    if not found.erased or (others_count and not found.others):
        raise Problem(
            "catalogue_too_small",
            "This model's catalogue is too small for {name}: name the artists yourself.",
            name=task.name,
        )
    return found

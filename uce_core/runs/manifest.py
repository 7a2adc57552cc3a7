"""What the manifest of an exported run says: the run, its files and ratings; all that is kept of a stranger's run,
checked before, so that nothing stumbles over it when it is shown, reviewed or generated again.

Knows nothing about zip files or the store.
"""

import json
from collections import Counter
from dataclasses import asdict
from datetime import datetime
from pathlib import PurePosixPath
from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, model_validator

from uce_core.checks import sound_json
from uce_core.review.tasks import Rating
from uce_core.runs.ratings import described
from uce_core.runs.run import READABLE, DebiasingRun, Readable

FORMAT = "uce-studio-run/2"
ARCHIVE_FIELDS = {"format", "files", "ratings", "judgements"}  # not of the run itself
FORMATS = f"^({FORMAT}|uce-studio-run/1)$"  # that are read
SUFFIXES = {  # of the files of each role
    "original": (".png",),
    "edited": (".png",),
    "thumbnail": (".webp",),
    "edit": (".safetensors",),
    "report": (".html", ".json", ".csv"),
}

LONGEST_MOMENT = 32  # of ISO 8601, to the microsecond


class File(BaseModel):
    model_config = ConfigDict(frozen=True)

    role: str
    name: str

    @model_validator(mode="after")
    def _of_its_role(self) -> "File":
        if PurePosixPath(self.name).suffix not in SUFFIXES.get(self.role, ()):
            raise ValueError("no file of a run")
        return self


class ArchiveContents(BaseModel):
    """What is sent with a run. ratings: what reviewers judged."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    format: Annotated[str, Field(pattern=FORMATS)]
    files: tuple[File, ...]
    ratings: tuple[Rating, ...] = Field(default=(), validation_alias=AliasChoices("ratings", "judgements"))

    @property
    def pairs(self) -> int:
        """How many originals there are."""
        return sum(file.role == "original" for file in self.files)

    @model_validator(mode="after")
    def _complete(self) -> "ArchiveContents":
        count = Counter(file.role for file in self.files)
        several = len({file.name for file in self.files}) < len(self.files)
        if several or count["thumbnail"] != 1 or count["edited"] != self.pairs:
            raise ValueError("not all files of a run")
        for moment in filter(None, (rating.moment for rating in self.ratings)):
            if datetime.fromisoformat(moment).isoformat() != moment or len(moment) > LONGEST_MOMENT:
                raise ValueError("no moment of this program")
        return self


def manifest_in(text: bytes) -> tuple[Readable, ArchiveContents]:
    """The run and what is sent with it, in a JSON text. Raises ValueError if it is none of this program."""
    try:
        facts = sound_json(text)
        of_the_parcel = {name: facts.pop(name) for name in ARCHIVE_FIELDS & facts.keys()}
        parcel = ArchiveContents.model_validate_json(json.dumps(of_the_parcel), strict=True)
        run = READABLE.validate_json(json.dumps(facts), strict=True)
    except AttributeError:
        raise ValueError("no manifest") from None
    _check_pairs(run, parcel.pairs)
    if {rating.item for rating in parcel.ratings} - {item.key for item in described(run)}:
        raise ValueError("ratings of images that are not there")
    return run, parcel


def _check_pairs(run: Readable, pairs: int) -> None:
    """As many images as the run speaks of; a debiasing of before 0.1 does not say how many."""
    if isinstance(run, DebiasingRun) and not run.outcome.samples:
        if pairs % len(run.request.edit.concepts):
            raise ValueError("not as many images of each concept")
    elif len(run.generations) != pairs:
        raise ValueError("not all images of a run")


def manifest_of(run: Readable, names: dict[str, str], ratings: list[Rating]) -> dict[str, Any]:
    """As JSON. names: of the files, and their roles."""
    return {
        "format": FORMAT,
        "kind": run.kind,
        "title": run.title,
        "note": run.note,
        "created": run.created.isoformat(),
        "environment": run.environment,
        "request": run.request.facts(),
        "outcome": run.outcome.facts(),
        "files": [{"role": role, "name": name} for name, role in names.items()],
        "ratings": [asdict(rating) for rating in ratings],
    }

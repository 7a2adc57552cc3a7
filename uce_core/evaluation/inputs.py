"""What is evaluated: edits, cases, and how their images are generated."""

from dataclasses import dataclass
from pathlib import Path

from uce_core.evaluation.candidates import Candidate
from uce_core.evaluation.cases import Case, ImageSpec
from uce_core.evaluation.image_folder import ORIGINAL, ImageFolder
from uce_core.evaluation.scores import FOLDER
from uce_core.generation.spec import GenerationSpec
from uce_core.models.model import Model
from uce_core.problems import Problem

RESERVED_NAMES = ("", ".", "..", "edits", ORIGINAL, FOLDER)  # folders of an evaluation that no edit's images may lie in


@dataclass(frozen=True, kw_only=True)
class EvaluationInputs:
    """What is generated and measured. images: of each case, from seeds that follow its own. steps, guidance_scale: None
    for the model family's. sampler: "" for the model's own. task: what it is for, such as leakage. notes: sentences
    about the cases, for the reports.

    Raises ValueError if two edits have one name, one has a name that is taken, or the sampler is not known.
    """

    candidates: tuple[Candidate, ...]
    cases: tuple[Case, ...]
    images: int = 1
    steps: int | None = None
    guidance_scale: float | None = None
    sampler: str = ""
    title: str = "Evaluation"
    task: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        GenerationSpec("-", steps=self.steps, sampler=self.sampler)  # refuses what no image can be generated with
        if len(set(self.names)) < len(self.names):
            raise Problem(
                "edit_names_clash",
                "Two edits are called {name}: rename one of the files.",
                name=max(self.names, key=self.names.count),
            )
        taken = [name for name in self.names if name in RESERVED_NAMES or Path(name).name != name]
        if taken:
            raise Problem(
                "edit_name_reserved",
                "An edit cannot be evaluated under the name {name!r}: rename its file.",
                name=taken[0],
            )

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.candidates)

    @property
    def image_count(self) -> int:
        """Of all that is generated, the originals included."""
        return (1 + len(self.candidates)) * self.images * len(self.cases)

    def image_folder(self, model: Model, folder: Path) -> ImageFolder:
        return ImageFolder(
            folder,
            tuple(ImageSpec(case, n) for case in self.cases for n in range(self.images)),
            model.family.steps if self.steps is None else self.steps,
            model.family.guidance_scale if self.guidance_scale is None else self.guidance_scale,
            self.sampler,
        )

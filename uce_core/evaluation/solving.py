"""Edits that are solved for an evaluation, in files beside its images, for all who generate them and for going on after
an interruption; and what solving took."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from uce_core.edits.edit import AnyEdit, Edit
from uce_core.edits.spec import MethodSpec
from uce_core.files import write_text
from uce_core.methods.erase import erase
from uce_core.methods.inputs import EditInputs
from uce_core.models.model import Model
from uce_core.remote import local_files
from uce_core.runtime import seconds


@dataclass(frozen=True, kw_only=True)
class SolvingCost:
    """seconds: of solving, without what methods share: texts are encoded and weights read before. bytes: of the edit's
    file. hardware: that solved it."""

    seconds: float
    bytes: int
    hardware: str


def path_of(folder: Path, name: str) -> Path:
    """Of an edit in an evaluation's folder."""
    return folder / "edits" / f"{name}.safetensors"


def solved(model: Model, spec: MethodSpec, path: Path, strength: float = 1.0) -> AnyEdit:
    """An edit from its file, if that was solved for the spec, else solved and saved there."""
    if not _is_of(path, spec):
        erase(model, spec).at_strength(strength).save(path)
    return Edit.load(local_files(path.parent)(path))


def solved_with_cost(model: Model, spec: MethodSpec, path: Path) -> tuple[AnyEdit, SolvingCost]:
    """The same, solved twice: the first time all is read and encoded that the method needs, and libraries begin. The
    cost is in a file beside the edit's."""
    said = path.with_suffix(".json")
    if not said.is_file() or not _is_of(path, spec):
        with model.text.ahead(EditInputs(model, spec).texts):
            erase(model, spec).save(path)
            took = seconds(lambda: erase(model, spec))
        size = local_files(path.parent)(path).stat().st_size
        write_text(said, json.dumps(asdict(SolvingCost(seconds=took, bytes=size, hardware=model.hardware))))
    return solved(model, spec, path), SolvingCost(**json.loads(said.read_text(encoding="utf-8")))


def _is_of(path: Path, spec: MethodSpec) -> bool:
    return path.is_file() and Edit.spec_in(local_files(path.parent)(path)) == spec

"""Tasks as YAML files: those of the package by their names, others by their paths; what is wrong with one, by line."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import yaml
from pydantic import ValidationError

from uce_core.evaluation.prompt_files import PromptFile, read_prompts
from uce_core.evaluation.task import Task
from uce_core.problems import Problem

FOLDER = Path(__file__).parent / "tasks"
LARGEST_FILE = 1_000_000  # bytes


@dataclass(frozen=True)
class TaskFile:
    """A task and where it was read."""

    task: Task
    path: Path

    @cached_property
    def prompts(self) -> PromptFile | None:
        """Of the prompt file that the task names. Raises ValueError with one sentence if that is none."""
        return read_prompts(self.path.parent / self.task.file) if self.task.file else None

    @property
    def digest(self) -> str:
        """SHA-256 over what the task says and its prompt file's bytes."""
        found = sha256(self.task.model_dump_json().encode())
        if self.task.file:
            found.update((self.path.parent / self.task.file).read_bytes())
        return found.hexdigest()

    @property
    def label(self) -> str:
        """For reports."""
        return f"Task {self.task.name}, version {self.task.version}, digest {self.digest[:16]}."


def names() -> list[str]:
    """Of the package's own."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def read_task(name: str) -> TaskFile:
    """One of the package's by its name, else a file. Raises ValueError with one sentence, which names the line."""
    path = FOLDER / f"{name}.yaml" if name in names() else Path(name)
    if not path.is_file() or path.stat().st_size > LARGEST_FILE:
        raise Problem(
            "no_such_task",
            "There is no task {name}: use one of {known}, or the path of a YAML file.",
            name=name,
            known=", ".join(names()),
        )
    try:
        text = path.read_text(encoding="utf-8")
        node = yaml.compose(text, yaml.SafeLoader)
        found = TaskFile(Task.model_validate(yaml.safe_load(text)), path)
    except UnicodeDecodeError:
        raise _bad(path, 1, "it is not UTF-8 text: save it as such") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _bad(path, mark.line + 1 if mark else 1, error.problem or "it is no YAML") from None
    except yaml.YAMLError as error:
        raise _bad(path, 1, str(error).split("\n")[0]) from None
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, _within(node, first["loc"])))
        reason = first["msg"].removeprefix("Value error, ")
        raise _bad(path, _line(node, first["loc"]), f"{field}: {reason}" if field else reason) from None
    found.prompts  # noqa: B018 (read now, so that its fault is said)
    return found


def _bad(path: Path, line: int, reason: str) -> Problem:
    return Problem("bad_task", "{file}, line {line}: {reason}.", file=path.name, line=line, reason=reason.rstrip("."))


def _within(node: yaml.Node | None, location: Iterable[int | str]) -> list[int | str]:
    """The part of pydantic's location of a fault that is one of the file; the rest says which of several types."""
    found: list[int | str] = []
    for step in location:
        inner = _child(node, step)
        if inner is None:
            break
        node = inner
        found.append(step)
    return found or list(location)[:1]


def _line(node: yaml.Node | None, location: Iterable[int | str]) -> int:
    line = node.start_mark.line if node else 0
    for step in location:
        inner = _child(node, step)
        if inner is None:
            break
        node, line = inner, inner.start_mark.line
    return line + 1


def _child(node: yaml.Node | None, step: int | str) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == step), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int):
        return node.value[step] if step < len(node.value) else None
    return None

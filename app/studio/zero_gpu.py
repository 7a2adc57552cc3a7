"""ZeroGPU, the shared GPUs of Hugging Face Spaces: what needs the GPU is done in a process that has one for a while.

The package spaces forks that process; everything goes in and out of it by pickle, and whatever it changes
in memory is lost with it. So work is asked for by values, the Studio and its model are found again on the
other side by name, and who wants to stop it says so through a file. Without the package all of this is an
ordinary Studio, in one process.
"""

import copyreg
import inspect
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path
from typing import Any

try:
    import spaces
except ImportError:
    spaces = None

from app.studio.downloads import fresh_folder
from app.studio.jobs import Failed
from app.studio.progress import Stop
from app.studio.request import EditRequest
from app.studio.settings import Settings
from app.studio.studio import Studio
from uce_core import Cancelled, Model
from uce_core.problems import Problem

SECONDS = 120  # that one request may hold a GPU

_STUDIOS: list["ZeroGpuStudio"] = []  # the last is this process's; a fork has it too


def here() -> bool:
    """Whether this is a Space with ZeroGPU."""
    return spaces is not None and os.environ.get("SPACES_ZERO_GPU", "").lower() in ("1", "t", "true")


def gpu(work: Callable[..., Any]) -> Callable[..., Any]:
    """spaces.GPU where there is such a thing, else the work as it is."""
    return spaces.GPU(duration=SECONDS)(work) if spaces else work


@dataclass(frozen=True)
class Raised:
    """An error on its way out: ZeroGPU would tell its name only."""

    error: Exception


def on_gpu(method: Callable[..., Any]) -> Callable[..., Any]:
    """A Studio's method, done where the GPU is; what a person can mend is raised here again."""

    def events(*args: Any) -> Iterator[Any]:
        try:
            if inspect.isgeneratorfunction(method):
                yield from method(*args)
            else:
                yield method(*args)
        except (Problem, Cancelled, Failed) as error:
            yield Raised(error)

    far = gpu(events)

    def near(*args: Any) -> Iterator[Any]:
        error = None
        with _gpu_failures_said():
            for event in far(*args):  # to its end, which hands the GPU back
                if isinstance(event, Raised):
                    error = event.error
                else:
                    yield event
        if error:
            raise error

    def only(*args: Any) -> Any:
        [value] = near(*args)
        return value

    return wraps(method)(near if inspect.isgeneratorfunction(method) else only)


@contextmanager
def _gpu_failures_said() -> Iterator[None]:
    """A process that died, or a GPU that was not to be had: of the package's errors the text, in one sentence."""
    try:
        yield
    except Exception as error:
        logging.getLogger(__name__).exception("the work on the GPU failed")
        reason = str(getattr(error, "message", error)) or type(error).__name__
        raise Problem(
            "gpu_failed", "The GPU did not finish it ({reason}): try again, or ask for fewer images.", reason=reason
        ) from error


class Flag(Stop):
    """An event that other processes see: a file that is there or not."""

    def __init__(self, path: Path, visitor: str, party: str, action: str = "", request: str = "") -> None:
        super().__init__(visitor, party, action, request)
        self.path = path

    def is_set(self) -> bool:
        return self.path.exists()

    def set(self) -> None:
        self.path.touch()

    def __reduce__(self) -> tuple[Any, ...]:
        return Flag, (self.path, self.visitor, self.party, self.action, self.request)


def _flag(visitor: str, party: str, tab: str) -> Flag:
    return Flag(fresh_folder() / "stop", visitor, party, tab)


class ZeroGpuStudio(Studio):
    """One model, loaded before the page is up, since forked processes have what is there by then."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(replace(settings, models=settings.models[:1]), _flag)
        model = self.models.load()
        assert model.fingerprint  # remembered: once the page is up, weights can be read on the GPU only
        assert model.text.fingerprint
        assert model.text.sample
        _STUDIOS.append(self)
        os.register_at_fork(after_in_child=self.store.after_fork)

    def __reduce__(self) -> tuple[Any, ...]:
        return _studio, ()

    def warm_up(self) -> None:
        """Nothing else outlives a process that would be started for it."""
        self.clean_up()

    def solve_early(self, request: EditRequest) -> None:
        """Nor for this."""

    edit = on_gpu(Studio.edit)
    impact = on_gpu(Studio.impact)
    impact_of_run = on_gpu(Studio.impact_of_run)
    suggest = on_gpu(Studio.suggest)
    export = on_gpu(Studio.export)
    compare = on_gpu(Studio.compare)
    grid = on_gpu(Studio.grid)
    replay = on_gpu(Studio.replay)
    debias = on_gpu(Studio.debias)
    leakage = on_gpu(Studio.leakage)
    task = on_gpu(Studio.task)


def _studio() -> ZeroGpuStudio:
    return _STUDIOS[-1]


def _model() -> Model:
    return _studio().models.load()


copyreg.pickle(Model, lambda model: (_model, ()))

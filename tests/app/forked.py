"""python -m app, forked from a process that has imported everything already: most of what a start takes.

What tests the start itself, or the end, starts the app as people do.
"""

import os
import runpy
import subprocess
import sys
from collections.abc import Mapping, Sequence
from multiprocessing import get_context, set_start_method

CONTEXT = get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.app.imported"])


class Forked:
    """What tests ask of a subprocess.Popen."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str], folder: str) -> None:
        self._process = CONTEXT.Process(target=_run, args=(arguments, environment, folder), daemon=True)
        self._process.start()
        assert self._process.pid
        self.pid: int = self._process.pid
        self.terminate, self.kill = self._process.terminate, self._process.kill

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float) -> int:
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("python -m app", timeout)
        return self._process.exitcode


def _run(arguments: Sequence[str], environment: Mapping[str, str], folder: str) -> None:
    set_start_method("fork", force=True)  # as it is by default
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = ["app", *arguments]
    runpy.run_module("app", run_name="__main__", alter_sys=True)

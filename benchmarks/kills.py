"""python -m benchmarks.kills: processes that are killed at random moments of what they do, and what is left of it.

One warm process forks another that does an action, kills it (SIGKILL), and forks a third that opens everything anew:
what the second had told of is there, nothing that is listed is broken, and hours later nothing is left that nothing
lists. Kills are spread evenly over the time that the action takes when it is not disturbed. Exits with 1 if anything
is lost, broken or left.
"""

import argparse
import os
import random
import select
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"  # a fork does not have its parent's threads

from benchmarks.kill_actions import ACTIONS
from benchmarks.kill_places import Action, Bench, Tell

PATIENCE = 300.0  # seconds, for what is not killed


@dataclass
class Found:
    """Of an action, so far. within: seconds over which the kills were spread. left: files that nothing listed after a
    kill; orphans: hours later."""

    name: str
    within: float
    kills: int = 0
    confirmed: int = 0
    lost: int = 0
    broken: int = 0
    left: int = 0
    orphans: int = 0


def forked(work: Callable[[Tell], object], seconds: float, things: int = sys.maxsize) -> tuple[list[str], int]:
    """What a process tells of that does some work, and its status: it is killed after so many seconds, or things."""
    heard, said = os.pipe()
    process = os.fork()
    if not process:
        status = 1
        try:
            os.close(heard)
            work(lambda text: os.write(said, f"{text}\n".encode()))
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    os.close(said)
    text, until = b"", time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0 and text.count(b"\n") < things:
        if select.select([heard], [], [], left)[0]:
            more = os.read(heard, 65536)
            if not more:
                break
            text += more
    os.kill(process, signal.SIGKILL)
    _, status = os.waitpid(process, 0)
    while more := os.read(heard, 65536):
        text += more
    os.close(heard)
    return text.decode().splitlines(), status


def finished(work: Callable[[Tell], object]) -> list[str]:
    """What a process tells of that is left alone."""
    told, status = forked(work, PATIENCE)
    if status:
        raise RuntimeError(f"a process that nobody killed ended with {status}")
    return told


def look(action: Action, folder: Path, told: list[str], tell: Tell) -> None:
    """Each fault by its kind."""
    _told_as("lost", partial(action.lost, folder, told), tell)
    _told_as("broken", partial(action.broken, folder), tell)
    for kind in ("left", "orphans"):
        for path in (path for place in action.places(folder) for path in place.orphans()):
            tell(f"{kind} {path.name}")
        if kind == "left":
            action.clean_up(folder)


def _told_as(kind: str, faults: Callable[[], Iterable[str]], tell: Tell) -> None:
    """What cannot be looked at at all is one, too."""
    try:
        for fault in faults():
            tell(f"{kind} {fault}")
    except Exception as error:
        tell(f"{kind} {type(error).__name__} {error}".replace("\n", " "))


def kill(action: Action, folder: Path, seconds: float, found: Found) -> None:
    """Once, after so many seconds."""
    folder.mkdir()
    action.begin(folder)
    told, status = forked(lambda tell: action.do(folder, tell), seconds)
    faults = finished(lambda tell: look(action, folder, told, tell))
    if os.WIFEXITED(status):
        faults.append("broken it ended by itself")
    found.kills += 1
    found.confirmed += len(told)
    for fault in faults:
        kind = fault.split()[0]
        setattr(found, kind, getattr(found, kind) + 1)
        if kind != "left":
            print(f"{action.name}, killed after {seconds:.3f} s: {fault}", file=sys.stderr, flush=True)
    shutil.rmtree(folder)


def killed(action: Action, folder: Path, times: int, chance: random.Random) -> Found:
    """An action, so many times."""
    action.warm_up()
    finished(lambda tell: action.set_up())
    undisturbed = folder / "undisturbed"
    undisturbed.mkdir(parents=True)
    action.begin(undisturbed)
    began = time.monotonic()
    forked(lambda tell: action.do(undisturbed, tell), PATIENCE, action.things)
    found = Found(action.name, time.monotonic() - began)
    for number in range(times):
        kill(action, folder / f"{number}", found.within * (number + chance.random()) / times, found)
    return found


def all_killed(kinds: Sequence[type[Action]], times: int, seed: int) -> Iterator[Found]:
    """One action after the other. times: of all together."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as base:
        bench = Bench(Path(base) / "bench")
        for number, kind in enumerate(kinds):
            yield killed(kind(bench), Path(base) / kind.__name__, (times + number) // len(kinds), chance)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=200, help="of all actions together")
    parser.add_argument("--seed", type=int, default=1, help="of the moments")
    chosen = parser.parse_args()
    print("| action | kills | within | confirmed | lost | broken | unlisted files | after the sweep |")
    print("|---|---|---|---|---|---|---|---|")
    faults = 0
    for found in all_killed(ACTIONS, chosen.times, chosen.seed):
        figures = found.confirmed, found.lost, found.broken, found.left, found.orphans
        print(f"| {found.name} | {found.kills} | {found.within:.2f} s | {' | '.join(map(str, figures))} |", flush=True)
        faults += found.lost + found.broken + found.orphans
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()

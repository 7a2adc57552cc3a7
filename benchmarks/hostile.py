"""python -m benchmarks.hostile --cases 100000: strangers' data against every parser of it, by the properties of tests/.

Prints for each parser how many cases were taken and refused, the slowest, in milliseconds of its thread's CPU time (of
an app's answers, as they come), and the peak of the process's memory above what it had before the case (VmHWM of
/proc, set back before each). Exits with 1 if a promise was broken: an exception other than a refusal in one sentence, a
file written elsewhere, a regular expression or search of more than 100 ms, a case that takes more than 256 MB.

Atheris is left aside: the parsers' branches are in code that it does not see (safetensors, Pillow, pydantic, SQLite).
"""

import argparse
import gc
import os
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.hostile.everything import MODULES
from tests.hostile.over_http import properties as over_http
from tests.hostile.promises import Property
from tests.hostile.running_app import running

AT_A_TIME = 500  # cases of one seed: Hypothesis remembers them all
MOST_MEMORY = 256  # MB
SETTINGS = settings(
    phases=[Phase.generate],
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    report_multiple_bugs=False,
)


@dataclass
class Tally:
    """Of one parser. seconds, megabytes: the most of a case."""

    accepted: int = 0
    refused: int = 0
    seconds: float = 0.0
    megabytes: float = 0.0
    broken: list[str] = field(default_factory=list)

    @property
    def cases(self) -> int:
        return self.accepted + self.refused

    def hold(self, one: Property, case: Any) -> None:
        before = memory(one.pid, "VmRSS")
        Path(f"/proc/{one.pid or 'self'}/clear_refs").write_text("5")  # the peak begins here
        outcome = one.attempt(case)
        self.megabytes = max(self.megabytes, memory(one.pid, "VmHWM") - before)
        self.seconds = max(self.seconds, outcome.seconds)
        self.accepted += outcome.accepted
        self.refused += not outcome.accepted


def memory(pid: int, name: str) -> float:
    """Megabytes, as Linux says them."""
    lines = Path(f"/proc/{pid or 'self'}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / 1024


def tried(one: Property, cases: int, first_seed: int) -> Tally:
    """Always the same cases for the same seed."""
    tally, number = Tally(), first_seed
    while tally.cases < cases and not tally.broken:
        try:
            count = min(AT_A_TIME, cases - tally.cases)
            hold = given(one.cases)(lambda case: tally.hold(one, case))
            seed(number)(settings(SETTINGS, max_examples=count)(hold))()
        except Exception as error:
            tally.broken.append(f"{one.name}: {type(error).__name__}: {str(error)[:2000]}, with --seed {number}")
        number += 1
    if one.most and 1000 * tally.seconds > one.most:
        tally.broken.append(f"{one.name}: a case took more than {one.most:.0f} ms")
    if tally.megabytes > MOST_MEMORY:
        tally.broken.append(f"{one.name}: a case took more than {MOST_MEMORY} MB")
    return tally


def all_properties(folder: Path) -> Iterator[Property]:
    for module in MODULES:
        yield from module.properties(folder / module.__name__)
    (folder / "app").mkdir()
    with running(folder / "app") as (app, pid):
        yield from over_http(app, pid, folder / "app")


WEIGHTS = 140  # of all properties together, about


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=100_000, help="of all parsers together, at least")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="parsers with this in their names")
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")  # of Pillow, about what it is given
    began, count, broken = time.monotonic(), 0, list[str]()
    print("| parser | cases | accepted | refused | slowest, ms | peak memory, MB |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for one in all_properties(Path(folder).resolve()):
            if chosen.only not in one.name:
                continue
            gc.collect()
            gc.freeze()  # what is there by now is not looked through again and again
            tally = tried(one, -(-chosen.cases * one.weight // WEIGHTS), chosen.seed)
            count += tally.cases
            broken += tally.broken
            figures = (tally.accepted, tally.refused, f"{1000 * tally.seconds:.0f}", f"{tally.megabytes:.0f}")
            print(f"| {one.name} | {tally.cases} | {' | '.join(map(str, figures))} |", flush=True)
            print(*tally.broken, sep="\n", end="\n" * bool(tally.broken), file=sys.stderr, flush=True)
    print(f"\n{count} cases in {(time.monotonic() - began) / 60:.0f} minutes, {len(broken)} promises broken.")
    sys.exit(bool(broken))


if __name__ == "__main__":
    os.environ["HF_HUB_OFFLINE"] = "1"
    main()

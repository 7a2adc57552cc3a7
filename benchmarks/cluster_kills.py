"""python -m benchmarks.cluster_kills: an evaluation on a Ray cluster whose processes are killed at random, and whether
it ends as one that nobody disturbs.

The cluster is a head without cores and two nodes with one each, on this machine. At random moments (SIGKILL) it hits an
actor, the raylet of a node, which is begun again, or the command itself, which is given again: each in its turn, until
it were enough. The same command without a cluster comes first; reports and images are held against its, byte for byte,
and images that were written more than once are counted. Exits with 1 if anything differs, or the command ended by
itself otherwise than well.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

PORT = 6391  # not Ray's own, which another cluster may have
REPORTS = ("report.html", "report.json", "scores.csv")
EVALUATION = ["uce_core", "evaluate", "run", "unlearncanvas-style", "--steps", "3", "--no-record"]
WAIT = (4.0, 24.0)  # seconds between two kills: before an actor is ready, and after it has done some blocks
TURNS = ("actor", "raylet", "command")
PROCESSES = {"actor": "ray::Actor", "raylet": "raylet"}  # how their titles begin
PATIENCE = 120.0  # seconds for a node to begin
SAME_EVERYWHERE = {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "RAY_AUTH_MODE": "disabled"}


def begun(*arguments: str) -> psutil.Popen:
    return psutil.Popen([sys.executable, "-m", *arguments], env=os.environ | SAME_EVERYWHERE, stdout=subprocess.DEVNULL)


def kill(process: psutil.Process) -> None:
    with suppress(psutil.NoSuchProcess):
        process.kill()


class Node:
    """Of the cluster, with processes of its own."""

    def __init__(self, *arguments: str) -> None:
        self._arguments = ["ray.scripts.scripts", "start", "--block", "--disable-usage-stats", "--num-gpus=0"]
        self._arguments += arguments
        self.begin()

    def begin(self) -> None:
        self._process = begun(*self._arguments)
        end = time.monotonic() + PATIENCE
        while not self.running("raylet"):
            if time.monotonic() > end:
                raise TimeoutError("a node of the cluster did not begin")
            time.sleep(0.2)

    def running(self, title: str) -> list[psutil.Process]:
        """Its processes of that title."""
        found = []
        for process in self._process.children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                found += [process] if " ".join([process.name(), *process.cmdline()]).startswith(title) else []
        return found

    def end(self) -> None:
        for process in (*self._process.children(recursive=True), self._process):
            kill(process)
        self._process.wait(PATIENCE)


@contextmanager
def cluster(home: Path) -> Iterator[list[Node]]:
    """The nodes that may be killed."""
    head = Node("--head", f"--port={PORT}", "--num-cpus=0", "--include-dashboard=false", f"--temp-dir={home}")
    nodes: list[Node] = []
    try:
        for _ in range(2):
            nodes.append(Node(f"--address=127.0.0.1:{PORT}", "--num-cpus=1"))
        yield nodes
    finally:
        for node in (*nodes, head):
            node.end()


def disturbed(
    command: Sequence[str], nodes: Sequence[Node], out: Path, kills: int, chance: random.Random
) -> tuple[Counter[str], int]:
    """How often what was killed until the command was done, and how many images were written again meanwhile."""
    done, first = Counter[str](), dict[Path, int]()
    process = begun(*command)
    while process.poll() is None:
        with suppress(psutil.TimeoutExpired):
            process.wait(chance.uniform(*WAIT))
            break
        if done.total() < kills:
            what = TURNS[done.total() % len(TURNS)]
            if what == "command":
                kill(process)
                process.wait()
            elif not hit(what, chance.choice(nodes), chance):
                continue
            first = written(out) | first
            if what == "command":
                process = begun(*command)
            done[what] += 1
            print(f"{done.total()}: {what} killed, {len(first)} images", file=sys.stderr, flush=True)
    if process.returncode:
        raise SystemExit(f"the command ended with {process.returncode}, though nobody killed it")
    last = written(out)
    return done, sum(last[path] != when for path, when in first.items())


def hit(what: str, node: Node, chance: random.Random) -> bool:
    """Whether there was such a process."""
    found = node.running(PROCESSES[what])
    if not found:
        return False
    kill(chance.choice(found))
    if what == "raylet":
        node.end()
        node.begin()
    return True


def written(out: Path) -> dict[Path, int]:
    """When each image was."""
    return {path: path.stat().st_mtime_ns for path in out.rglob("*.png")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--images", type=int, default=4, help="of each prompt")
    parser.add_argument("--seed", type=int, default=0, help="of what is killed, and when")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="uce-") as temporary:
        alone, out = Path(temporary, "alone"), Path(temporary, "cluster")
        command = [*EVALUATION, "--images", str(chosen.images), "--out"]
        if begun(*command, str(alone)).wait():
            raise SystemExit("the command failed without a cluster")
        began = time.monotonic()
        with cluster(Path(temporary, "ray")) as nodes:
            command += [str(out), "--ray", f"127.0.0.1:{PORT}"]
            done, again = disturbed(command, nodes, out, chosen.kills, random.Random(chosen.seed))
        minutes = (time.monotonic() - began) / 60
        images = [path.relative_to(alone) for path in written(alone)]
        differing = [
            name
            for name in (*map(Path, REPORTS), *images)
            if not (out / name).is_file() or (out / name).read_bytes() != (alone / name).read_bytes()
        ]
        more = len(written(out)) - len(images)
    print("| killed | times |\n|---|---|")
    for what in TURNS:
        print(f"| {what} | {done[what]} |")
    print(f"\n{len(images)} images in {minutes:.0f} min: {again} written again, {more} too many; ", end="")
    print(f"{len(differing)} of {len(REPORTS) + len(images)} files differ from those of one process.")
    if differing or again or more:
        raise SystemExit(1)


if __name__ == "__main__":
    main()

"""An evaluation on a Ray cluster of two nodes, on this machine: the same as in one process, whoever is killed."""

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from uce_core import EditSpec, Model, erase
from uce_core.cli import main
from uce_core.cluster.ray_workers import Source, ray_workers
from uce_core.evaluation.candidates import as_candidate
from uce_core.evaluation.cases import numbered
from uce_core.evaluation.evaluate import evaluate
from uce_core.evaluation.inputs import EvaluationInputs

ARTISTS = ("Pablo Picasso", "Claude Monet")
CASES = tuple(numbered((f"{what} by {who}", who, "style", what) for who in ARTISTS for what in ("a cat", "a boat")))
REPORTS = ("report.html", "report.json", "scores.csv")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two nodes of a core each."""
    from ray.cluster_utils import Cluster

    found = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    found.add_node(num_cpus=1)
    yield found
    found.shutdown()


@pytest.fixture(scope="module")
def inputs(scored: Model) -> EvaluationInputs:
    edit = as_candidate("whole", erase(scored, EditSpec(erase=ARTISTS[:1], retain=ARTISTS[1:])))
    return EvaluationInputs(candidates=(edit,), cases=CASES, images=10, steps=2)


@pytest.fixture(scope="module")
def alone(scored: Model, inputs: EvaluationInputs, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an evaluation in this process."""
    folder = tmp_path_factory.mktemp("alone")
    evaluate(scored, inputs, folder)
    return folder


def actors() -> list[int]:
    """Processes that work on blocks."""
    return [one.pid for one in psutil.process_iter() if "ray::Actor" in " ".join(one.cmdline())]


def test_two_workers_make_what_one_process_does_though_one_is_killed(
    cluster: Any, scored: Model, inputs: EvaluationInputs, alone: Path, tmp_path: Path
) -> None:
    source, image_folder = Source(model=str(scored.folder)), inputs.image_folder(scored, tmp_path)
    killed: list[int] = []

    def kill_one(done: float, total: int) -> None:
        if done and not killed:
            killed.append(actors()[0])
            os.kill(killed[0], signal.SIGKILL)

    with ray_workers(cluster.address, source, inputs, image_folder) as workers:
        evaluate(scored, inputs, tmp_path, on_image=kill_one, workers=workers)
    assert killed
    assert sum(workers.done.values()) == inputs.image_count, "none twice"
    images = {path.relative_to(alone) for path in alone.rglob("*.png")}
    assert images == {path.relative_to(tmp_path) for path in tmp_path.rglob("*.png")}
    for name in (*REPORTS, *map(str, images)):
        assert (tmp_path / name).read_bytes() == (alone / name).read_bytes(), name


def test_the_command_line_says_what_each_worker_did(
    cluster: Any, scored: Model, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = ["--erase", "Gustav Klimt", "--retain", ARTISTS[1], "--steps", "1", "--model", str(scored.folder)]
    command = ["evaluate", "run", "unlearncanvas-style", *chosen, "--out", str(tmp_path), "--ray", cluster.address]
    assert main([*command, "--workers", "1"]) == 0
    said = capsys.readouterr()
    assert re.search(r": \d+ images\.$", said.err, re.M)
    assert (tmp_path / "report.html").is_file()


def test_where_there_is_no_cluster_it_is_said(
    scored: Model, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["evaluate", "run", "unlearncanvas-style", "--model", str(scored.folder), "--out", str(tmp_path)]
    assert main([*command, "--ray", "127.0.0.1:1"]) == 2
    assert "There is no Ray cluster at 127.0.0.1:1" in capsys.readouterr().err

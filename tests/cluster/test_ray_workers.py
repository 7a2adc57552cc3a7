"""An evaluation on a Ray cluster of two nodes, on this machine: the same as in one process, whoever is killed."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import psutil
import pytest
import torch

from app.main import serve
from app.studio.settings import Settings
from tests.cluster.dying import Dying, DyingOnce
from uce_core import Cancelled, DebiasSpec, EditSpec, Model, debias, erase
from uce_core.cli import main
from uce_core.cluster.ray_images import ray_images
from uce_core.cluster.ray_workers import DIED, Source, ray_workers
from uce_core.evaluation.blocks import Block
from uce_core.evaluation.candidates import as_candidate
from uce_core.evaluation.cases import numbered
from uce_core.evaluation.evaluate import evaluate
from uce_core.evaluation.image_folder import ORIGINAL
from uce_core.evaluation.inputs import EvaluationInputs
from uce_core.evaluation.worker import GENERATE

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
    """Processes that work on blocks, of this process's cluster: others on this machine are left alone."""
    own = psutil.Process().children(recursive=True)
    return [one.pid for one in own if one.is_running() and "ray::Actor" in " ".join(one.cmdline())]


def test_two_workers_make_what_one_process_does_though_one_is_killed(
    cluster: Any, scored: Model, inputs: EvaluationInputs, alone: Path, tmp_path: Path
) -> None:
    source, image_folder = Source(model=str(scored.folder)), inputs.image_folder(scored, tmp_path)
    killed: list[int] = []
    told: list[tuple[float, int]] = []

    def kill_one(done: float, total: int) -> None:
        told.append((done, total))
        if done and not killed:
            killed.append(actors()[0])
            os.kill(killed[0], signal.SIGKILL)

    with ray_workers(cluster.address, source, inputs, image_folder, model=scored) as workers:
        evaluate(scored, inputs, tmp_path, on_image=kill_one, workers=workers)
    assert killed
    assert told[-1] == (inputs.image_count, inputs.image_count)
    assert 0 < sum(workers.done.values()) <= inputs.image_count, (
        "none twice; who was killed may not have told of its last"
    )
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
    assert "Workers: 1. Each loads the model first" in said.err
    assert re.search(r": \d+ images\.$", said.err, re.M)
    assert (tmp_path / "report.html").is_file()


def test_where_there_is_no_cluster_it_is_said(
    scored: Model, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["evaluate", "run", "unlearncanvas-style", "--model", str(scored.folder), "--out", str(tmp_path)]
    for address, said in (
        ("127.0.0.1:1", "There is no Ray cluster at 127.0.0.1:1 that answers"),
        ("ray://127.0.0.1:1", "ray://127.0.0.1:1 is an address of Ray Client"),
    ):
        assert main([*command, "--ray", address]) == 2
        assert said in capsys.readouterr().err


def test_the_app_says_at_its_start_that_there_is_no_cluster() -> None:
    with pytest.raises(ValueError, match=r"There is no Ray cluster at 127\.0\.0\.1:1 that answers"):
        serve(Settings(ray="127.0.0.1:1"))


TOLD_TO_END = """
import os, signal, threading
from uce_core.cluster.connecting import connected

def connect():
    with connected({address!r}):
        os.kill(os.getpid(), signal.SIGTERM)

signal.signal(signal.SIGTERM, lambda *_: print("heard"))
thread = threading.Thread(target=connect)
thread.start()
thread.join()
os.kill(os.getpid(), signal.SIGTERM)
"""


def test_a_program_that_is_connected_in_a_thread_still_hears_that_it_is_to_end(cluster: Any) -> None:
    program = TOLD_TO_END.format(address=cluster.address)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "heard\nheard\n"), done.stderr


def test_workers_that_die_before_they_are_ready_are_not_begun_for_ever(
    cluster: Any, scored: Model, inputs: EvaluationInputs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("uce_core.cluster.ray_workers.TRIES", 2)
    looks: list[int] = []
    source, image_folder = Dying(model="", loads=False), inputs.image_folder(scored, tmp_path)
    with (
        pytest.raises(ValueError, match=r"No worker of the cluster can begin \("),
        ray_workers(cluster.address, source, inputs, image_folder, model=None, count=1) as workers,
    ):
        workers.each(GENERATE, [Block(ORIGINAL, 0, 2)], looks.append)
    assert looks
    assert not set(looks) - {0}


def test_blocks_that_end_every_worker_are_left_out_until_it_is_not_their_fault(
    cluster: Any, scored: Model, inputs: EvaluationInputs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("uce_core.cluster.ray_workers.TRIES", 2)
    monkeypatch.setattr("uce_core.cluster.ray_workers.IN_A_ROW", 2)
    source, image_folder = Dying(model="", loads=True), inputs.image_folder(scored, tmp_path)
    blocks = [Block(ORIGINAL, number, number + 1) for number in range(20)]
    with (
        pytest.raises(ValueError, match="Every worker that takes a block ends, 4 one after the other"),
        ray_workers(cluster.address, source, inputs, image_folder, model=None, count=1) as workers,
    ):
        workers.each(GENERATE, blocks, lambda images: None)
    assert image_folder.left_out(ORIGINAL) == {"0_0.png": DIED}


def test_workers_larger_than_any_machine_are_refused(
    cluster: Any, scored: Model, inputs: EvaluationInputs, tmp_path: Path
) -> None:
    source, image_folder = Source(model=str(scored.folder)), inputs.image_folder(scored, tmp_path)
    with (
        pytest.raises(ValueError, match="No machine of the cluster has 2 CPU cores: use fewer --cores"),
        ray_workers(cluster.address, source, inputs, image_folder, model=scored, cores=2),
    ):
        pass


def test_actors_find_files_that_the_command_names_by_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model").mkdir()
    (tmp_path / "atelier").mkdir()
    found = Source(model="model", csd=Path("csd.safetensors")).found_anywhere()
    assert found == Source(model=str(tmp_path / "model"), csd=tmp_path / "csd.safetensors")
    for name in ("atelier", "owner/name"):
        assert Source(model=name).found_anywhere() == Source(model=name)


def test_workers_that_compute_otherwise_than_the_plan_says_are_refused(
    cluster: Any, scored: Model, inputs: EvaluationInputs, tmp_path: Path
) -> None:
    source, image_folder = Source(model=str(scored.folder), dtype="fp32"), inputs.image_folder(scored, tmp_path)
    half = cast(Model, SimpleNamespace(dtype=torch.float16, device=torch.device("cpu")))
    with (
        pytest.raises(ValueError, match="computes in float32 on cpu, this process in float16 on cpu: give --device"),
        ray_workers(cluster.address, source, inputs, image_folder, model=half, count=1) as workers,
    ):
        workers.each(GENERATE, [Block(ORIGINAL, 0, 2)], lambda images: None)


def test_a_debiasing_on_a_cluster_finds_what_one_process_does_though_a_worker_dies(
    cluster: Any, scored: Model, scored_folder: Path, tmp_path: Path
) -> None:
    spec = DebiasSpec(concepts=("doctor", "teacher"), images=16, tolerance=0.3, iterations=1, steps=1)
    alone = debias(scored, spec)
    source = DyingOnce(model=str(scored_folder), dtype="fp32", device="cpu", died=tmp_path / "died")
    steps: list[tuple[int, int]] = []
    with ray_images(cluster.address, source) as embed:
        found = debias(scored, spec, lambda _, *step: steps.append(step), embed=embed)
    assert source.died.exists()
    assert steps[-1] == (32, 32)
    assert [one.scales for one in found.history] == [one.scales for one in alone.history]
    for ours, theirs in zip(found.history, alone.history, strict=True):
        assert torch.tensor(ours.shares).sub(torch.tensor(theirs.shares)).abs().max() <= 1 / 16, "rounding"
        assert ours.clip == pytest.approx(theirs.clip, abs=0.5)


def test_a_debiasing_on_a_cluster_is_stopped_and_says_what_went_wrong(
    cluster: Any, scored: Model, tmp_path: Path
) -> None:
    spec = DebiasSpec(concepts=("doctor",), images=16, tolerance=0.3, iterations=1, steps=1)

    def stop(*progress: int) -> None:
        raise Cancelled

    nowhere = Source(model=str(tmp_path / "nowhere"), device="cpu")
    with ray_images(cluster.address, nowhere, count=1) as embed:
        with pytest.raises(Cancelled):
            debias(scored, spec, stop, embed=embed)
        with pytest.raises(ValueError, match="nowhere"):
            debias(scored, spec, embed=embed)

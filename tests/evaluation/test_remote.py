"""Evaluations in an object store: the files of a folder of this machine, and what is wrong with an address, in one
sentence. The store is moto's, on this machine."""

import json
import logging
import pickle
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from moto.core import set_initial_no_auth_action_count
from moto.server import ThreadedMotoServer
from PIL import Image
from s3fs import S3FileSystem

from uce_core import EditSpec, Model, erase
from uce_core.cli import main
from uce_core.cluster.ray_workers import Actor, Source
from uce_core.evaluation.blocks import Block, Shard
from uce_core.evaluation.candidates import as_candidate
from uce_core.evaluation.cases import Case
from uce_core.evaluation.evaluate import evaluate, generate_shard
from uce_core.evaluation.image_folder import ORIGINAL
from uce_core.evaluation.inputs import EvaluationInputs
from uce_core.evaluation.worker import GENERATE
from uce_core.files import write_text
from uce_core.problems import Problem
from uce_core.remote import folder_of, names_in

KEY, SECRET = "key-of-the-tests", "secret-of-the-tests"
PICASSO, MONET = "Pablo Picasso", "Claude Monet"
CASES = tuple(
    Case(prompt=f"{what} by {who}", evaluation_seed=7 * number, case_number=number, artist=who, facet="style")
    for number, (who, what) in enumerate((who, what) for who in (PICASSO, MONET) for what in ("a house", "a boat"))
)
TASK = ("evaluate", "run", "unlearncanvas-style", "--erase", "Gustav Klimt", "--retain", MONET, "--steps", "1")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # it prints every request
    found = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    found.start()
    yield "http://{}:{}".format(*found.get_host_and_port())
    found.stop()


@pytest.fixture(scope="module")
def store(server: str) -> Iterator[S3FileSystem]:
    """With an empty bucket, called bucket."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", KEY)
        patch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_ENDPOINT_URL", server)
        S3FileSystem.clear_instance_cache()
        found = S3FileSystem(use_listings_cache=False)
        found.mkdir("bucket")
        yield found
        S3FileSystem.clear_instance_cache()


@pytest.fixture
def address(store: S3FileSystem, request: pytest.FixtureRequest) -> str:
    """Of a folder of the test's own."""
    return f"s3://bucket/{request.node.name}/out"


@pytest.fixture(scope="module")
def inputs(scored: Model) -> EvaluationInputs:
    edit = erase(scored, EditSpec(erase=(PICASSO,), retain=(MONET,)))
    return EvaluationInputs(candidates=(as_candidate("whole", edit),), cases=CASES, steps=1)


@pytest.fixture(scope="module")
def alone(scored: Model, inputs: EvaluationInputs, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of the evaluation in a folder of this machine."""
    folder = tmp_path_factory.mktemp("alone")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("uce_core.evaluation.evaluate.batch_size", lambda model: 3)
        evaluate(scored, inputs, folder)
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(autouse=True)
def by_threes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("uce_core.evaluation.evaluate.batch_size", lambda model: 3)


@pytest.fixture
def generated(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The prompts of all images that are generated."""
    found: list[str] = []
    real: Callable[..., Any] = sys.modules["uce_core.evaluation.generating"].generate

    def noted(model: Model, specs: Sequence[Any], *rest: Any) -> Any:
        found.extend(spec.prompt for spec in specs)
        return real(model, specs, *rest)

    monkeypatch.setattr("uce_core.evaluation.generating.generate", noted)
    return found


def files(store: S3FileSystem, address: str) -> dict[str, bytes]:
    """By what follows the address."""
    root = address.removeprefix("s3://")
    return {path.removeprefix(f"{root}/"): content for path, content in store.cat(store.find(root)).items()}


def test_a_store_has_the_files_of_a_folder_and_nothing_is_made_twice(
    scored: Model,
    inputs: EvaluationInputs,
    store: S3FileSystem,
    address: str,
    alone: dict[str, bytes],
    generated: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = evaluate(scored, inputs, folder_of(address))
    assert files(store, address) == alone
    kinds = [store.info(f"{address}/{name}")["ContentType"] for name in ("report.html", "original/0_0.png")]
    assert kinds == ["text/html", "image/png"], "as browsers need them"
    assert len(generated) == inputs.image_count
    assert [type(one) for pair in found.images_of("whole") for one in pair] == [Image.Image] * 8
    made = {path: facts["LastModified"] for path, facts in store.find(address, detail=True).items()}

    def measured_again(*_: Any) -> None:
        raise AssertionError("what is there is not measured again")

    with monkeypatch.context() as patch:
        patch.setattr("uce_core.evaluation.measure.Measurer.embed", measured_again)
        patch.setattr("uce_core.evaluation.measure.Measurer.measure", measured_again)
        evaluate(scored, inputs, folder_of(address))
    assert len(generated) == inputs.image_count
    kept = ("png", "parquet", "safetensors")
    now = store.find(address, detail=True)
    assert all(now[path]["LastModified"] == when for path, when in made.items() if path.endswith(kept))
    store.rm(f"{address}/whole/2_0.png")
    evaluate(scored, inputs, folder_of(address))
    assert generated[inputs.image_count :] == [case.prompt for case in CASES[:3]], "its batch"
    assert files(store, address) == alone


def test_shards_meet_in_a_store(
    scored: Model,
    inputs: EvaluationInputs,
    store: S3FileSystem,
    address: str,
    alone: dict[str, bytes],
    generated: list[str],
) -> None:
    for number in (2, 1):
        generate_shard(scored, inputs, folder_of(address), Shard(number, 2))
    assert "report.json" not in files(store, address)
    evaluate(scored, inputs, folder_of(address))
    assert len(generated) == inputs.image_count
    assert files(store, address) == alone


def test_what_was_measured_before_something_changed_is_removed(
    scored: Model, inputs: EvaluationInputs, store: S3FileSystem, address: str, alone: dict[str, bytes]
) -> None:
    folder = folder_of(address)
    for name in ("original/0000000-stale.safetensors", "whole/0000000-stale.parquet"):
        store.pipe(f"{address}/scores/{name}", b"of before")
    (note,) = [folder / "whole" / "1_0.left-out.txt"]
    store.pipe(str(note), b"It failed.")
    evaluate(scored, inputs, folder)
    assert files(store, address) == alone


def test_commands_take_an_address_and_tell_no_secret(
    scored: Model,
    store: S3FileSystem,
    address: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("UCE_STUDIO_HOME", str(tmp_path))
    asked = ["--axis", "strength=0.5,1", "--asked", "2", "--steps", "1"]
    command = ["evaluate", "sweep", *asked, "--model", str(scored.folder), "--out", address]
    assert main([*command, "--shard", "1/2"]) == 0
    assert "Shard 1 of 2 is generated" in capsys.readouterr().out
    assert main([*command, "--json"]) == 0
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert said["out"] == address
    assert len(said["runs"]) == 2
    written = files(store, address)
    assert {"report.json", "report.html", "scores.csv", "sweep.png"} <= set(written)
    assert {f"edits/strength-{value}.safetensors" for value in ("0.5", "1")} <= set(written)
    assert written["sweep.png"].startswith(b"\x89PNG")
    recorded = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert len(recorded) > 30, "the images of two runs"
    for content in (*written.values(), *recorded, pickle.dumps(folder_of(address))):
        assert KEY.encode() not in content
        assert SECRET.encode() not in content


def test_what_others_write_is_seen_at_once(store: S3FileSystem, address: str) -> None:
    folder = folder_of(address)
    write_text(folder / "a", "one")
    assert names_in(folder) == {"a"}
    S3FileSystem(skip_instance_cache=True).pipe(f"{address}/b", b"two")
    assert names_in(folder) == {"a", "b"}
    assert names_in(folder / "c") == set()


def test_a_damaged_image_is_said(scored: Model, inputs: EvaluationInputs, store: S3FileSystem, address: str) -> None:
    store.pipe(f"{address}/original/0_0.png", b"no image")
    with pytest.raises(Problem, match=f"{address}/original/0_0.png is damaged: delete it"):
        evaluate(scored, inputs, folder_of(address))


def test_a_worker_says_what_is_wrong_with_the_store(
    scored: Model, inputs: EvaluationInputs, store: S3FileSystem
) -> None:
    store.mkdir("gone")
    folder = pickle.loads(pickle.dumps(folder_of("s3://gone/out")))  # noqa: S301
    store.rmdir("gone")
    worker = Actor(Source(model=str(scored.folder)), inputs, folder, 0, None)
    worker.ready()
    with pytest.raises(Problem, match=r"s3://gone/out cannot .*\(The specified bucket does not exist\)"):
        worker.do(GENERATE, Block(ORIGINAL, 0, 1))


@pytest.fixture
def nothing_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    def loaded(*_: Any) -> None:
        raise AssertionError("said before the model is loaded")

    monkeypatch.setattr("uce_core.cli.evaluation.load_model", loaded)


@pytest.mark.usefixtures("store", "nothing_is_loaded")
@pytest.mark.parametrize(
    ("out", "sentence"),
    [
        (
            "s3://no-such-bucket/out",
            r"s3://no-such-bucket/out cannot .* \(The specified bucket does not exist\): check",
        ),
        ("s3://not a bucket/out", r"cannot be read or written \(Parameter validation failed:\): check"),
        ("s4://bucket/out", "The address s4://bucket/out is none that is known: use one such as s3://BUCKET/PATH"),
        ("s3://", "The address s3:// is none that is known"),
        ("simplecache::s3://bucket/out", "simplecache::s3://bucket/out is none that is known"),
        ("gs://bucket/out", r"needs a package that is not installed \(Please install gcsfs"),
        ("s3://name:pass/word@bucket/out", "The folder's address seems to hold a password: leave it out"),
    ],
)
def test_an_address_that_is_wrong_is_said_at_once(out: str, sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*TASK, "--out", out]) == 2
    said = capsys.readouterr().err
    assert re.search(sentence, said), said
    assert "pass/word" not in said
    assert len(said.splitlines()) == 1


def test_where_nothing_may_be_written_that_is_said_before_anything_is_generated(
    scored: Model, store: S3FileSystem, generated: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    store.mkdir("read-only")
    denied = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::read-only/*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [denied]})
    store.call_s3("put_bucket_policy", Bucket="read-only", Policy=policy)
    assert main([*TASK, "--model", str(scored.folder), "--out", "s3://read-only/out"]) == 2
    assert "s3://read-only/out cannot be read or written (Forbidden): check" in capsys.readouterr().err
    assert not generated


@pytest.mark.usefixtures("store")
def test_without_the_packages_it_is_said_how_to_install_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "upath", None)
    assert main([*TASK, "--out", "s3://bucket/out"]) == 2
    assert "for s3:// with pip install -r requirements-remote.txt." in capsys.readouterr().err


def test_a_file_address_is_a_path(tmp_path: Path) -> None:
    assert folder_of(tmp_path.as_uri()) == folder_of(str(tmp_path)) == tmp_path
    assert isinstance(folder_of(tmp_path.as_uri()), Path)


@pytest.mark.usefixtures("nothing_is_loaded")
def test_a_store_that_does_not_answer_or_let_in_is_said_at_once(
    store: S3FileSystem, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    refused = set_initial_no_auth_action_count(0)(lambda: main([*TASK, "--out", "s3://bucket/out"]))
    assert refused() == 2
    assert "(The AWS Access Key Id you provided does not exist in our records)" in capsys.readouterr().err
    S3FileSystem.clear_instance_cache()
    with monkeypatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
        patch.setenv("AWS_MAX_ATTEMPTS", "1")
        assert main([*TASK, "--out", "s3://bucket/out"]) == 2
    assert "s3://bucket/out cannot be read or written (Could not connect to the endpoint" in capsys.readouterr().err
    S3FileSystem.clear_instance_cache()

"""What hosts start the app with: limits, addresses, the container, the Space."""

import json
import os
import pickle
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.request import urlopen

import gradio as gr
import psutil
import pytest
import yaml
from gradio_client import Client
from gradio_client.exceptions import AppError
from packaging.requirements import Requirement
from starlette.requests import Request

from app.gradio_workarounds import paths_to_block
from app.server.address import address
from app.studio import zero_gpu
from app.studio.limits import Limits, most_images
from app.studio.request import first_generation
from app.studio.settings import Settings
from app.studio.studio import Studio
from app.studio.visitor import OWNER, Role, Visitor
from app.tabs.compare import CompareTab
from app.tabs.compare_fields import clamped, fields_of_generations
from app.words import error_text
from tests.app.serving import ROOT, free_port, until_up
from uce_core import DebiasSpec, EditSpec, GenerationSpec
from uce_core.runs.store import Store

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def instructions(name: str) -> list[str]:
    return [line.removeprefix(name).strip() for line in DOCKERFILE.splitlines() if line.startswith(f"{name} ")]


@contextmanager
def running(command: list[str], folder: Path, port: int, env: Mapping[str, str]) -> Iterator[str]:
    """Its address."""
    with started(command, folder, port, env) as (url, _):
        yield url


@contextmanager
def started(command: list[str], folder: Path, port: int, env: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    """The address and the id of the process."""
    process = subprocess.Popen(command, cwd=folder, env={**os.environ, "GRADIO_SERVER_PORT": str(port), **env})
    url = f"http://127.0.0.1:{port}"
    try:
        until_up(url, process)
        yield url, process.pid
    finally:
        process.terminate()
        process.wait(20)


@pytest.mark.parametrize(
    ("root_path", "headers", "expected"),
    [
        ("", {}, "http://127.0.0.1:7860"),
        ("/studio", {"x-forwarded-host": "lab.example"}, "http://lab.example/studio"),
        ("/studio", {"x-forwarded-host": "lab.example:8443, inner", "x-forwarded-proto": "https, http"},
         "https://lab.example:8443/studio"),
        ("https://lab.example/studio", {"x-forwarded-host": "inner"}, "https://lab.example/studio"),
    ],
)  # fmt: skip
def test_an_address_is_the_one_that_visitors_see(root_path: str, headers: dict[str, str], expected: str) -> None:
    asked: Any = SimpleNamespace(
        headers=headers, request=SimpleNamespace(url=SimpleNamespace(netloc="127.0.0.1:7860", scheme="http"))
    )
    assert address(asked, root_path) == expected


def test_behind_a_proxy_nobody_is_the_owner() -> None:
    assert Settings().is_local
    assert not Settings(root_path="/studio").is_local


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"language": "kr"}, "Unknown lang 'kr': use one of auto, en, ko"),
        ({"root_path": "studio"}, "root path studio is not valid: use a path such as /studio"),
        ({"models": ("a/sd-1.4.safetensors", "b/sd-1.4.safetensors")}, "Two models are called sd-1.4"),
    ],
)
def test_settings_that_make_no_sense_are_said(
    wrong: dict[str, Any], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in ("a", "b"):
        Path(folder).mkdir()
        Path(folder, "sd-1.4.safetensors").touch()
    assert list(Settings(models=("a", "b/sd-1.4.safetensors", "hub/sd-1.5")).offered) == ["a", "sd-1.4", "hub/sd-1.5"]
    with pytest.raises(ValueError, match=sentence):
        Settings(**wrong)


def test_images_are_served_though_they_lie_in_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("data/runs/files", "data/edits", "app", "data/runs/database"):
        (tmp_path / name).mkdir(parents=True)
    beside = ("app", "data/edits", "data/runs/database")
    assert sorted(paths_to_block(tmp_path / "data/runs/files")) == [str(tmp_path / name) for name in beside]
    monkeypatch.chdir(tmp_path / "app")
    assert paths_to_block(tmp_path / "data/runs/files") == [str(tmp_path / "app")]


def test_limits_count_what_may_be_generated() -> None:
    limits = Limits(images=6, steps=10)
    spec = GenerationSpec("a cat", steps=10)
    limits.check_generations([spec] * 3)
    with pytest.raises(ValueError, match="up to 8 images, and the limit here is 6"):
        limits.check_generations([spec] * 4)
    with pytest.raises(ValueError, match="steps is 11: use a whole number from 1 to 10"):
        limits.check_generations([GenerationSpec("a cat", steps=11)])


@pytest.mark.parametrize(
    ("size", "native", "refused"),
    [
        ((None, None), 512, ""),
        ((None, None), 0, ""),
        ((64, 160), 0, ""),
        ((128, None), 64, ""),
        ((512, 512), 512, ""),  # the model's own, however small the limit
        ((512, 520), 512, "512×520 has 266240 pixels, and the limit here is 10240"),
        ((64, 168), 0, "64×168 has 10752 pixels"),
        ((None, 128), 128, ""),
        ((None, 128), 0, "128×128 has 16384 pixels"),
        ((1024, None), 128, "1024×128"),
    ],
)
def test_an_image_has_so_many_pixels_at_most(size: tuple[int | None, int | None], native: int, refused: str) -> None:
    limits, spec = Limits(pixels=64 * 160), GenerationSpec("a cat", width=size[0], height=size[1])
    if not refused:
        limits.check_generations([spec], native)
        return
    with pytest.raises(ValueError, match=refused):
        limits.check_generations([spec], native)


def test_debiasings_are_counted_with_all_their_iterations() -> None:
    limits = Limits(images=6)
    debiasing = DebiasSpec(concepts=("doctor", "nurse"), images=100, tolerance=0.15, iterations=8)
    Limits().check_images(most_images(debiasing))
    with pytest.raises(ValueError, match="up to 1800 images"):
        limits.check_images(most_images(debiasing))


def test_a_model_that_cannot_be_loaded_is_told_without_its_path(
    tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is wrong with it: what is seen at once, and what a library finds when it loads a part."""
    broken, odd = (shutil.copytree(tiny_folder, tmp_path / name) for name in ("broken", "odd"))
    (broken / "text_encoder" / "model.safetensors").unlink()
    (odd / "vae" / "config.json").write_text("{}")
    studio = Studio(Settings(models=(str(tiny_folder), str(broken), str(odd)), edits=tmp_path / "edits"))
    at_hand = studio.models.load(tiny_folder.name)
    for name in ("broken", "odd"):
        with pytest.raises(ValueError, match=f"^{name} ") as error:
            studio.models.load(name)
        for language in ("en", "ko"):
            assert str(tmp_path) not in error_text(error.value, language)
    assert studio.models.load(tiny_folder.name) is at_hand, "the one at hand stays"


def test_fields_from_elsewhere_ask_for_no_more_than_the_page_has() -> None:
    assert clamped({"steps": 50, "prompt": "a cat", "strength": -4.0}, 10) == {
        "steps": 10, "prompt": "a cat", "strength": -3.0,
    }  # fmt: skip
    assert clamped({"steps": 5, "strength": 2.5}, 10) == {"steps": 5, "strength": 2.5}
    assert clamped({"images": 100}, 10) == {"images": 100}


def test_one_edit_has_so_many_concepts_at_most() -> None:
    limits = Limits(concepts=3)
    limits.check_concepts(EditSpec(erase=("Monet", "Munch"), retain=("Klimt",)))
    with pytest.raises(ValueError, match=r"There are 4 concepts .* limit here is 3"):
        limits.check_concepts(EditSpec(erase=("Monet", "Munch"), retain=("Klimt", "Hokusai")))


def test_of_several_prompts_the_first_is_continued() -> None:
    specs = [
        GenerationSpec(prompt, seed, steps=9, guidance_scale=3.0) for prompt in ("a cat", "a dog") for seed in (1, 2)
    ]
    usual = {"negative_prompt": "", "width": "", "height": "", "sampler": ""}
    asked = {"prompt": "a cat", "seeds": "1, 2", "steps": 9, "guidance_scale": 3.0}
    assert fields_of_generations(specs) == asked | usual


def copied() -> list[tuple[list[str], str]]:
    """Sources and destination of each COPY."""
    words = [[word for word in shlex.split(line) if not word.startswith("--")] for line in instructions("COPY")]
    return [(sources, destination) for *sources, destination in words]


def test_the_app_starts_from_the_files_that_the_container_gets(tmp_path: Path) -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    image, data = tmp_path / "studio", tmp_path / "data"
    for sources, destination in copied():
        for source in sources:
            assert f"!{source}" in ignored, source
            inside = data / Path(destination).relative_to("/data") if destination.startswith("/") else image
            target = inside if inside != image else image / source
            target.parent.mkdir(parents=True, exist_ok=True)
            (shutil.copytree if (ROOT / source).is_dir() else shutil.copy)(ROOT / source, target)
    port = free_port()
    [entry], [check] = instructions("ENTRYPOINT"), instructions("HEALTHCHECK")
    command = [word.replace("/data", str(data)).replace("7860", str(port)) for word in json.loads(entry)]
    env = {"UCE_STUDIO_HOME": str(data), "PYTHONPATH": ""}
    with running([sys.executable, *command[1:]], image, port, env):
        healthy = json.loads(check[check.index("[") :])
        look = [sys.executable, *healthy[1:-1], healthy[-1].replace("7860", str(port))]
        for _ in range(120):  # until the model is loaded, for which Docker waits two minutes
            if subprocess.run(look, stderr=subprocess.DEVNULL).returncode == 0:
                break
            time.sleep(1)
        subprocess.run(look, check=True)
    assert instructions("EXPOSE") == ["7860"]
    assert instructions("USER") == ["studio"]


def front_matter() -> dict[str, Any]:
    _, head, _ = (ROOT / "README.md").read_text(encoding="utf-8").split("---\n", 2)
    return yaml.safe_load(head)


def test_the_readme_begins_with_what_a_space_needs() -> None:
    head = front_matter()
    requirements = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    [gradio] = [Requirement(line) for line in requirements if line.startswith("gradio")]
    assert head["sdk"] == "gradio"
    assert head["sdk_version"] in gradio.specifier
    assert (ROOT / head["app_file"]).is_file()
    assert isinstance(head["python_version"], str)
    assert head["license"] == "mit"
    assert not (ROOT / "app.py").exists(), "it would hide the package app"


def test_the_space_starts_with_the_settings_of_its_variables(tmp_path: Path) -> None:
    env = {"UCE_STUDIO_HOME": str(tmp_path), "UCE_STUDIO_READ_ONLY": "1", "UCE_STUDIO_LANG": "ko"}
    with running([sys.executable, front_matter()["app_file"]], ROOT, free_port(), env) as url:
        with urlopen(url, timeout=60) as answer:
            assert b"UCE Studio" in answer.read()
        assert not Client(url, verbose=False).view_api(return_format="dict")["named_endpoints"]


def test_without_its_package_zero_gpu_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zero_gpu, "spaces", None)
    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    assert not zero_gpu.here()
    assert zero_gpu.gpu(len) is len


def test_a_flag_is_seen_by_other_processes(tmp_path: Path) -> None:
    flag = zero_gpu.Flag(tmp_path / "stop", "anne", "anne")
    other = pickle.loads(pickle.dumps(flag))  # noqa: S301 (our own)
    assert not other.is_set()
    flag.set()
    assert other.is_set()
    assert (other.visitor, other.party) == (flag.visitor, flag.party)


def test_zero_gpu_generates_in_a_process_of_its_own(tmp_path: Path) -> None:
    """With a stand-in that forks and pickles as Hugging Face's package does. When such a process dies, who asked is
    told, and the next request has another one."""
    env = {
        "UCE_STUDIO_HOME": str(tmp_path),
        "PYTHONPATH": str(ROOT / "tests" / "standins"),
        "SPACES_ZERO_GPU": "true",
        "OMP_NUM_THREADS": "1",  # a fork does not have its parent's threads
    }
    asked = {"prompt": "a cat by Vincent van Gogh", "seed": 3, "steps": 4, "api_name": "/compare"}
    with started([sys.executable, "space.py"], ROOT, free_port(), env) as (url, process):
        client = Client(url, verbose=False)
        dying = client.submit(**asked | {"steps": 50})
        while not (forks := psutil.Process(process).children()):
            time.sleep(0.05)
        forks[0].kill()
        with pytest.raises(AppError, match=r"The GPU did not finish it \(GPU task aborted\): try again"):
            dying.result(timeout=60)
        run = client.predict(**asked)[3]
        assert Store(tmp_path / "runs").get(run).title == asked["prompt"]
        with pytest.raises(AppError, match="nothing to erase"):
            client.predict(**asked, erase=[])
        with pytest.raises(AppError, match="tokens too long"):
            client.predict(**asked | {"prompt": "a cat " * 100 + "{"})


def test_only_the_owner_pins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also if somebody asks the server without the button."""
    monkeypatch.setenv("UCE_STUDIO_HOME", str(tmp_path))
    studio = Studio(Settings())
    for visitor, pinned in ((Visitor(Role.LOGGED_IN, "login-1", "Kim"), False), (OWNER, True)):
        tab = CompareTab(studio, studio.models.catalog(), first_generation(studio.models.family()))
        tab.parts |= {name: name for name in ("pin", "status")}
        run = studio.store.for_visitor(visitor.id).add("compare", "a cat", {}, {}, {}, [])
        scope = {"type": "http", "headers": [], "query_string": b"", "visitor": visitor}
        tab.pin(run, gr.Request(Request(scope)))
        assert studio.store.get(run).pinned == pinned

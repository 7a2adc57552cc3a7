"""A tiny random pipeline for logic, Atelier for behaviour; and how two processes share the tests.

Torch and diffusers are imported where they are needed: the process that hands out the tests needs neither.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

os.environ["HF_HUB_OFFLINE"] = "1"  # tests never ask a hub; set before the libraries read it
os.environ["OMP_NUM_THREADS"] = "1"  # images this small gain nothing from threads, which wait for each other busily

import pytest

if TYPE_CHECKING:
    from uce_core import Model

LONGEST_ID = 100  # characters of one value in a test's name


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests of the app in a browser go to one process, as two cores bear one of each; other files stay whole."""
    for item in items:
        browses = {"app", "playwright"} & set(getattr(item, "fixturenames", ()))
        item.add_marker(pytest.mark.xdist_group("browser" if browses else item.nodeid.partition("::")[0]))


def pytest_make_parametrize_id(val: object) -> str | None:
    """Short also for a value of megabytes: tests' names go to and fro between processes."""
    if isinstance(val, str | bytes) and len(val) > LONGEST_ID:
        return f"{val[:20]!a} and {len(val) - 20} more"
    return None


def pytest_collection_finish(session: pytest.Session) -> None:
    """Without groups every process would start the apps and browsers of all."""
    if "PYTEST_XDIST_WORKER" in os.environ and not all("@" in item.nodeid for item in session.items):
        raise pytest.UsageError("pytest-xdist does not group tests: use the versions of requirements-dev.txt.")


@pytest.fixture(scope="session", autouse=True)
def nobodys_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What tests generate is recorded in a folder of theirs, not among the runs of whoever runs them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UCE_STUDIO_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture(scope="session")
def tiny() -> "Model":
    from tests.tiny import tiny_model

    return tiny_model()


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.tiny import tiny_pipeline

    folder = tmp_path_factory.mktemp("tiny")
    tiny_pipeline().save_pretrained(folder)
    return folder


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of a hub that cannot be reached."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    return tmp_path / "hub"


@pytest.fixture(scope="session")
def scored_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.tiny import save_scored

    return save_scored(tmp_path_factory.mktemp("scored"))


@pytest.fixture(scope="session")
def scored(scored_folder: Path) -> "Model":
    from uce_core import load_model

    return load_model(str(scored_folder))


@pytest.fixture(scope="session")
def atelier() -> "Model":
    from uce_core import load_model

    return load_model("atelier")

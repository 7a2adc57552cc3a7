"""Stores for the tests of recorded runs, in SQLite and in PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import postgresql
from uce_core.runs.store import Store


@pytest.fixture(scope="session")
def cluster() -> Iterator[postgresql.Cluster]:
    with postgresql.cluster(postgresql.programs_to_test_with()) as private:
        yield private


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """The URL of a new database; "" for SQLite, beside the files."""
    return "" if request.param == "sqlite" else request.getfixturevalue("cluster").new()


@pytest.fixture
def kept(tmp_path: Path, database: str) -> Iterator[Store]:
    store = Store(tmp_path / "store", database)
    yield store
    store.engine.dispose()

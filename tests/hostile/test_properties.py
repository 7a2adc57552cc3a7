"""Whatever strangers send is taken, or refused with one sentence."""

from pathlib import Path
from types import ModuleType

import pytest

from tests.hostile.everything import MODULES
from tests.hostile.promises import Outcome, tried


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
@pytest.mark.filterwarnings("ignore::UserWarning:PIL", "ignore::PIL.Image.DecompressionBombWarning")
def test_what_strangers_send_is_taken_or_refused_in_one_sentence(module: ModuleType, tmp_path: Path) -> None:
    outcomes: list[Outcome] = []
    for one in module.properties(tmp_path / "here"):
        outcomes += tried(one)
    assert outcomes

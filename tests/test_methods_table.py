"""docs/methods.md says what the methods' dataclasses say."""

from scripts.methods_table import PAGE, renewed
from uce_core.methods import METHODS


def test_the_tables_are_up_to_date() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert renewed(page) == page, "run python -m scripts.methods_table"
    assert all(f"| `{name}` |" in page for name in METHODS)


def test_a_table_that_is_not_up_to_date_is_noticed() -> None:
    page = PAGE.read_text(encoding="utf-8")
    old = page.replace("| `lam` | number | 5 |", "| `lam` | number | 4 |")
    assert old != page
    assert renewed(old) == page

"""Both languages say everything."""

import ast
from pathlib import Path
from string import Formatter

import pytest

from app.words import FIELDS, WORDS, error_text, finding_text
from app.words.korean_problems import KOREAN_FINDINGS, KOREAN_PROBLEMS
from uce_core import DebiasSpec, EditSpec
from uce_core.concepts.wordings import templates
from uce_core.evaluation.cases import Case
from uce_core.evaluation.tables import FINDINGS, OF_THE_DROP, Finding
from uce_core.problems import Problem

ROOT = Path(__file__).resolve().parents[2]


def slots(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_have_the_same_texts_and_slots() -> None:
    english, korean = WORDS["en"], WORDS["ko"]
    assert set(english) == set(korean)
    for key, text in english.items():
        assert slots(text) == slots(korean[key]), key
        assert text.strip()
        assert korean[key].strip()


def sentences() -> set[str]:
    """The first argument of every Problem(...) in the engine and the app."""
    found = set()
    for folder in ("app", "uce_core"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Problem":
                    assert isinstance(node.args[0], ast.Constant), f"{path}:{node.lineno}"
                    found.add(node.args[0].value)
    return found


def test_every_problem_is_said_in_korean_with_the_same_slots() -> None:
    assert sentences() == set(KOREAN_PROBLEMS)
    for english, korean in KOREAN_PROBLEMS.items():
        assert slots(english) == slots(korean), english


def test_every_finding_is_told_in_korean_with_the_same_slots() -> None:
    assert set(KOREAN_FINDINGS) == {*FINDINGS.values(), OF_THE_DROP}
    for english, korean in KOREAN_FINDINGS.items():
        assert slots(english) == slots(korean), english
    finding = Finding(OF_THE_DROP, {"artist": "Pablo Picasso", "share": "35%"})
    assert "Pablo Picasso" in finding_text(finding, "ko") != finding_text(finding, "en") == str(finding)


def test_a_problem_calls_a_field_what_the_page_calls_it() -> None:
    assert set(FIELDS.values()) <= set(WORDS["en"])
    for name, value in (("images", 0), ("tolerance", 2.0), ("iterations", 0), ("concepts", ["doctor", 1])):
        with pytest.raises(Problem) as raised:
            DebiasSpec(**{"concepts": ["doctor"], name: value})
        for language in WORDS:
            assert f"“{WORDS[language][f'debias_{name}']}”" in error_text(raised.value, language)
    with pytest.raises(Problem) as raised:
        EditSpec("Monet", lam=0.0)  # type: ignore[arg-type]  # a text where a list is wanted
    assert error_text(raised.value, "en") == "Give “Erase” as a list of texts (got 'Monet')."


def test_shares_are_said_in_percent() -> None:
    with pytest.raises(Problem, match=r"known to ±31.0% only, and the tolerance is 5.0%: use more than 384 images"):
        DebiasSpec(["doctor"], images=10, tolerance=0.05)
    with pytest.raises(Problem, match=r"The ratios are 50%, 60%: .* together 100%"):
        DebiasSpec(["doctor"], ratios=(0.5, 0.6))


def test_a_problem_is_explained_in_the_language_of_the_visitor() -> None:
    error = Problem("The prompt is empty: write what to draw.")
    assert error_text(error, "en") == str(error) == "The prompt is empty: write what to draw."
    assert error_text(error, "ko").startswith("프롬프트가 비어")


def test_an_unknown_wording_is_answered_with_the_names_of_the_list() -> None:
    with pytest.raises(ValueError, match="Unknown wording") as raised:
        templates("gibberish")
    assert "style, portrait" in error_text(raised.value, "en")
    korean = error_text(raised.value, "ko")
    assert "gibberish" in korean
    assert WORDS["ko"]["wording_style"] in korean
    with pytest.raises(ValueError, match="unknown facet") as raised:
        Case("a cat", 1, 0, "Claude Monet", "gibberish")
    assert "gibberish" in error_text(raised.value, "ko")

"""Both languages say everything."""

import ast
from pathlib import Path
from string import Formatter

from app.words import WORDS, explain, tell
from app.words.korean_problems import KOREAN_FINDINGS, KOREAN_PROBLEMS
from uce_core.problems import Problem
from uce_core.tables import FINDINGS, OF_THE_DROP, Finding

ROOT = Path(__file__).resolve().parent.parent


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
    assert "Pablo Picasso" in tell(finding, "ko") != tell(finding, "en") == str(finding)


def test_a_problem_is_explained_in_the_language_of_the_visitor() -> None:
    error = Problem("The prompt is empty: write what to draw.")
    assert explain(error, "en") == str(error) == "The prompt is empty: write what to draw."
    assert explain(error, "ko").startswith("프롬프트가 비어")

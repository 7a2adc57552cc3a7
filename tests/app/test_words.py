"""Both languages say everything."""

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

from app.words import FIELDS, WORDS, error_text, finding_text
from app.words.korean_sentences import KOREAN_FINDINGS, KOREAN_PROBLEMS
from uce_core import DebiasSpec, EditSpec
from uce_core.concepts.wordings import templates
from uce_core.evaluation.cases import Case
from uce_core.evaluation.tables import FINDINGS, Finding
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


def test_every_text_is_given_its_slots() -> None:
    """Wherever translate is called with a key that is written out; a missing slot would only show on that page."""
    seen = 0
    for path in (ROOT / "app").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "translate"):
                continue
            given = {word.arg for word in node.keywords}
            keys = [part.value for part in ast.walk(node.args[1]) if isinstance(part, ast.Constant)]
            for key in keys if not isinstance(node.args[1], ast.JoinedStr) and None not in given else ():
                if key in WORDS["en"]:
                    assert slots(WORDS["en"][key]) <= given, f"{path.name}:{node.lineno}: {key}"
                    seen += 1
    assert seen > 50


def problems() -> set[tuple[str, str]]:
    """Id and sentence of every Problem(...) in the engine and the app."""
    found = set()
    for folder in ("app", "uce_core"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Problem":
                    assert all(isinstance(part, ast.Constant) for part in node.args), f"{path}:{node.lineno}"
                    problem_id, sentence = (ast.literal_eval(part) for part in node.args)
                    found.add((problem_id, sentence))
    return found


def test_a_problem_has_one_id_and_one_sentence() -> None:
    found = problems()
    assert len(found) == len({problem_id for problem_id, _ in found}) == len({sentence for _, sentence in found})
    assert all(re.fullmatch(r"[a-z0-9_]+", problem_id) for problem_id, _ in found)


def test_every_problem_is_said_in_korean_with_the_same_slots() -> None:
    english = dict(problems())
    assert set(english) == set(KOREAN_PROBLEMS)
    for problem_id, sentence in english.items():
        assert slots(sentence) == slots(KOREAN_PROBLEMS[problem_id]), problem_id


def test_every_finding_is_told_in_korean_with_the_same_slots() -> None:
    assert set(KOREAN_FINDINGS) == set(FINDINGS)
    for finding_id, sentence in FINDINGS.items():
        assert slots(sentence) == slots(KOREAN_FINDINGS[finding_id]), finding_id
    finding = Finding("clip_drop_identity", {"artist": "Pablo Picasso", "share": "35%"})
    assert "Pablo Picasso" in finding_text(finding, "ko") != finding_text(finding, "en") == str(finding)


def test_a_problem_calls_a_field_what_the_page_calls_it() -> None:
    assert set(FIELDS.values()) <= set(WORDS["en"])
    for name, value in (("images", 0), ("tolerance", 2.0), ("iterations", 0), ("concepts", ["doctor", 1])):
        with pytest.raises(Problem) as raised:
            DebiasSpec(**{"concepts": ["doctor"], name: value})
        for language in WORDS:
            assert f"“{WORDS[language][f'debias_{name}']}”" in error_text(raised.value, language)
    with pytest.raises(Problem) as raised:
        EditSpec(erase="Monet", lam=0.0)  # type: ignore[arg-type]  # a text where a list is wanted
    assert error_text(raised.value, "en") == "“Erase” must be a list of texts (got 'Monet')."


def test_shares_are_said_in_percent() -> None:
    with pytest.raises(Problem, match=r"only accurate to ±31.0%, but the tolerance is 5.0%: use more than 384 images"):
        DebiasSpec(concepts=["doctor"], images=10, tolerance=0.05)
    with pytest.raises(Problem, match=r"The ratios are 50%, 60%: .* together 100%"):
        DebiasSpec(concepts=["doctor"], ratios=(0.5, 0.6))


def test_a_problem_is_explained_in_the_language_of_the_visitor() -> None:
    error = Problem("prompt_empty", "The prompt is empty: write what to generate.")
    assert error_text(error, "en") == str(error) == "The prompt is empty: write what to generate."
    assert error_text(error, "ko").startswith("프롬프트가 비어")


def test_an_unknown_wording_is_answered_with_the_names_of_the_list() -> None:
    with pytest.raises(ValueError, match="Unknown wording") as raised:
        templates("gibberish")
    assert "style, portrait" in error_text(raised.value, "en")
    korean = error_text(raised.value, "ko")
    assert "gibberish" in korean
    assert WORDS["ko"]["wording_style"] in korean
    with pytest.raises(ValueError, match="unknown facet") as raised:
        Case(prompt="a cat", evaluation_seed=1, case_number=0, artist="Claude Monet", facet="gibberish")
    assert "gibberish" in error_text(raised.value, "ko")

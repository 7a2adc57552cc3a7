"""Every regular expression of the app and the engine, on long texts that make careless ones slow.

They are found in the source, so that a new one is tried, too. Those that are made from a name are tried in prompts.py.
"""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.hostile.material import MARKUP, NAMES, ODD, TEXTS, at
from tests.hostile.promises import ROOT, Property

LENGTH = 100_000  # characters, more than any request has in its head or a field takes
TRIED = ("sub", "search", "match", "fullmatch", "findall", "split")
SMALL = st.sampled_from(
    (*" \n/:.,;-_{}()0a:A한\u0301", "the ", "/image/", "/gradio_api/file=", "a painting of ", "samesite=none")
)


Use = tuple[re.Pattern[str], str]  # a pattern, and the method by which it is used


def uses() -> dict[str, Use]:
    """By where they stand."""
    found: dict[str, Use] = {}
    for package in ("app", "uce_core"):
        for path in sorted((ROOT / package).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            found |= {f"{module}:{line}": use for line, use in uses_in(tree, module)}
    return found


def uses_in(tree: ast.Module, module: str) -> Iterator[tuple[int, Use]]:
    made = {
        name.id
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.value).startswith("re.compile(")
        for name in node.targets
        if isinstance(name, ast.Name)
    }
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
        ):
            owner, method = node.func.value.id, node.func.attr
            if owner in made and method in TRIED:
                yield node.lineno, (getattr(importlib.import_module(module), owner), method)
            elif owner == "re" and method in TRIED and isinstance(node.args[0], ast.Constant):
                yield node.lineno, (re.compile(str(node.args[0].value)), method)


PATTERNS = uses()


@st.composite
def long_texts(draw: DrawFn) -> tuple[str, str]:
    """One piece again and again, or two, with something at the end that fits nowhere."""
    where = list(PATTERNS)[at(draw, len(PATTERNS))]
    starts = [re.sub(r"\\(.)", r"\1", part) for part in re.findall(r"[\w/:=. -]+", PATTERNS[where][0].pattern)] or [""]
    pieces = [draw(SMALL) for _ in range(1 + at(draw, 2))] + [starts[at(draw, len(starts))] or "a"] * at(draw, 2)
    text = "".join(pieces)
    head = ("", starts[0], draw(st.sampled_from((*MARKUP, *NAMES, *ODD))))[at(draw, 3)]
    return where, head + text * (LENGTH // len(text)) + ("", "\x00", "!", "\n", draw(TEXTS)[:20])[at(draw, 5)]


def properties(folder: Path) -> Iterator[Property]:
    folder.mkdir()

    def scan(case: tuple[str, str]) -> Any:
        where, text = case
        pattern, method = PATTERNS[where]
        return getattr(pattern, method)(*("-", text)[method != "sub" :])

    yield Property(
        name="regular expressions", cases=long_texts(), parse=scan, use=lambda case, found: None, folder=folder,
        weight=6, most=100.0,
    )  # fmt: skip

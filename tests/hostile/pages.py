"""HTML: whatever was typed is text, wherever it is shown."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from hypothesis import strategies as st

from app.html.differences import differences_table
from app.html.pairs import Shown, grid, run_grid
from app.html.pieces import (
    edit_table,
    fact_table,
    heat_map,
    impact_bars,
    notice,
    problem,
    progress_bar,
    section,
    sentences,
    share_bars,
    verdict_lines,
)
from app.html.review import results_page, task_images
from app.html.runs import findings_of, run_links, settings_table
from app.words import WORDS
from tests.hostile.material import UTF8
from tests.hostile.pictures import PLAIN
from tests.hostile.promises import Property
from tests.hostile.recorded import report
from uce_core import DebiasSpec, EditSpec, GenerationSpec
from uce_core.evaluation.tables import Finding
from uce_core.evaluation.verdict import Detection, Verdict
from uce_core.methods.debias import Iterate
from uce_core.methods.impact import Impact
from uce_core.review.agreement import results
from uce_core.review.tasks import SIDES, Item, Rating
from uce_core.runs.outcomes import ComparisonOutcome
from uce_core.runs.reports import REPORT
from uce_core.runs.requests import ComparisonRequest
from uce_core.runs.run import ComparisonRun


class _Tags(HTMLParser):
    """Tags with their attributes' names, and the text between them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[tuple[str, str]] = set()
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {(tag, ""), *((tag, name) for name, _ in attrs)}
        for name, value in attrs:
            assert not name.startswith("on"), f"a script on {tag}"
            leads = name in ("href", "src", "action", "formaction", "srcdoc")
            assert not (leads and (value or "").strip().lower().startswith("javascript:")), (
                f"a script in {name} of {tag}"
            )

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_comment(self, data: str) -> None:
        self.found.add(("!--", ""))

    def handle_decl(self, decl: str) -> None:
        self.handle_comment(decl)

    def unknown_decl(self, data: str) -> None:
        self.handle_comment(data)

    def handle_pi(self, data: str) -> None:
        self.handle_comment(data)


def tags(html: str) -> set[tuple[str, str]]:
    """Which there are, each with each of its attributes."""
    return parsed(html).found


def parsed(html: str) -> _Tags:
    parser = _Tags()
    parser.feed(html)
    parser.close()
    return parser


def properties(folder: Path) -> Iterator[Property]:
    folder.mkdir()
    (folder / "dot.png").write_bytes(PLAIN)
    made = MADE | {"results": lambda text, language: _rated(text, language, folder / "dot.png")}
    usual = {name: {code: parsed(make("x", code)) for code in WORDS} for name, make in made.items()}

    def shown(case: tuple[str, str, str]) -> str:
        name, text, language = case
        page: str = made[name](text, language)
        return page

    def check(case: tuple[str, str, str], html: str) -> None:
        """The same elements as for a harmless text, and the text among them, to the letter."""
        name, text, language = case
        found = parsed(html)
        assert found.found == usual[name][language].found
        assert squeezed(text) in squeezed("".join(found.text)), "the text is not shown"
        html.encode()

    cases = st.tuples(st.sampled_from([*MADE, "results"]), UTF8, st.sampled_from(sorted(WORDS)))
    yield Property(name="HTML of what was typed", cases=cases, parse=shown, use=check, folder=folder, weight=12)


def squeezed(text: str) -> str:
    """As HTML has it: line ends are all the same, and there are no NULs."""
    return "".join(text.replace("\0", "").split())


def _rated(text: str, language: str, image: Path) -> str:
    item = Item(pair=0, side="edited", prompt=text, seed=1, artist=text, facet="style", subject="", role="erased")
    rating = Rating(item=item.key, reviewer="Kim", style=4, content=1, quality=1, flag=True, comment=text[:100])
    found = results((item, replace(item, side="original")), [rating, replace(rating, reviewer="Lee", style=1)])
    return results_page(text, found, {side: [image] for side in SIDES}, True, language)


def _run(text: str, **changes: Any) -> ComparisonRun:
    request = ComparisonRequest(model=text, edit=_spec(text), generations=(GenerationSpec(text or "x", 7, 10, 3.0),))
    outcome = ComparisonOutcome(verdicts=(_verdict(text),), impact=(Impact(text, 1.0),))
    return ComparisonRun(
        title=text, environment={"dtype": text, "torch": text}, request=request, outcome=outcome, **changes
    )


def _spec(text: str) -> EditSpec:
    return EditSpec(erase=("a", f"b{text}"), guide=f"c{text}", retain=(f"d{text}",), retain_wording="style")


def _verdict(text: str) -> Verdict:
    seen = Detection(name=text, before=0.5, after=0.2, shown_before=True, shown_after=False)
    return Verdict((seen, seen, seen), seen)


def _edit_table(text: str, language: str) -> str:
    edit = SimpleNamespace(spec=_spec(text), strength=1.0, rank=2, created=f"at {text}")
    return edit_table(edit, 1000, language, UTC)  # type: ignore[arg-type]


def _share_bars(text: str, language: str) -> str:
    spec = DebiasSpec(concepts=(f"a{text}",), attributes=(f"b{text}", f"c{text}"))
    return share_bars(spec, [Iterate(((0.0, 0.0),), ((0.5, 0.5),), 0.0)], language)


def _heat_map(text: str, language: str) -> str:
    return f"{heat_map(REPORT.validate_python(report()['edits'][0]), language)}<p>{escape(text)}</p>"  # type: ignore[index]


def _sentences(text: str, language: str) -> str:
    return sentences([Finding("clip_drop_identity", {"artist": text, "share": text})], language)


MADE: dict[str, Callable[[str, str], str]] = {  # by text and language
    "notice": lambda text, language: notice(text, text),
    "problem": lambda text, language: problem(text),
    "progress": lambda text, language: progress_bar(text, 0.5),
    "facts": lambda text, language: fact_table({text: text}),
    "section": lambda text, language: section(text, ""),
    "edit": _edit_table,
    "shares": _share_bars,
    "heat": _heat_map,
    "sentences": _sentences,
    "impact": lambda text, language: impact_bars([Impact(text, 1.0)], [text], [], language),
    "verdicts": lambda text, language: verdict_lines([1, 2], [_verdict(text)] * 2, [text], language),
    "review": lambda text, language: task_images(["data:,", "data:,"], 1, text, language),
    "list of runs": lambda text, language: run_links([_run(text)], ["/x.png"], language, UTC),
    "pairs": lambda text, language: run_grid(_run(text), [("/x.png", "/y.png")], language) + f"<p>{escape(text)}</p>",
    "several pairs": lambda text, language: grid(
        [Shown(("/x.png", "/y.png"), ("Original", text), text, prompt) for prompt in (text, f"{text} x")], language
    ),
    "columns": lambda text, language: grid(
        [Shown(("/x.png",) * 3, ("Original", text, f"{text} x"), text, text)], language
    ),
    "settings": lambda text, language: settings_table(_run(text), language, UTC),
    "findings": lambda text, language: findings_of(_run(text), language),
    "differences": lambda text, language: differences_table([_run(text), _run("y")], ["/x.png"] * 2, language, UTC),
}

"""Names as people write them on the command line: by those that models know, and what is said of that on stderr."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from uce_core.cli.options import log
from uce_core.concepts.catalog import catalog_of
from uce_core.concepts.name_lists import names_in
from uce_core.concepts.names import Understood, understood, weighting_in
from uce_core.models.sources import folder_of

NAMED = 5  # names that are said; of others, how many there are


def artists_of(model: str) -> tuple[str, ...]:
    """Whom a model knows, before it is loaded."""
    return catalog_of(folder_of(model)).artists


def listed_artists(path: Path | None, model: str, as_json: bool) -> tuple[str, ...]:
    """Those of a file with one a line; without one, all whom a model knows."""
    known = artists_of(model)
    return as_known(names_in(path).names, known, as_json) if path else known


def as_known(texts: Sequence[str], known: Sequence[str], as_json: bool) -> tuple[str, ...]:
    """The names that are meant; what else may be meant is said."""
    found = understood(texts, known)
    for note in notes(found):
        log(as_json, f"Note: {note}")
    return found.names


def notes(found: Understood) -> Iterator[str]:
    """A sentence for each thing that was not taken as it was written, or may be meant otherwise."""
    if found.translated:
        yield f"by the names that models know: {some([f'{korean} → {name}' for korean, name in found.translated])}."
    if found.split:
        yield f"taken for several names: {some(list(map(repr, found.split)))}."
    if found.doubtful:
        several = "if these are several, repeat the option"
        yield f"taken for one concept: {some(list(map(repr, found.doubtful)))}; {several}."
    if found.weighted:
        yield syntax_note(found.weighted)


def say_syntax(prompts: Sequence[str], as_json: bool) -> None:
    """What in prompts is drawn as it is written, though other programs read it as syntax."""
    found = tuple(dict.fromkeys(part for prompt in prompts for part in weighting_in(prompt)))
    if found:
        log(as_json, f"Note: {syntax_note(found)}")


def syntax_note(parts: Sequence[str]) -> str:
    return f"read as plain words, not as weights or files: {some(list(map(repr, parts)))}."


def some(texts: Sequence[str]) -> str:
    """The first of them, and how many more there are."""
    more = len(texts) - NAMED
    return ", ".join(texts[:NAMED]) + (f" and {more:,} more" if more > 0 else "")

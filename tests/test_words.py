"""Both languages say everything."""

from string import Formatter

from app.words import WORDS


def slots(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_have_the_same_texts_and_slots() -> None:
    english, korean = WORDS["en"], WORDS["ko"]
    assert set(english) == set(korean)
    for key, text in english.items():
        assert slots(text) == slots(korean[key]), key
        assert text.strip()
        assert korean[key].strip()

"""Every text a person reads in the app, in English and Korean.

Static texts go through Gradio's I18n in the browser; what handlers say is chosen by the request.
"""

import json
from collections.abc import Iterable, Mapping

import gradio as gr
from gradio.i18n import I18nData

from app.gradio_workarounds import MISSING_TEXTS, PREFIX
from app.words.english import ENGLISH
from app.words.korean import KOREAN
from app.words.korean_sentences import KOREAN_FINDINGS, KOREAN_PROBLEMS
from uce_core.concepts.wordings import WORDINGS
from uce_core.evaluation.tables import Finding
from uce_core.generation.spec import SIZE
from uce_core.problems import Problem

WORDS: dict[str, dict[str, str]] = {"en": ENGLISH, "ko": KOREAN}

# What a Problem calls a field, and the text that the page writes above it.
FIELDS = {name: f"debias_{name}" for name in ("concepts", "attributes", "ratios", "images", "tolerance", "iterations")}
FIELDS |= {name: name for name in ("erase", "retain", "guide", "lam", "erase_scale", "retain_scale", "strength", *SIZE)}

LABELS = gr.I18n(
    **{
        language: {PREFIX + key: text for key, text in words.items()}
        | {key: words[ours] for key, ours in MISSING_TEXTS.items()}
        for language, words in WORDS.items()
    }
)


def label(key: str) -> I18nData:
    """A text for a widget, in the language that the visitor's browser asks for."""
    return LABELS(PREFIX + key)


def language_of(request: gr.Request | None, wanted: str = "auto") -> str:
    """The language of a visitor: what the operator fixed, or the page's address asks for, or else the browser."""
    asked = request.query_params.get("lang", "") if request else ""
    for one in (wanted, asked):
        if one in WORDS:
            return one
    header = request.headers.get("accept-language", "") if request else ""
    return "ko" if header.strip().lower().startswith("ko") else "en"


def translate(language: str, key: str, **slots: object) -> str:
    return WORDS[language][key].format(**slots)


def has_text(language: str, key: str) -> bool:
    return key in WORDS[language]


def choices(key: str, values: Iterable[str]) -> list[tuple[I18nData, str]]:
    """Values to choose from, as a person reads them. key: of the texts, before the value."""
    return [(label(f"{key}_{value}"), value) for value in values]


def option_text(language: str, key: str, value: str) -> str:
    """Such a value as a person reads it; one that is the visitor's own as it is."""
    return WORDS[language].get(f"{key}_{value}", value)


def by_language(texts: Mapping[str, object]) -> str:
    """JavaScript for that of texts which is in the page's language, or in English where it has none of ours."""
    return f"(texts => texts[document.documentElement.lang.slice(0, 2)] ?? texts.en)({json.dumps(texts)})"


def finding_text(finding: Finding, language: str) -> str:
    """What was found, in the visitor's language."""
    return KOREAN_FINDINGS[finding.id].format(**finding.slots) if language == "ko" else str(finding)


def error_text(error: Exception, language: str) -> str:
    """What a person can fix, in the visitor's language, with fields called what the page calls them. Raises any other
    error: nobody foresaw it, and nobody knows what its text says."""
    if not isinstance(error, Problem):
        raise error
    sentence = KOREAN_PROBLEMS[error.id] if language == "ko" else error.sentence
    field = FIELDS.get(str(error.slots.get("field")))
    called = {"field": f"“{translate(language, field)}”"} if field else {}
    if "wording" in error.slots:  # with those to choose from, as the list has them
        called["known"] = ", ".join(option_text(language, "wording", one) for one in WORDINGS)
    return sentence.format(**error.slots | called)

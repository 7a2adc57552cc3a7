"""The large view of two images: laid over each other, beside each other, and from where they are chosen.

lightbox.js opens and fills it, zoom.js enlarges what is in it, and page.css lays the images over each other in the
chosen mode.
"""

from collections.abc import Sequence
from html import escape

from app.words import translate
from uce_core.review.tasks import SIDES

MODES = ("slider", "fade", "difference")  # the first is chosen


def viewed(rows: str, names: Sequence[str], language: str) -> str:
    """Rows of images in HTML, and their large view. names: of the images of each row, the original's first."""
    return f'<div class="uce-viewed">{rows}{_dialog(names, language)}</div>'


def _dialog(names: Sequence[str], language: str) -> str:
    several = len(names) > len(SIDES)
    keys = translate(language, "large_keys_columns" if several else "large_keys")
    slides = translate(language, "slider_columns" if several else "slider")
    return f"""<dialog class="uce-large" aria-label="{_said("large_view", language)}">
<div class="uce-large-head"><b></b>
<button type="button" data-go="-1" aria-label="{_said("previous", language)}">‹</button>
<button type="button" data-go="1" aria-label="{_said("next", language)}">›</button>
<button type="button" data-close aria-label="{_said("close", language)}">✕</button></div>
{_columns(names, several, language)}
<div class="uce-large-tools">{_modes(language)}{_zoom(language)}</div>
<div class="uce-stage uce-frame"><img alt=""><img alt=""><i></i></div>
<input type="range" min="0" max="100" value="50" aria-label="{escape(slides)}">
<p class="uce-large-difference">{_said("difference_reading", language)}</p>
<div class="uce-beside">{_side(language) * 2}</div>
<p class="uce-large-keys">{escape(keys)}</p></dialog>"""


def _said(key: str, language: str) -> str:
    return escape(translate(language, key))


def _columns(names: Sequence[str], several: bool, language: str) -> str:
    """What is on the left, and on the right. Of a pair there is no choice, but names of its images and files."""
    files = names if several else SIDES
    options = "".join(f'<option value="{column}">{escape(name)}</option>' for column, name in enumerate(names))
    buttons = "".join(
        f'<button type="button" data-column="{column}" data-file="{escape(file)}">{escape(name)}</button>'
        for column, (name, file) in enumerate(zip(names, files, strict=True))
    )
    return (
        f'<div class="uce-large-columns"{"" if several else " hidden"}>'
        f"<label>{_said('on_the_left', language)} <select>{options}</select></label>"
        f'<div role="group" aria-label="{_said("on_the_right", language)}">'
        f"<span>{_said('on_the_right', language)}</span>{buttons}</div></div>"
    )


def _modes(language: str) -> str:
    radios = "".join(
        f'<label><input type="radio" value="{mode}"{" checked" if mode == MODES[0] else ""}>'
        f"{_said(f'mode_{mode}', language)}</label>"
        for mode in MODES
    )
    return f'<div role="radiogroup" aria-label="{_said("modes", language)}">{radios}</div>'


def _zoom(language: str) -> str:
    return (
        f'<div role="group" aria-label="{_said("zoom", language)}">'
        f'<button type="button" data-zoom="-" aria-label="{_said("zoom_out", language)}">−</button>'
        f'<button type="button" data-zoom="0" title="{_said("zoom_reset", language)}">100%</button>'
        f'<button type="button" data-zoom="+" aria-label="{_said("zoom_in", language)}">+</button></div>'
    )


def _side(language: str) -> str:
    return (
        '<figure><div class="uce-frame"><img alt=""></div>'
        f"<figcaption><span></span><a download>{_said('download', language)}</a></figcaption></figure>"
    )

"""What the app does only because Gradio does otherwise: the one list of it.

What is Python stands here, with what Gradio does, the version in which that was seen, and what would happen without
the workaround. ELSEWHERE lists what must be done in scripts, styles and middleware. For each there is a test in
tests/app/test_gradio_workarounds.py that fails when Gradio no longer needs it: then take it out. Knows nothing of tabs.
"""

import inspect
from collections import ChainMap
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from cachetools import LRUCache, TTLCache
from PIL import Image

from uce_core.files import write
from uce_core.garbage import collection_paused


@contextmanager
def no_stubs() -> Iterator[None]:
    """While Gradio is imported. Gradio (6.31.0) parses the source of each of its components to write type stubs beside
    it, at every start: half of its import, three seconds on an older machine. It leaves out what has no file."""
    real = inspect.getfile

    def getfile(what: Any) -> str:
        if isinstance(what, type) and what.__module__.startswith("gradio."):
            raise OSError("no stubs")
        return real(what)

    inspect.getfile = getfile  # type: ignore[assignment]
    try:
        yield
    finally:
        inspect.getfile = real


with no_stubs(), collection_paused():
    import gradio as gr
    from gradio import processing_utils
    from gradio.blocks import BlocksConfig
    from gradio.state_holder import SessionState

POLL, PROGRESS_POLL = 0.01, 0.1  # seconds between two looks at the queue, and at progress of a kind not used here


def poll_queue_seldom(page: gr.Blocks) -> None:
    """Gradio (6.31.0) looks at its queue a thousand times in a second for as long as the app is up. Each look holds up
    the thread that generates."""
    page._queue.sleep_when_free = POLL
    page._queue.progress_update_sleep_when_free = PROGRESS_POLL


QUEUE_FULL = 429
"""The HTTP status for a full queue. Gradio (6.31.0) answers with 503, and its page shows an English text of its own for
that status, whatever the answer says."""

NO_DIRECT_CALLS: dict[str, Any] = {"api_open": False}
"""For Blocks.queue. Gradio (6.31.0) also runs an event for whoever posts to its address directly, past the queue and
its concurrency limit: several visitors would have the model at a time."""

DELETE_OLD_FILES: dict[str, Any] = {"delete_cache": (600, 3600)}
"""For Blocks: every ten minutes what is older than an hour. Gradio (6.31.0) copies each file it is given to a temporary
folder and never deletes any: the disk would fill up."""


def paths_to_block(files: Path) -> list[str]:
    """For launch: the working directory; if the folder of files to be served is in it, all that lies beside the way
    there. Gradio (6.31.0) serves any file under the working directory that an event's answer names: a visitor who gets
    one to name a file of the operator's would have it."""
    folder, files = Path.cwd(), files.resolve()
    if not files.is_relative_to(folder):
        return [str(folder)]
    blocked = []
    for step in files.relative_to(folder).parts:
        blocked += [str(path) for path in folder.iterdir() if path.name != step]
        folder /= step
    return blocked


def take_no_addresses() -> None:
    """Gradio (6.31.0) fetches a file whose address is given in place of an upload: visitors would have this machine ask
    others for them."""

    async def refuse(url: str, cache_dir: str) -> str:
        raise plain_error("Files are taken as uploads, not as addresses.")

    for name in ("async_ssrf_protected_download", "ssrf_protected_download", "save_url_to_cache"):
        setattr(processing_utils, name, refuse)


def end_log_ins(app: Any, seconds: float, most: int) -> None:
    """app: page.app, once it is launched. most: log-ins at a time. Gradio (6.31.0) remembers log-ins for as long as the
    app is up: whoever has a cookie of one stays logged in."""
    app.tokens = TTLCache(most, seconds)


class _Nothing(dict[Any, Any]):
    """Takes everything and has nothing."""

    def __setitem__(self, key: Any, value: Any) -> None: ...

    def __getitem__(self, key: Any) -> dict[str, Any]:
        return {}

    def __contains__(self, key: Any) -> bool:
        return True


def keep_no_copies_of_the_page() -> None:
    """Gradio (6.31.0) keeps for each visit the configuration of the whole page, half a megabyte, for a DeepLinkButton
    (there is none here), and lists of all widgets and listeners, 28 kB: memory would grow with every visitor."""
    nothing, copied = _Nothing(), BlocksConfig.__copy__

    def shared(page: BlocksConfig) -> BlocksConfig:
        own = copied(page)
        own.blocks, own.fns = ChainMap({}, page.blocks), ChainMap({}, page.fns)
        return own

    SessionState.config_values = property(lambda state: nothing, lambda state, value: None)
    BlocksConfig.__copy__ = shared


def forget_what_is_over(page: gr.Blocks, windows: int) -> None:
    """windows: that are remembered, the last in use. Gradio (6.31.0) remembers all windows there ever were, the news of
    2,000, and 10,000 events, of which it makes a table after each one: memory would grow with visitors and events."""
    page._queue.pending_event_ids_session = LRUCache(windows)
    page._queue.pending_messages_per_session = LRUCache(windows)
    page._queue.ANALYTICS_MAX_EVENTS = 0


def write_images_whole() -> None:
    """Gradio (6.31.0) writes an image into the file that its content names, also where that is there already and is
    being sent to somebody else: who had asked for the same image would get an empty file."""

    def save(image: Image.Image, cache_dir: str, name: str = "image", format: str = "webp") -> str:
        content = processing_utils.encode_pil_to_bytes(image, format)
        folder = Path(cache_dir).resolve() / processing_utils.hash_bytes(content)
        return str(write(folder / f"{name}.{format}", content))

    processing_utils.save_pil_to_cache = save


LATEST: dict[str, Any] = {"trigger_mode": "always_last"}
"""For event listeners. Gradio (6.31.0) drops what happens while a listener is busy, unless it hears changes first: a
search would stop at a letter before the last."""

NO_PROGRESS: dict[str, Any] = {"show_progress_on": []}
"""For event listeners. Gradio's page (6.31.0) shows progress on all outputs, and works on each of them at every piece
of news, changed or not: with many outputs the page stutters, and takes its time from the model."""

NO_UPDATES: dict[Any, Any] = gr.skip()
"""What a handler returns to change nothing. Gradio (6.31.0) takes an empty dictionary of updates for a value."""

LOSSLESS: dict[str, Any] = {"format": "png"}
"""For gr.Image. Gradio (6.31.0) sends images as WebP, which loses detail: scripts would get other images than were
generated."""


def plain_error(text: str) -> gr.Error:
    """Gradio's page (6.31.0) takes an error's text for HTML: what somebody typed would become part of the page."""
    return gr.Error(escape(text), print_exception=False)


def around_events(page: gr.Blocks, context: Callable[[gr.Request | None], AbstractContextManager[None]]) -> None:
    """What each event is handled in, fields read and written included. Gradio (6.31.0) sends the text of whatever
    exception a handler raises to the visitor (SQL, paths, what others typed), or with show_error off none at all."""
    usual = page.process_api

    async def process_api(*arguments: Any, **named: Any) -> Any:
        with context(named.get("request")):
            return await usual(*arguments, **named)

    page.process_api = process_api


PREFIX = "uce_"
"""Of the keys of this app's texts. Gradio (6.31.0) keeps them with its own, such as "slider": one of that name would
take the place of all of Gradio's texts for sliders."""

MISSING_TEXTS = {"common.complete": "spoken_complete"}
"""Keys of Gradio's to texts of ours. Gradio (6.31.0) tells screen readers that something is complete, and has no text
for it in any language: they would read the key out."""

PLAIN_TITLES = {
    f"block_title_{key}{mode}": value
    for key, value in (("background_fill", "none"), ("text_color", "*body_text_color"), ("padding", "0"))
    for mode in (("", "_dark") if key != "padding" else ("",))
}
"""For the theme: titles of fields without a coloured box, on which Gradio's Soft theme (6.31.0) writes with a contrast
of 3.6. WCAG AA asks for 4.5."""

LEGIBLE = {
    "input_border_width": "1px",
    "input_border_width_dark": "1px",
    "input_border_color": "#8593a8",
    "input_border_color_dark": "*neutral_500",
    "checkbox_border_color": "#8593a8",
    "checkbox_border_color_dark": "*neutral_400",
    "body_text_color_subdued": "*neutral_500",
    "body_text_color_subdued_dark": "*neutral_300",
    "input_placeholder_color": "*neutral_500",
    "input_placeholder_color_dark": "*neutral_300",
    "block_label_text_color": "*primary_700",
    "button_primary_background_fill": "*primary_600",
    "button_primary_background_fill_hover": "*primary_700",
    "button_primary_background_fill_hover_dark": "*primary_700",
    "button_secondary_background_fill_hover_dark": "*neutral_600",
    "checkbox_label_background_fill_selected": "*primary_600",
}
"""For the theme: a contrast of at least 4.5, of edges 3 (WCAG AA). The Soft theme (6.31.0) misses each of these."""


@dataclass(frozen=True)
class Workaround:
    """What is done in a file that is not this one. seen: in which version of Gradio."""

    file: str
    gradio: str
    without: str
    seen: str = "6.31.0"


ELSEWHERE = {
    "endless_loader": Workaround(
        "app/browser/stop_idle_loader.js",
        "The page's loader asks for every frame, also when it is gone.",
        "A page at rest keeps a core busy, which the model needs.",
    ),
    "lost_answers": Workaround(
        "app/browser/lost_answers.js",
        "What is asked while the stream of answers is being ended is answered into none.",
        "A click now and then does nothing, until the next one: the longer the way to the server, the more often.",
    ),
    "untranslated_texts": Workaround(
        "app/browser/gradio_texts.js",
        "Some names of widgets for screen readers, and what is said when the app is away, are English in every "
        "language.",
        "Visitors hear and read English on a Korean page.",
    ),
    "chips_named_by_number": Workaround(
        "app/browser/gradio_texts.js",
        "The button that removes a choice from a list is named after its number: “Remove 0”.",
        "A screen reader does not say what would be removed.",
    ),
    "english_refusals": Workaround(
        "app/browser/uploads.js",
        "A file of a kind that is not taken is refused in English.",
        "Visitors read English on a Korean page.",
    ),
    "no_drop_on_buttons": Workaround(
        "app/browser/uploads.js",
        "A file dropped on an upload button is not taken.",
        "The browser leaves the page and opens the file.",
    ),
    "tabs_before_load": Workaround(
        "app/browser/navigation.js",
        "Tabs can be pressed before the page's load listeners have run.",
        "The first click is lost: the page's address does not say it, and its tab is opened again.",
    ),
    "download_needs_file": Workaround(
        "app/browser/events.py",
        "A download button whose own listener makes the file downloads nothing when it is pressed.",
        "Every download needs two presses.",
    ),
    "language_of_browser_only": Workaround(
        "app/server/language.py",
        "The page's language is the browser's; nothing else can choose it.",
        "The language switch, ?lang= and --lang change what handlers say, and not what the page says.",
    ),
    "paths_in_addresses": Workaround(
        "app/server/images.py",
        "The address of a file has its whole path on the server.",
        "Visitors learn the names of the operator's folders.",
    ),
    "empty_html_has_height": Workaround(
        "app/browser/page.css",
        "An HTML block without content keeps its height and its gap.",
        "Columns have holes.",
    ),
    "container_hides_overflow": Workaround(
        "app/browser/page.css",
        "The page's container hides what overflows, and so is what scrolls.",
        "Nothing in it can be sticky: results, status and buttons scroll away.",
    ),
    "dropdown_borders": Workaround(
        "app/browser/page.css",
        "The border of a list with several choices has not the theme's colour.",
        "Its contrast is too low.",
    ),
    "selected_tab_contrast": Workaround(
        "app/browser/page.css",
        "The chosen tab's title has a contrast of less than 4.5.",
        "It is hard to read, and axe finds a serious violation.",
    ),
    "white_behind_dark": Workaround(
        "app/browser/page.css",
        "In dark mode the body stays white.",
        "White shows where a page is overscrolled, and beside its container.",
    ),
}

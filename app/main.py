"""build(settings): the whole page. serve(settings): the page, served."""

import os
import sys
import threading
from pathlib import Path

import gradio as gr
from fastapi.exceptions import RequestValidationError
from gradio.route_utils import FnIndexInferError
from prometheus_client import start_http_server
from starlette.middleware import Middleware

from app.browser import examples, lost_answers, navigation, storage
from app.browser.events import PRIVATE, QUIET
from app.browser.gradio_texts import spoken
from app.browser.uploads import uploads
from app.ending import told_to_end
from app.gradio_workarounds import (
    DELETE_OLD_FILES,
    LEGIBLE,
    NO_DIRECT_CALLS,
    PLAIN_TITLES,
    end_log_ins,
    forget_what_is_over,
    keep_no_copies_of_the_page,
    paths_to_block,
    poll_queue_seldom,
    take_no_addresses,
    write_images_whole,
)
from app.html import clock
from app.passwords import checker
from app.server import log
from app.server.connections import watch_connections
from app.server.endpoints import Endpoints
from app.server.failures import server_error, tell_failures
from app.server.field_limits import hold_limits
from app.server.gate import Gate
from app.server.health import Health
from app.server.images import StoredImages
from app.server.language import SWITCH, InLanguage
from app.server.queue import MOST, makes_no_sense, queue_is_full
from app.server.storage import no_space
from app.server.visitors import Visitors, key_in
from app.studio.detached import WINDOWS
from app.studio.downloads import clear_downloads, gradio_folder
from app.studio.request import first_generation
from app.studio.settings import Settings
from app.studio.studio import Studio
from app.tabs.compare import CompareTab
from app.tabs.debias import DebiasTab
from app.tabs.edits import EditsTab
from app.tabs.ids import COMPARE, DEBIAS, RUNS
from app.tabs.leakage import LeakageTab
from app.tabs.review import ReviewTab
from app.tabs.runs import RunsTab
from app.words import LABELS, label
from uce_core.cluster.connecting import check_cluster
from uce_core.garbage import collection_paused
from uce_core.runs.home import home
from uce_core.version import VERSION

SYSTEM_FONTS = ["system-ui", "-apple-system", "Segoe UI", "Noto Sans KR", "sans-serif"]
GENERATOR = f'<meta name="generator" content="UCE Studio {VERSION}">'
CLOSE = 1.0  # seconds for the page to end its answers, after those that Studio.close takes
HEARD = 0.5  # seconds after which SIGINT is heard: polars (1.x), imported later, has waiting go on when it comes
SESSIONS = 500  # visits whose state is kept, of up to some 250 kB each
LOGGED_IN, LOG_INS = 12 * 3600.0, 10_000  # seconds that a log-in lasts; log-ins at a time
THREADS = 40  # for all that does not wait for the engine, as many as Gradio has for everything
TABS = (COMPARE, DEBIAS, "leakage", "review", "edits", RUNS)
BROWSER = Path(__file__).parent / "browser"
CSS = (BROWSER / "page.css").read_text(encoding="utf-8")
SCRIPTS = [
    (BROWSER / f"{name}.js").read_text(encoding="utf-8")
    for name in ("zoom", "lightbox", "picks", "stop_idle_loader", "toast")
]


def theme() -> gr.themes.Base:
    """System fonts, so that no font is fetched from anywhere; field titles without a coloured box; legible colours."""
    soft = gr.themes.Soft(primary_hue="indigo", neutral_hue="slate", font=SYSTEM_FONTS, font_mono=["monospace"])
    return soft.set(**PLAIN_TITLES, **LEGIBLE)


def build(settings: Settings, studio: Studio | None = None) -> gr.Blocks:
    """The page. Analytics are off; the queue lets one generation run at a time."""
    studio = studio or Studio(settings)
    with gr.Blocks(title="UCE Studio", analytics_enabled=False, **DELETE_OLD_FILES) as page:
        with gr.Row(elem_classes="uce-head"):
            with gr.Column(scale=9, min_width=120):
                gr.Markdown(label("title"), elem_id="title")
                gr.Markdown(label("tagline"))
            with gr.Column(scale=0, min_width=90, elem_classes="uce-corner"):
                switch = gr.Button(
                    label("other_language"), size="sm", elem_id="language", visible=settings.language == "auto"
                )
                if settings.auth_file:
                    gr.Button(label("log_out"), link=f"{settings.path}/logout", size="sm", elem_id="log-out")
            switch.click(None, js=SWITCH, **PRIVATE)
        with gr.Tabs() as tabs:
            if settings.read_only:
                with navigation.tab(label("tab_runs"), RUNS) as tab:
                    RunsTab(studio, None).build(page, tabs, tab)
                by_name = {RUNS: tab}
            else:
                by_name = _build_tabs(page, tabs, studio)
        navigation.keep_place(page, tabs, by_name)
        lost_answers.ask_again()
        if not settings.read_only:
            Endpoints(studio, studio.models.catalog(), first_generation(studio.models.family())).build()
        for script in (*SCRIPTS, spoken(), uploads(settings.limits.upload)):
            page.load(None, js=script, **QUIET)
    hold_limits(page, settings.limits.concepts)
    tell_failures(page, settings.language)
    page.queue(**NO_DIRECT_CALLS, max_size=MOST)
    poll_queue_seldom(page)
    forget_what_is_over(page, SESSIONS)
    take_no_addresses()
    keep_no_copies_of_the_page()
    write_images_whole()
    return page


def _build_tabs(page: gr.Blocks, tabs: gr.Tabs, studio: Studio) -> dict[str, gr.Tab]:
    """The tabs by their ids."""
    comparing = CompareTab(studio, studio.models.catalog(), first_generation(studio.models.family()))
    debiasing = DebiasTab(studio)
    with navigation.tab(label("tab_compare"), COMPARE) as compare:
        comparing.build(page, compare)
    with navigation.tab(label("tab_debias"), DEBIAS) as debias:
        debiasing.build(page)
    with navigation.tab(label("tab_leakage"), "leakage") as leakage:
        LeakageTab(studio).build(page, leakage)
    with navigation.tab(label("tab_review"), "review") as review:
        ReviewTab(studio).build(page, review)
    with navigation.tab(label("edits"), "edits") as edits:
        EditsTab(studio, comparing).build(tabs, edits)
    with navigation.tab(label("tab_runs"), RUNS) as runs:
        RunsTab(studio, (comparing, debiasing)).build(page, tabs, runs)
    return dict(zip(TABS, (compare, debias, leakage, review, edits, runs), strict=True))


def serve(settings: Settings, studio: Studio | None = None) -> None:
    """Serve until interrupted or told to end (SIGINT, SIGTERM); prints the address. Raises ValueError if there is no
    such cluster as the settings name."""
    if settings.ray and not settings.read_only:
        check_cluster(settings.ray, settings.cores)  # before told_to_end: Ray hears SIGTERM, too
    told = told_to_end()
    log.start(settings.log)
    os.environ.setdefault("GRADIO_TEMP_DIR", str(gradio_folder()))  # read when the page is built
    studio = studio or Studio(settings)
    if settings.metrics_port:
        start_http_server(settings.metrics_port, settings.host)
    with collection_paused():
        page = build(settings, studio)
    watch_connections(settings.behind_proxy)
    page.launch(
        server_name=settings.host,
        server_port=settings.port,
        share=settings.share,
        prevent_thread_lock=True,
        state_session_capacity=SESSIONS,
        max_threads=_threads(settings),
        theme=theme(),
        css=CSS,
        head=GENERATOR
        + lost_answers.HEAD
        + clock.HEAD
        + storage.HEAD
        + examples.HEAD
        + navigation.head([RUNS] if settings.read_only else TABS),
        i18n=LABELS,
        footer_links=[],
        run_history=False,
        show_error=False,  # what fails is told by tell_failures
        max_file_size=f"{settings.limits.upload}mb",
        root_path=settings.root_path or None,
        app_kwargs={
            "exception_handlers": {
                503: queue_is_full(settings),
                OSError: no_space(settings),
                500: server_error(settings.language),
                RequestValidationError: makes_no_sense,
                FnIndexInferError: makes_no_sense,
            },
            "middleware": [
                Middleware(Gate, settings=settings, files=studio.store.files),
                Middleware(Visitors, settings=settings, key=b"" if settings.is_local else key_in(home())),
                Middleware(Health, not_ready=studio.models.not_ready),
                Middleware(InLanguage, wanted=settings.language),
                Middleware(StoredImages, path_of=studio.store.path),
            ],
        },
        auth=checker(settings.auth_file) if settings.auth_file else None,
        allowed_paths=[str(studio.store.files)],  # under names that nobody guesses
        blocked_paths=paths_to_block(studio.store.files),
    )
    end_log_ins(page.app, LOGGED_IN, LOG_INS)
    log.take_over("uvicorn")
    if not settings.read_only:
        threading.Thread(target=studio.warm_up, daemon=True).start()  # when the page is up
    while not told.wait(HEARD):
        pass
    studio.close()
    _close(page)
    clear_downloads()
    sys.stdout.flush()
    os._exit(0)  # threads that compute outlive the interpreter, and abort


def _threads(settings: Settings) -> int:
    """Each request waits in one, and so does each window that watches what goes on without it."""
    limits = settings.limits
    watched = 1 + limits.waiting if settings.ray else 1  # at most
    return THREADS + limits.waiting + limits.together + WINDOWS * watched


def _close(page: gr.Blocks) -> None:
    """Gradio waits for visitors who are still listening for longer than there is time."""
    closing = threading.Thread(target=page.close, kwargs={"verbose": False}, daemon=True)
    closing.start()
    closing.join(CLOSE)

"""build(settings): the whole page. serve(settings): the page, served."""

import threading
from pathlib import Path

import gradio as gr

from app.compare import CompareTab
from app.debias import DebiasTab
from app.endpoint import CompareEndpoint
from app.fields import first_drawing
from app.leakage import LeakageTab
from app.library import EditsTab
from app.passwords import checker
from app.recorded import COMPARE, RUNS, RunsTab
from app.settings import Settings
from app.studio import Studio
from app.words import label, translations

SYSTEM_FONTS = ["system-ui", "-apple-system", "Segoe UI", "Noto Sans KR", "sans-serif"]
PLAIN_TITLES = {
    f"block_title_{key}{mode}": value
    for key, value in (("background_fill", "none"), ("text_color", "*body_text_color"), ("padding", "0"))
    for mode in (("", "_dark") if key != "padding" else ("",))
}
LEGIBLE = {  # contrast of at least 4.5 (WCAG AA), which the theme's own colours miss by a little
    "body_text_color_subdued": "*neutral_500",
    "body_text_color_subdued_dark": "*neutral_300",
    "input_placeholder_color": "*neutral_500",
    "input_placeholder_color_dark": "*neutral_300",
    "block_label_text_color": "*primary_700",
    "button_primary_background_fill": "*primary_600",
    "button_primary_background_fill_dark": "*primary_600",
    "button_primary_background_fill_hover": "*primary_700",
    "button_primary_background_fill_hover_dark": "*primary_700",
    "button_secondary_background_fill_hover_dark": "*neutral_600",
    "checkbox_label_background_fill_selected": "*primary_600",
    "checkbox_label_background_fill_selected_dark": "*primary_600",
}
CSS = """
.gradio-container {max-width: 1280px !important; margin: 0 auto !important}
.uce-head h1 {margin: 0.2em 0 0; font-size: 1.6rem}
.uce-head p {margin: 0; color: var(--body-text-color-subdued)}
.uce-welcome {padding: 1.5rem; text-align: center; border-radius: 12px; gap: 0.8rem;
  background: var(--block-background-fill); border: 1px solid var(--border-color-primary)}
.uce-welcome-title p {font-size: 1.3rem; font-weight: 600}
#show-me {align-self: center; width: auto}
#pairs .grid-wrap {height: auto; max-height: none; min-height: 0}
.uce-track {height: 8px; border-radius: 4px; background: var(--border-color-primary); overflow: hidden}
.uce-bar {height: 100%; background: var(--color-accent); transition: width 0.15s}
.uce-progress p {margin: 0.4em 0}
.uce-notice {padding: 0.5em 0.9em; margin: 0.2em 0; border-left: 3px solid var(--color-accent)}
.uce-problem {padding: 0.6em 0.9em; margin: 0.2em 0; border-left: 3px solid #c62828;
  background: rgba(198, 40, 40, 0.12)}
.uce-scores {width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums}
.uce-scores, .uce-scores thead, .uce-scores tbody, .uce-scores tr {border: 0 !important}
.uce-scores th, .uce-scores td {padding: 0.35em 0.6em !important; text-align: right; border: 0 !important;
  border-bottom: 1px solid var(--border-color-primary) !important}
.uce-scores th:first-child, .uce-scores td:first-child {text-align: left}
.uce-facts {width: 100%; border-collapse: collapse; margin: 0.6em 0; font-size: 0.9em}
.uce-facts, .uce-facts thead, .uce-facts tbody, .uce-facts tr {border: 0 !important}
.uce-facts th, .uce-facts td {padding: 0.3em 0.6em !important; text-align: left; border: 0 !important;
  border-bottom: 1px solid var(--border-color-primary) !important; overflow-wrap: anywhere; vertical-align: top}
.uce-facts th {font-weight: 600; width: 30%}
.uce-list .wrap {flex-direction: column; align-items: stretch; max-height: 28rem; overflow-y: auto; flex-wrap: nowrap}
.uce-legend {display: flex; flex-wrap: wrap; gap: 1em; font-size: 0.9em}
.uce-legend i {display: inline-block; width: 0.8em; height: 0.8em; border-radius: 2px; margin-right: 0.4em}
#debias-bars h3 {margin: 0.8em 0 0.2em; font-size: 1rem; font-weight: 600}
.uce-share {display: flex; align-items: center; gap: 0.6em; margin: 0.15em 0; font-size: 0.85em}
.uce-share > span {width: 3.5em; color: var(--body-text-color-subdued)}
.uce-share > div {display: flex; flex: 1; height: 1.5em; border-radius: 4px; overflow: hidden}
.uce-share b {color: #fff; font-weight: 600; text-align: center; overflow: hidden; line-height: 1.5em}
#debias-pictures .grid-wrap {height: auto; max-height: none; min-height: 0}
#debias-pictures .caption-label {font-size: 0.65rem; max-width: 96%}
.uce-drift {width: 40%}
.uce-drift i {display: block; height: 0.8em; border-radius: 3px; background: var(--color-accent); min-width: 1px}
.uce-scroll {overflow-x: auto; contain: inline-size}
.uce-heat {border-collapse: collapse; font-size: 0.85em; font-variant-numeric: tabular-nums}
.uce-heat th, .uce-heat td {padding: 0.35em 0.6em !important; text-align: left; white-space: nowrap;
  border: 1px solid var(--border-color-primary) !important}
.uce-pairs {display: flex; flex-wrap: wrap; gap: 0.8em}
.uce-pairs figure {margin: 0; width: 15rem; max-width: 100%}
.uce-pairs img {width: 50%; display: inline-block; margin: 0}
.uce-pairs figcaption {font-size: 0.75em; color: var(--body-text-color-subdued)}
#leakage-matrix h3 {margin: 1em 0 0.3em; font-size: 1rem; font-weight: 600}
button[role="tab"][aria-selected="true"] {color: var(--body-text-color) !important}
.uce-hidden {display: none}
#runs .grid-wrap, #run-pictures .grid-wrap {height: auto; max-height: none; min-height: 0}
#runs .thumbnail-lg {aspect-ratio: 2 / 1}
#runs .caption-label, #run-pictures .caption-label {font-size: 0.75rem; max-width: 96%}
.uce-reading {margin: 0.6em 0; padding-left: 1.2em; font-size: 0.9em; color: var(--body-text-color-subdued)}
#pairs .caption-label {font-size: 0.75rem; max-width: 96%}
#status {position: sticky; top: 0; z-index: 5; background: var(--body-background-fill)}
footer {display: none !important}
@media (max-width: 768px) {
  .uce-results {order: -1}
  #debias-pictures .grid-container, #run-pictures .grid-container {
    grid-template-columns: repeat(2, minmax(0, 1fr)) !important}
}
"""


UPLOAD = "200mb"  # a published edit of Stable Diffusion 2.x has 102 MB


def theme() -> gr.themes.Base:
    """System fonts, so that no font is fetched from anywhere; field titles without a coloured box; legible colours."""
    soft = gr.themes.Soft(primary_hue="indigo", neutral_hue="slate", font=SYSTEM_FONTS, font_mono=["monospace"])
    return soft.set(**PLAIN_TITLES, **LEGIBLE)


def build(settings: Settings, studio: Studio | None = None) -> gr.Blocks:
    """The page. Analytics are off; the queue lets one generation run at a time."""
    studio = studio or Studio(settings)
    with gr.Blocks(title="UCE Studio", analytics_enabled=False, delete_cache=(600, 3600)) as page:
        with gr.Column(elem_classes="uce-head"):
            gr.Markdown(label("title"), elem_id="title")
            gr.Markdown(label("tagline"))
        with gr.Tabs() as tabs:
            if settings.read_only:
                with gr.Tab(label("tab_runs"), id=RUNS) as tab:
                    RunsTab(studio, None).build(page, tabs, tab)
            else:
                _build_tabs(page, tabs, studio)
        if not settings.read_only:
            CompareEndpoint(studio, studio.catalog(), first_drawing(studio.family())).build()
    page.queue(api_open=False, max_size=32)
    return page


def _build_tabs(page: gr.Blocks, tabs: gr.Tabs, studio: Studio) -> None:
    with gr.Tab(label("tab_compare"), id=COMPARE):
        comparing = CompareTab(studio, studio.catalog(), first_drawing(studio.family()))
        comparing.build(page)
    with gr.Tab(label("tab_debias"), id="debias"):
        DebiasTab(studio).build()
    with gr.Tab(label("tab_leakage"), id="leakage") as tab:
        LeakageTab(studio).build(tab)
    with gr.Tab(label("edits"), id="edits") as tab:
        EditsTab(studio, comparing).build(tabs, tab)
    with gr.Tab(label("tab_runs"), id=RUNS) as tab:
        RunsTab(studio, comparing).build(page, tabs, tab)


def serve(settings: Settings) -> None:
    """Serve until interrupted; prints the address."""
    studio = Studio(settings)
    page = build(settings, studio)
    if not settings.read_only:
        threading.Thread(target=studio.warm_up, daemon=True).start()  # the page is up before that is done
    page.launch(
        server_name=settings.host,
        server_port=settings.port,
        share=settings.share,
        theme=theme(),
        css=CSS,
        i18n=translations(settings.language),
        footer_links=[],
        run_history=False,
        show_error=True,
        max_file_size=UPLOAD,
        auth=checker(settings.auth_file) if settings.auth_file else None,
        allowed_paths=[str(studio.kept.files)],  # under names that nobody guesses
        blocked_paths=[str(Path.cwd())],
    )

"""build(settings): the whole page. serve(settings): the page, served."""

import gradio as gr

from app.compare import CompareTab
from app.settings import Settings
from app.studio import Studio
from app.words import I18N

SYSTEM_FONTS = ["system-ui", "-apple-system", "Segoe UI", "Noto Sans KR", "sans-serif"]
CSS = """
.gradio-container {max-width: 1280px !important; margin: 0 auto !important}
.uce-head h1 {margin: 0.2em 0 0; font-size: 1.6rem}
.uce-head p {margin: 0; color: var(--body-text-color-subdued)}
.uce-welcome {padding: 2.5rem 1.5rem !important; text-align: center}
.uce-welcome-title p {font-size: 1.4rem; font-weight: 600}
.uce-track {height: 8px; border-radius: 4px; background: var(--border-color-primary); overflow: hidden}
.uce-bar {height: 100%; background: var(--color-accent); transition: width 0.15s}
.uce-progress p {margin: 0.4em 0}
.uce-notice {padding: 0.5em 0.9em; margin: 0.2em 0; border-left: 3px solid var(--color-accent)}
.uce-problem {padding: 0.6em 0.9em; margin: 0.2em 0; border-left: 3px solid #c62828;
  background: rgba(198, 40, 40, 0.12)}
.uce-scores {width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums}
.uce-scores th, .uce-scores td {padding: 0.35em 0.6em; text-align: right;
  border-bottom: 1px solid var(--border-color-primary)}
.uce-scores th:first-child, .uce-scores td:first-child {text-align: left}
.uce-reading {margin: 0.6em 0; padding-left: 1.2em; font-size: 0.9em; color: var(--body-text-color-subdued)}
footer {display: none !important}
"""


def build(settings: Settings, studio: Studio | None = None) -> gr.Blocks:
    """The page. Analytics are off; the queue lets one generation run at a time."""
    studio = studio or Studio(settings)
    with gr.Blocks(title="UCE Studio", analytics_enabled=False, delete_cache=(600, 3600)) as page:
        with gr.Column(elem_classes="uce-head"):
            gr.Markdown(I18N("title"), elem_id="title")
            gr.Markdown(I18N("tagline"))
        with gr.Tab(I18N("tab_compare")):
            CompareTab(studio, studio.catalog()).build()
    page.queue(api_open=False, max_size=32)
    return page


def serve(settings: Settings) -> None:
    """Serve until interrupted; prints the address."""
    studio = Studio(settings)
    page = build(settings, studio)
    studio.warm_up()
    page.launch(
        server_name=settings.host,
        server_port=settings.port,
        share=settings.share,
        theme=gr.themes.Soft(primary_hue="amber", neutral_hue="stone", font=SYSTEM_FONTS, font_mono=["monospace"]),
        css=CSS,
        i18n=I18N,
        footer_links=[],
        run_history=False,
        show_error=True,
        max_file_size="1mb",
        blocked_paths=["."],
    )

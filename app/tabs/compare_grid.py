"""The grid of the Compare tab: what its fields ask for over one or two axes, on one sheet to share."""

from collections.abc import Iterator
from typing import Any

import gradio as gr

from app.browser.events import QUIET, SHEET_INTO_VIEW, Filled
from app.browser.storage import keep_fields
from app.gradio_workarounds import LATEST, LOSSLESS
from app.html.pieces import notice
from app.studio.downloads import sheet_to_download
from app.studio.grids import Sheet
from app.studio.progress import EVENTS, Stop
from app.studio.studio import Studio
from app.tabs.compare_fields import GENERATION_FIELDS
from app.tabs.compare_fill import EDIT_FIELDS, asked_edit
from app.tabs.generation_tab import BUTTONS, GenerationTab, progress_html
from app.tabs.grid_fields import AXES, GRID_FIELDS, asked_grid
from app.tabs.grid_values import axis_names, first_axis, known_values
from app.tabs.method_form import called
from app.words import label, translate
from uce_core.concepts.names import weighting_in
from uce_core.grids.axes import METHOD, STRENGTH
from uce_core.grids.plan import OF_IMAGES

LONGEST = 10_000  # characters of an axis' values, among which may be prompts
SHOWN = ("status", "panel", "sheet", "download", *BUTTONS)


class GridPanel(GenerationTab):
    """Widgets, by name, and handlers. fields: the Compare tab's widgets by name, to which the axes' join."""

    def __init__(self, studio: Studio, fields: dict[str, Any]) -> None:
        super().__init__(studio)
        self.fields = fields

    def build(self) -> None:
        """Where it is asked for."""
        fields, offered = self.fields, [(called(name), name) for name in axis_names()]
        with gr.Accordion(label("grid"), open=False, elem_id="grid") as fields["grid"]:
            gr.Markdown(label("grid_about"))
            with gr.Row(equal_height=False):
                self._build_axis("grid_x", offered, STRENGTH)
            with gr.Row(equal_height=False):
                self._build_axis("grid_y", [(label("grid_none"), ""), *offered], "")
            with gr.Row():
                self.parts["run"] = gr.Button(label("grid_run"), elem_id="grid-run")
                self._build_turns("grid-")

    def _build_axis(self, name: str, offered: list[tuple[Any, str]], first: str) -> None:
        """Its name, and its values, which are there as long as it has a name."""
        self.fields[name] = gr.Dropdown(
            offered, value=first, label=label(name), elem_id=name.replace("_", "-"), scale=2, min_width=150
        )
        text = first_axis(first, {}).text if first else ""
        with gr.Column(scale=3, min_width=150, visible=bool(first)) as self.parts[f"{name}_side"]:
            self.fields[AXES[name]] = gr.Textbox(
                text, label=label(AXES[name]), info=label("grid_values_info"), placeholder=text, max_length=LONGEST,
                elem_id=AXES[name].replace("_", "-"),
            )  # fmt: skip

    def build_results(self) -> None:
        """Where it is shown."""
        parts = self.parts
        with gr.Column(elem_id="grid-results"):
            parts["status"] = gr.HTML(elem_id="grid-status")
            with gr.Column(visible=False, elem_classes="uce-sheet") as parts["panel"]:
                parts["sheet"] = gr.Image(
                    interactive=False, show_label=False, buttons=["fullscreen"], elem_id="grid-sheet", **LOSSLESS
                )
                parts["download"] = gr.DownloadButton(label("grid_download"), elem_id="grid-download")

    def wire(self, page: gr.Blocks) -> None:
        fields, parts = self.fields, self.parts
        names, values = [fields[name] for name in AXES], [fields[name] for name in AXES.values()]
        about = [*values, *(parts[f"{name}_side"] for name in AXES)]
        gr.on([one.change for one in names], self.explain, names, about, **LATEST, **QUIET)
        asked = {fields[name] for name in (*EDIT_FIELDS, *GENERATION_FIELDS, *GRID_FIELDS)}
        for name, begin in zip(AXES, (self.begin_columns, self.begin_rows), strict=True):
            fields[name].input(begin, asked, fields[AXES[name]], **QUIET)
        keep_fields(page, "grid", {name: fields[name] for name in GRID_FIELDS})
        shown = [parts[name] for name in SHOWN]
        self._wire_turns(page, {"fn": self.run, "inputs": asked, "outputs": shown}, parts["run"].click)
        parts["run"].click(None, js=SHEET_INTO_VIEW, **QUIET)

    def _asked(self, filled: Filled) -> dict[str, Any]:
        """The Compare tab's fields by name."""
        return {name: filled[field] for name, field in self.fields.items() if field in filled}

    def explain(self, x: str | None, y: str | None, request: gr.Request) -> Filled:
        """What the chosen axes' values may be."""
        language, updates = self._language(request), dict[Any, Any]()
        for (name, values), axis in zip(AXES.items(), (x, y), strict=True):
            updates[self.parts[f"{name}_side"]] = gr.Column(visible=bool(axis))
            if axis:
                texts = {"info": _explained(axis, language), "placeholder": first_axis(axis, {}).text}
                updates[self.fields[values]] = gr.Textbox(**texts)
        return updates

    def begin_columns(self, filled: Filled) -> str:
        return self._first_values("grid_x", filled)

    def begin_rows(self, filled: Filled) -> str:
        return self._first_values("grid_y", filled)

    def _first_values(self, name: str, filled: Filled) -> str:
        """Values of an axis that has just been chosen."""
        fields = self._asked(filled)
        return first_axis(fields[name], fields).text if fields[name] else ""

    def run(self, filled: Filled, request: gr.Request) -> Iterator[Filled]:
        """Solve, generate and show, with progress. What was made before stays in sight until there is something
        new."""
        stop = self._stop(request)
        yield from self._in_turn(self._made(self._asked(filled), stop, request), request)

    def _made(self, fields: dict[str, Any], stop: Stop, request: gr.Request) -> Iterator[Filled]:
        language = self._language(request)
        yield self._begun(fields["model"], language)
        edit = asked_edit(self.studio, fields, request)
        grid = asked_grid(edit, fields, self._library(request).read)
        for event in self.studio.grid(stop, edit, grid):
            if isinstance(event, EVENTS):
                yield self._status(progress_html(event, "generating", language))
            else:
                yield self._sheet(event, language)

    def _sheet(self, sheet: Sheet, language: str) -> Filled:
        path, size = str(sheet_to_download(sheet)), f"{sheet.size[0]}×{sheet.size[1]}"
        alt = translate(language, "grid_alt", columns=len(sheet.grid.rows[0]), rows=len(sheet.grid.rows))
        done = translate(language, "done", seconds=f"{sheet.seconds:.1f}")
        said = f"{done} {translate(language, 'grid_done', size=size)}"
        return self._idle(notice(said, *_remarks(sheet, language))) | self._updates(
            panel=gr.Column(visible=True),
            sheet=gr.Image(path, alt_text=alt),
            download=gr.DownloadButton(value=path),
        )


def _explained(axis: str, language: str) -> str:
    """How an axis' values are written, and what they mean."""
    known = known_values(axis)
    texts = [translate(language, "grid_values_info")]
    if known:
        texts.append(translate(language, "grid_values_known", names=", ".join(known)))
    if axis == STRENGTH:
        texts.append(translate(language, "grid_strength_info"))
    elif axis not in (METHOD, *OF_IMAGES):
        texts.append(translate(language, "grid_original_info"))
    return " ".join(texts)


def _remarks(sheet: Sheet, language: str) -> list[str]:
    """What else is to be said."""
    syntax = weighting_in(" ".join(dict.fromkeys(cell.generation.prompt for cell in sheet.grid.cells)))
    said = {
        "prompt_syntax": {"parts": ", ".join(syntax)} if syntax else None,
        "not_in_catalogue": {"names": ", ".join(sheet.unknown)} if sheet.unknown else None,
        "no_fp32_weights": {} if sheet.half else None,
    }
    return [translate(language, key, **slots) for key, slots in said.items() if slots is not None]

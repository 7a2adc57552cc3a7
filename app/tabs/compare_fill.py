"""What fills the Compare tab's fields, besides the visitor's own typing: presets, saved edits, images, suggestions,
what this window had in them."""

import contextlib
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gradio as gr

from app.browser.events import MODEL_TURN, PRIVATE, QUIET, UNCHANGED, Filled
from app.browser.storage import keep_fields
from app.browser.uploads import tell_refusals
from app.gradio_workarounds import LATEST
from app.html.pieces import notice, problem
from app.server.visitors import visitor_of
from app.studio.request import DEFAULT_SPEC, EditRequest, first_generation
from app.studio.studio import Studio
from app.tabs.compare_columns import column_choices
from app.tabs.compare_fields import (
    GENERATION_FIELDS,
    SPEC_FIELDS,
    decode_loaded_edit,
    edit_request_of,
    encode_loaded_edit,
    fields_of_comparison,
    fields_of_generations,
    fields_of_spec,
    seeds_of,
)
from app.tabs.grid_fields import GRID_FIELDS, fields_of_grid
from app.tabs.grid_values import axis_names
from app.tabs.method_form import VARYING, all_settings, default_guides, shown_for
from app.tabs.names import artist_choices, understand
from app.tabs.tab import Tab
from app.words import error_text, translate
from uce_core.concepts.names import understood
from uce_core.grids.plan import Grid
from uce_core.methods import preset
from uce_core.runs.grid_metadata import grid_in
from uce_core.runs.png_metadata import facts_in

NAMED = ("erase", "retain")  # fields of artists
EDIT_FIELDS = (*SPEC_FIELDS, "strength", "loaded", "model")  # what an edit depends on
FILLED = (*SPEC_FIELDS, *GENERATION_FIELDS, "strength", "loaded")  # by an image or a run
KEPT = ("model", *FILLED, "columns")  # by the browser's window
MANY_SEEDS = 10**6  # random ones are below: easy to read out


def asked_edit(studio: Studio, fields: Mapping[str, Any], request: gr.Request) -> EditRequest:
    """The edit that fields ask for, with artists by the names that models know. Raises ValueError with one sentence if
    they make no sense."""
    catalog = studio.models.catalog(fields["model"])
    named = {name: list(understood(fields[name] or (), catalog).names) for name in NAMED}
    return edit_request_of(dict(fields) | named, visitor_of(request).id)


class Filling(Tab):
    """Handlers for the Compare tab's widgets; parts: all of them, by name."""

    def __init__(self, studio: Studio, parts: dict[str, Any], catalog: list[str]) -> None:
        super().__init__(studio)
        self.parts = parts
        self.catalog = catalog

    def wire(self, page: gr.Blocks, tab: gr.Tab) -> None:
        """When all widgets are there."""
        parts = self.parts
        edit_fields = {parts[name] for name in EDIT_FIELDS}
        filled = [parts[name] for name in (*FILLED, "model")]
        for name in NAMED:
            parts[name].input(self.drop_unnamed_edit, parts["loaded"], parts["loaded"], **QUIET)
            said = [parts[name], parts["model"]]
            written = [parts[name].input, parts[name].blur]  # Gradio tells of a new name when the field is left
            gr.on(written, self.understand, said, [parts[name], parts["status"]], **LATEST, **QUIET)
        page.load(self.catalog_of, parts["model"], [parts[name] for name in NAMED], **QUIET)
        parts["examples"].click(self.use_example, [parts["examples"], parts["erase"]], parts["prompt"], **QUIET)
        parts["random"].click(self.random_seed, None, parts["seeds"], **QUIET)
        parts["another"].click(self.another_seed, parts["seeds"], [parts["seeds"], parts["status"]], **QUIET)
        parts["preset"].input(
            self.use_preset, [parts[name] for name in ("preset", "erase", "retain", "method")],
            [*(parts[name] for name in (*SPEC_FIELDS, "loaded")), parts["status"]], **QUIET,
        )  # fmt: skip
        parts["saved"].select(
            self.load, [parts["saved"], parts["model"]], [*edit_fields, parts["status"]], **MODEL_TURN, **PRIVATE
        )
        parts["model"].input(
            self.choose_model, parts["model"], [parts[name] for name in ("steps", "guidance_scale")], **QUIET
        )
        settings = [parts[name] for name in ("method", *VARYING, *all_settings())]
        parts["method"].input(self.choose_method, [parts["method"], parts["guide"]], settings, **QUIET)
        parts["method"].change(self.show_settings, parts["method"], settings, **QUIET)
        parts["suggest"].click(self.suggest, edit_fields, [parts["retain"], parts["status"]], **MODEL_TURN, **QUIET)
        of_grid = [parts[name] for name in ("grid", *GRID_FIELDS)]
        parts["image"].upload(self.use_image, parts["image"], [*filled, *of_grid, parts["status"]], **QUIET)
        tell_refusals(parts["image"], parts["status"])
        gr.on([page.load, tab.select], self.saved_edits, None, [parts["saved"], parts["columns"]], **QUIET)
        self._keep(page)
        parts["stop_using"].click(encode_loaded_edit, None, parts["loaded"], **QUIET)
        used = [parts[name] for name in ("loaded", "using", "in_use")]
        changed: dict[str, Any] = {"inputs": edit_fields, **LATEST, **QUIET}
        gr.on([parts[name].change for name in (*SPEC_FIELDS, "loaded")], self.say_in_use, outputs=used, **changed)
        gr.on(
            [parts[name].change for name in SPEC_FIELDS] + [parts["prompt"].focus],
            self.solve_early, outputs=None, concurrency_limit=1, **changed,
        )  # fmt: skip

    def _keep(self, page: gr.Blocks) -> None:
        """In the browser's window, as long as what is offered here stays the same."""
        parts, settings = self.parts, self.studio.settings
        offer = ("compare", str(settings.limits.steps), *settings.offered)
        keep_fields(page, " ".join(offer), {name: parts[name] for name in KEPT})
        if len(settings.offered) > 1:
            parts["model"].change(self.catalog_of, parts["model"], [parts[name] for name in NAMED], **QUIET)
            parts["model"].change(self.show_text_space, parts["model"], parts["text_space"], **QUIET)

    def say_in_use(self, filled: Filled, request: gr.Request) -> Filled:
        """Which saved edit is in use, and whether as it is; one that is gone, or of another name now, no longer is."""
        fields = self._values(filled)
        name, spec = decode_loaded_edit(fields["loaded"])
        if name not in self._library(request).names():
            gone = {"loaded": encode_loaded_edit(spec=spec)} if name else {}
            return self._updates(using="", in_use=gr.Row(visible=False), **gone)
        try:
            as_saved = asked_edit(self.studio, fields, request).spec == spec
        except ValueError:  # said when the comparison is asked for
            as_saved = False
        said = translate(self._language(request), "using" if as_saved else "using_changed", name=name)
        return self._updates(using=notice(said), in_use=gr.Row(visible=True))

    def solve_early(self, filled: Filled, request: gr.Request) -> None:
        """While the prompt is still being written, so that generation begins at once."""
        with contextlib.suppress(ValueError):  # said when the comparison is asked for
            self.studio.solve_early(asked_edit(self.studio, self._values(filled), request))

    def drop_unnamed_edit(self, loaded: list[str]) -> list[str]:
        """An edit in use that says nothing for the fields, when the visitor fills them."""
        return loaded if decode_loaded_edit(loaded)[1] else encode_loaded_edit()

    def fill_welcome_example(self, model: str) -> Filled:
        """The fields for the first image: what a newcomer sees first."""
        first = first_generation(self.studio.models.family(model))
        return self._updates(
            **fields_of_spec(DEFAULT_SPEC), **fields_of_generations([first]), loaded=encode_loaded_edit()
        )

    def random_seed(self) -> str:
        return str(secrets.randbelow(MANY_SEEDS))

    def another_seed(self, text: str, request: gr.Request) -> Filled:
        """The one after the last joins them."""
        try:
            seeds = seeds_of(text)
        except ValueError as error:
            return self._updates(status=problem(error_text(error, self._language(request))))
        return self._updates(seeds=", ".join(map(str, [*seeds, max(seeds) + 1])))

    def use_preset(self, name: str, erase: list[str], retain: list[str], method: str, request: gr.Request) -> Filled:
        """The fields as a preset has them; what has no field is remembered."""
        if not name:  # the list was left without a choice
            return UNCHANGED
        try:
            spec = preset(name, erase, retain, method)
        except ValueError as error:
            return self._updates(status=problem(error_text(error, self._language(request))))
        return self._updates(**fields_of_spec(spec), loaded=encode_loaded_edit(spec=spec))

    def suggest(self, filled: Filled, request: gr.Request) -> Filled:
        """The artists most affected by the edit join the retained."""
        language = self._language(request)
        fields = self._values(filled)
        name, spec = decode_loaded_edit(fields["loaded"])
        if name and not spec:
            return self._updates(status=problem(translate(language, "suggest_unchanged", name=name)))
        try:
            names = self.studio.suggest(asked_edit(self.studio, fields, request))
        except ValueError as error:
            return self._updates(status=problem(error_text(error, language)))
        said = (
            translate(language, "suggested", names=", ".join(names)) if names else translate(language, "suggest_none")
        )
        return self._updates(retain=[*fields["retain"], *names], status=notice(said))

    def use_image(self, file: str | None, request: gr.Request) -> Filled:
        """The fields as they were when an image of this program, or a grid of images, was generated."""
        if not file:
            return UNCHANGED
        language = self._language(request)
        try:
            facts, grid = facts_in(Path(file)), _grid_in(Path(file))
        except ValueError as error:
            return self._updates(status=problem(error_text(error, language)))
        model = facts.model if facts.model in self.studio.settings.offered else ""
        generation = facts.generation.resolved(self.studio.models.family(model))
        asked = fields_of_comparison(facts.spec, [generation], facts.strength)
        texts = [translate(language, "image_used")]
        if grid:
            asked, same = fields_of_grid(grid, generation)
            texts = [translate(language, "grid_used" if same else "grid_used_in_part")]
            asked["grid"] = gr.Accordion(open=True)
        if (facts.edited or grid) and "loaded" not in asked:
            texts = [translate(language, "image_without_edit")]
        values, changed = self._fitted(asked, language)
        if model:
            values["model"] = model
        return self._updates(**values, status=notice(*texts, *changed))

    def use_example(self, sample: list[str] | None, erase: list[str]) -> Any:
        return sample[0].replace("…", erase[0] if erase else self.catalog[0]) if sample else UNCHANGED

    def load(self, name: str, model: str, request: gr.Request) -> Filled:
        """The fields of a saved edit, and its name and whole spec to remember."""
        language = self._language(request)
        try:
            spec = self.studio.spec(name, visitor_of(request).id, model)
        except ValueError as error:
            return self._updates(status=problem(error_text(error, language)))
        return self._updates(
            **fields_of_spec(spec),
            loaded=encode_loaded_edit(name, spec),
            strength=1.0,
            status=notice(translate(language, "loaded", name=name)),
        )

    def choose_model(self, name: str) -> Filled:
        """What the chosen model is generated with; it is loaded when it is first needed."""
        family = self.studio.models.family(name)
        return self._updates(steps=family.steps, guidance_scale=family.guidance_scale)

    def show_text_space(self, name: str) -> Any:
        """Where the model has several."""
        return gr.Radio(visible=self.studio.models.family(name).reads_pooled)

    def choose_method(self, method: str, guide: str) -> Filled:
        """Its settings with their defaults; a guide that the visitor has written stays."""
        updates = shown_for(method, with_defaults=True)
        if guide not in default_guides():
            updates["guide"].pop("value", None)
        return self._updates(**updates)

    def show_settings(self, method: str) -> Filled:
        """Its settings with whatever has filled them."""
        return self._updates(**shown_for(method, with_defaults=False))

    def catalog_of(self, name: str, request: gr.Request) -> Filled:
        """Which artists the chosen model knows, on a Korean page by their Korean names, too."""
        artists = artist_choices(self.studio.models.catalog(name), self._language(request))
        return self._updates(**{field: gr.Dropdown(choices=artists) for field in NAMED})

    def understand(self, names: list[str], model: str, request: gr.Request) -> tuple[Any, Any]:
        """The names as models know them, and what is to be said if they were written otherwise."""
        return understand(names, self.studio.models.catalog(model), self._language(request))

    def saved_edits(self, request: gr.Request) -> Filled:
        """The lists of saved edits as they are now."""
        names = self._library(request).names()
        return self._updates(saved=gr.Dropdown(choices=names), columns=gr.Dropdown(choices=column_choices(names)))


def _grid_in(path: Path) -> Grid | None:
    """Of an image that is one, with axes that are offered here."""
    with contextlib.suppress(ValueError):
        found = grid_in(path).grid
        return found if {axis.name for axis in found.axes} <= set(axis_names()) else None
    return None

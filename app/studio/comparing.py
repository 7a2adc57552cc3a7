"""A comparison of one edit, or of several beside each other: what is there already, and what comes of the rest."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

import uce_core
from app.studio.previews import Preview, Previews
from app.studio.recording import Keeping
from app.studio.request import EditRequest
from app.studio.results import Column, Overshoot, Result
from uce_core.generation.progress import Cancelled, OnStep
from uce_core.generation.spec import GenerationSpec
from uce_core.problems import Problem
from uce_core.runs.run import AnyRun, ComparisonRun

if TYPE_CHECKING:  # seconds to import
    from app.studio.progress import Stop
    from app.studio.studio import Studio
    from uce_core import AnyEdit, Model
    from uce_core.workflows import Comparison

MOST_COLUMNS = 6  # edits beside the original


@dataclass(frozen=True)
class Live:
    """While it generates. columns: titles of several edits, () for a single one. overshoot: the largest of them, None
    where nothing is to be said of it."""

    previews: Sequence[Preview] = ()
    columns: Sequence[str] = ()
    overshoot: Overshoot | None = None


def check_columns(requests: Sequence[EditRequest]) -> None:
    """Raises ValueError if there are too many."""
    if len(requests) > MOST_COLUMNS:
        raise Problem(
            "too_many_columns",
            "There are {count} edits to compare beside each other, and the page has room for {most}: remove some.",
            count=len(requests),
            most=MOST_COLUMNS,
        )


class Comparing:
    """The arguments are those of Studio.compare."""

    def __init__(
        self,
        studio: "Studio",
        stop: "Stop",
        requests: Sequence[EditRequest],
        specs: Sequence[GenerationSpec],
        shown: Sequence[str],
    ) -> None:
        self.studio, self.stop, self.requests, self.specs, self.shown = studio, stop, requests, specs, shown
        self._began, self._previews = time.monotonic(), Previews()
        self._overshoot: Overshoot | None = None

    @property
    def live(self) -> Live:
        return Live(self._previews.latest, self._previews.columns, self._overshoot)

    def generated(self, on_step: OnStep) -> Result:
        """On the engine's thread."""
        from uce_core.methods.drift import overshoot

        studio, specs = self.studio, self.specs
        model = studio.models.load(self.requests[0].model)
        edits = [studio.edit(request) for request in self.requests]
        titles = [one.title for one in self.requests] if len(edits) > 1 else []
        strong = zip(edits, titles or [""], strict=True)
        strengths = [Overshoot(overshoot(model, edit), title) for edit, title in strong]
        strongest = max(strengths, key=lambda one: one.times)
        self._overshoot = strongest if strongest.times else None
        if self.stop.is_set():
            raise Cancelled
        if self._overshoot:
            on_step(0, 1)  # so that it is said before anything is generated
        found = self._answered(model, edits)
        missing = [number for number in range(len(edits)) if number not in found]
        asked = [edits[number] for number in missing]
        keep = Keeping(studio.recording(self.stop.visitor))
        if missing:
            known = studio.originals.of(model, asked, specs)
            there = {0: known or ()} | {1 + number: self._images(column) for number, column in found.items()}
            done = uce_core.run_comparisons(
                model,
                asked,
                specs,
                keep,
                originals=known,
                on_step=on_step,
                on_latents=self._previews.begin(model, titles, there),
            )
            studio.originals.keep(model, asked, specs, done[0].pairs)
            found |= {number: _column(one) for number, one in zip(missing, done, strict=True)}
        first, *others = (found[number] for number in range(len(edits)))
        named = [name for one in self.requests if one.spec for name in (*one.spec.erase, *one.spec.retain)]
        return Result(
            run=first.run,
            seconds=time.monotonic() - self._began,
            images=first.images,
            beside=others,
            unknown=tuple(model.unknown(tuple(dict.fromkeys(named)))),
            half=not model.has_fp32_source,
            overshoot=self._overshoot,
            not_kept=keep.problem,
        )

    def _answered(self, model: "Model", edits: "Sequence[AnyEdit]") -> dict[int, Column]:
        """The shown runs of edits, by the edits' numbers; none of an edit that is alone, which is asked for anew."""
        if len(edits) == 1:
            return {}
        specs = tuple(spec.resolved(model.family) for spec in self.specs)
        runs = [run for run in map(self._run, self.shown) if run and run.generations == specs]
        known = {(run.request.weights, run.request.edit_digest, run.request.strength): run for run in runs}
        keys = [(model.fingerprint, edit.digest, edit.strength) for edit in edits]
        return {number: Column(known[key]) for number, key in enumerate(keys) if key in known}

    def _images(self, column: Column) -> list[Image.Image]:
        """Edited ones of a run that is kept; without those that are gone by now."""
        paths = [self.studio.store.path(file) for file in column.run.files_of("edited")]
        found = []
        for path in filter(Path.is_file, paths):
            with Image.open(path) as stored:
                found.append(stored.copy())
        return found

    def _run(self, name: str) -> ComparisonRun | None:
        """None for what is no comparison, or no longer there."""
        try:
            run: AnyRun = self.studio.store.get(name)
        except ValueError:
            return None
        return run if isinstance(run, ComparisonRun) else None


def _column(done: "Comparison") -> Column:
    return Column(done.run, () if done.run.id else [(pair.original, pair.edited) for pair in done.pairs])

"""python -m scripts.examples: the recorded runs that ship in app/examples, made anew with Atelier: with the
defaults, but for as few images as make a first look.

On the CPU and in float32, so that on the same machine images and figures are the same each time; the archives are
others, since edits say when they were solved. It takes some minutes.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from app.studio.examples import COMPARISON, DEBIASING, LEAKAGE, archive
from app.studio.request import DEFAULT_SPEC, first_generation
from app.tabs.debias import SPEC
from uce_core import Model, erase, load_model
from uce_core.evaluation.candidates import Candidate, as_candidate, control_artists
from uce_core.evaluation.cases import LEAKAGE as TASK
from uce_core.evaluation.cases import Case, facet_cases
from uce_core.evaluation.inputs import EvaluationInputs
from uce_core.runs.archive import export_run
from uce_core.runs.record import Record
from uce_core.runs.run import AnyRun
from uce_core.runs.store import Store
from uce_core.workflows import run_comparison, run_debiasing, run_evaluation

EDIT = "no-van-gogh"
CONTROLS = 1  # artist besides the erased one
SEARCH = replace(SPEC, concepts=("doctor",), images=50, tolerance=0.2)


def few_cases(model: Model, candidate: Candidate) -> list[Case]:
    """Of all that a measurement of leakage asks, one of each facet and of another artist, of another subject each:
    archives are to be small."""
    asked: dict[tuple[str, str], list[Case]] = {}
    controls = control_artists([candidate], model.catalog, CONTROLS)
    for case in facet_cases(candidate.erased, controls, model.known.indirect):
        asked.setdefault((case.artist, case.facet), []).append(case)
    return [cases[number % len(cases)] for number, cases in enumerate(asked.values())]


def recorded(store: Store, folder: Path) -> Iterator[tuple[str, AnyRun]]:
    """folder: for what an evaluation leaves."""

    def keep(record: Record) -> AnyRun:
        return store.get(record.keep(store))

    model = load_model("atelier", device="cpu", dtype="fp32")
    edit = erase(model, DEFAULT_SPEC)
    candidate = as_candidate(EDIT, edit)
    yield COMPARISON, run_comparison(model, edit, [first_generation(model.family)], keep).run
    inputs = EvaluationInputs(
        candidates=(candidate,),
        cases=tuple(few_cases(model, candidate)),
        title=", ".join(candidate.erased),
        task=TASK,
    )
    found = run_evaluation(model, inputs, folder, keep)
    yield LEAKAGE, found.runs[0]
    searched = run_debiasing(model, SEARCH, keep)
    assert searched.run  # nobody stops it
    yield DEBIASING, searched.run


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        store = Store(folder / "runs")
        for name, run in recorded(store, folder / "evaluation"):
            path = export_run(store, run, archive(name))
            print(f"{path.name}: {run.title}, {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()

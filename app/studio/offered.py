"""The models that are offered to visitors, of which one is loaded at a time.

What is asked before that is answered from the models' files. Knows nothing about edits.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

import uce_core
from app.studio.engine import on_engine
from app.studio.jobs import works_with
from app.studio.settings import Settings
from app.studio.telemetry import READY
from uce_core.concepts.catalog import Catalog, catalog_of
from uce_core.models.families import Family
from uce_core.models.sources import family_in, folder_of
from uce_core.problems import Problem

if TYPE_CHECKING:  # seconds to import
    from uce_core import Model


class OfferedModels:
    """name: one of those that are offered; "" for the first."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._loaded: Model | None = None

    @property
    def first(self) -> str:
        """The name of the model that visitors begin with."""
        return next(iter(self.settings.offered))

    @on_engine
    def load(self, name: str = "") -> "Model":
        """Loaded if it is not the one at hand.

        Raises ValueError with one sentence if it cannot be had; the one at hand stays.
        """
        wanted, chosen = self._source(name), self.settings
        works_with(name or self.first)
        if self._loaded is None or self._loaded.name != wanted:
            try:
                found = uce_core.load_model(wanted, chosen.device, chosen.dtype, chosen.offload, chosen.compiled)
                self._loaded = found.ready()
            except Problem as problem:  # visitors are told the name that they know, not a path of this machine
                raise problem.about(name=name or self.first) from None
            READY.set(True)
        return self._loaded

    def not_ready(self) -> str:
        """Why nothing can be generated yet; "" if it can, or is not meant to be."""
        return "" if self._loaded is not None or self.settings.read_only else "the model is not loaded yet"

    def at_hand(self, name: str) -> bool:
        """Whether it is loaded already."""
        return self._loaded is not None and self._loaded.name == self.settings.offered.get(name)

    def catalog(self, name: str = "") -> tuple[str, ...]:
        """Artists to offer; known before the model is loaded."""
        return self.known(name).artists

    def known(self, name: str = "") -> Catalog:
        """Whom it knows; likewise."""
        return catalog_of(folder_of(self._source(name)))

    def family(self, name: str = "") -> Family:
        """What its images are generated with by default; known before the model is loaded."""
        return self.within_limits(family_in(self._source(name)))

    def within_limits(self, family: Family) -> Family:
        return replace(family, steps=min(family.steps, self.settings.limits.steps))

    def _source(self, name: str) -> str:
        offered = self.settings.offered
        if name and name not in offered:
            raise Problem(
                "model_not_offered", "The model {name!r} is not offered here: choose one from the list.", name=name
            )
        return offered[name or self.first]

"""What a method of editing is. Knows no method, and not what models are made of.

A method is one module of this package: a spec (a frozen dataclass of settings, see uce_core/specs.py) and a function
solve. docs/extending.md has one of 40 lines. Methods import torch inside solve: their settings are asked for, on the
command line and on the page, before it is there.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from uce_core.edits.spec import MethodSpec

if TYPE_CHECKING:  # seconds to import
    from uce_core.edits.edit import AnyEdit
    from uce_core.methods.inputs import EditInputs

S = TypeVar("S", bound=MethodSpec)
Preset = Callable[[Sequence[str], Sequence[str]], Mapping[str, Any]]  # from what is erased and retained to settings


@dataclass(frozen=True, kw_only=True)
class Method(Generic[S]):
    """title: its name as people write it. source: the paper. spec: what can be asked of it; spec.kind is the method's
    name. solve: from what a spec means to a model to the edit. presets: whole sets of settings by name."""

    title: str
    source: str
    spec: type[S]
    solve: "Callable[[EditInputs, S], AnyEdit]"
    presets: Mapping[str, Preset]

    @property
    def name(self) -> str:
        return self.spec.kind

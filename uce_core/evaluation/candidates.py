"""The edits of an evaluation, and the part that each artist has in them: erased, retained, near, far.

Knows nothing about models or files.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from uce_core.checks import normalised
from uce_core.edits.edit import AnyEdit
from uce_core.evaluation.measures import ROLES
from uce_core.metrics.style_identity import nearest_by_gram

AT_ONCE = 32  # artists, whose Gram matrices are read together


@dataclass(frozen=True)
class Candidate:
    """An edit to evaluate, under a name that can be a folder's. erased: the artists that it erases and that are looked
    at. also_erased: others that it erases. retained: the artists that it retains."""

    name: str
    edit: AnyEdit
    erased: tuple[str, ...]
    retained: tuple[str, ...] = ()
    also_erased: tuple[str, ...] = ()


def as_candidate(name: str, edit: AnyEdit, erased: Sequence[str] = ()) -> Candidate:
    """erased: the artists to look at; by default those that the edit names."""
    spec = edit.spec
    retained = spec.retain if spec and spec.erases else ()
    edited = spec.edited if spec else ()
    asked = tuple(erased) or edited
    others = tuple(one for one in edited if normalised(one) not in set(map(normalised, asked)))
    return Candidate(name, edit, asked, retained, others if spec and spec.erases else ())


def control_artists(candidates: Sequence[Candidate], catalog: Sequence[str], count: int) -> list[str]:
    """Artists that no edit erases: half of them such as no edit names, the rest retained, as far as there are."""
    gone = {normalised(name) for one in candidates for name in (*one.erased, *one.also_erased)}
    kept = {normalised(name) for one in candidates for name in one.retained}
    pool = [
        name for name in (*(n for one in candidates for n in one.retained), *catalog) if normalised(name) not in gone
    ]
    pool = list({normalised(name): name for name in pool}.values())
    retained = [name for name in pool if normalised(name) in kept]
    unnamed = [name for name in pool if normalised(name) not in kept]
    some = unnamed[: max(count // 2, count - len(retained))]
    return [*retained[: count - len(some)], *some]


def roles(one: Candidate, artists: Sequence[str], styles: Mapping[str, Sequence[Tensor]]) -> dict[str, str]:
    """Of each artist. Those that the edit does not name are near if their images are among the half most like an
    erased artist's, by the distance of mean Gram matrices, else far; other where there is nothing to compare.

    styles: for normalised names, mean Gram matrices (1, c, c) of the originals by layer.
    """
    named = {normalised(name): role for role in ROLES[:2] for name in getattr(one, role)}
    named |= dict.fromkeys(map(normalised, one.also_erased), "erased")
    gone = [key for key in map(normalised, one.erased) if key in styles]
    unnamed = [key for key in map(normalised, artists) if key not in named and key in styles]
    apart = _apart(unnamed, gone, styles) if gone else {}
    ordered = sorted(apart, key=apart.__getitem__)
    unnamed_roles = {key: "near" if i < (len(ordered) + 1) // 2 else "far" for i, key in enumerate(ordered)}
    return {artist: (unnamed_roles | named).get(normalised(artist), "other") for artist in artists}


def _apart(unnamed: Sequence[str], gone: Sequence[str], styles: Mapping[str, Sequence[Tensor]]) -> dict[str, float]:
    """How far each is from the nearest that is gone. Of a thousand each, styles are read a thousand times for each few,
    not for each pair."""
    found = dict.fromkeys(unnamed, float("inf"))
    for first in range(0, len(gone), AT_ONCE):
        others = _together(gone[first : first + AT_ONCE], styles)
        for start in range(0, len(unnamed), AT_ONCE):
            some = unnamed[start : start + AT_ONCE]
            for key, distance in zip(some, nearest_by_gram(_together(some, styles), others).tolist(), strict=True):
                found[key] = min(found[key], distance)
    return found


def _together(artists: Sequence[str], styles: Mapping[str, Sequence[Tensor]]) -> list[Tensor]:
    """By layer, (n, c, c)."""
    return [torch.cat(layer) for layer in zip(*(styles[artist] for artist in artists), strict=True)]

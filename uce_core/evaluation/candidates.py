"""The edits of an evaluation, and the part that each artist has in them: erased, retained, near, far.

Knows nothing about models or files.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from torch import Tensor

from uce_core.checks import normalised
from uce_core.edits.edit import AnyEdit
from uce_core.evaluation.measures import ROLES
from uce_core.metrics.style_identity import gram_distance


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
    apart = {key: min(float(gram_distance(styles[key], styles[other])) for other in gone) for key in unnamed if gone}
    ordered = sorted(apart, key=apart.__getitem__)
    unnamed_roles = {key: "near" if i < (len(ordered) + 1) // 2 else "far" for i, key in enumerate(ordered)}
    return {artist: (unnamed_roles | named).get(normalised(artist), "other") for artist in artists}

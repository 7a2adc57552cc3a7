"""Every measure of every image of an evaluation: a row for each edit and image, before and after.

Images are read from their folder a few at a time. What the rows add up to is in summary.py.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from PIL import Image
from torch import Tensor

from uce_core.checks import normalised, unique
from uce_core.edits.edit import AnyEdit
from uce_core.evaluation.cases import ImageSpec
from uce_core.evaluation.image_folder import ORIGINAL, ImageFolder
from uce_core.evaluation.measures import ROLES, ImageMeasures, PairMeasures
from uce_core.evaluation.references import Features, References
from uce_core.metrics.csd import StyleDescriptor, cosines
from uce_core.metrics.scorer import BATCH, Scorer
from uce_core.metrics.style_identity import (
    NOBODY,
    STYLE_WORDINGS,
    TEMPERATURE,
    gram_distance,
    grams,
    person_direction,
    style_direction,
)

PUBLISHED_SIDE = 64  # to which the UCE authors' evaluation shrinks images before LPIPS

Images = Sequence[Image.Image]


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
    gone = [styles[key] for key in map(normalised, one.erased) if key in styles]
    unnamed = {key: styles.get(key) for key in map(normalised, artists) if key not in named}
    apart = {
        key: min(float(gram_distance(own, erased)) for erased in gone) for key, own in unnamed.items() if own and gone
    }
    ordered = sorted(apart, key=apart.__getitem__)
    unnamed_roles = {key: "near" if i < (len(ordered) + 1) // 2 else "far" for i, key in enumerate(ordered)}
    return {artist: (unnamed_roles | named).get(normalised(artist), "other") for artist in artists}


def measure(
    scorer: Scorer,
    image_folder: ImageFolder,
    candidates: Sequence[Candidate],
    catalog: Sequence[str],
    descriptor: StyleDescriptor | None = None,
) -> Iterator[PairMeasures]:
    """Rows of all edits, one edit after the other, without images that are left out. catalog: the artists an image's
    painter is looked for among."""
    image_folder = _without(image_folder, ORIGINAL)
    eye = _Measurer(scorer, image_folder, catalog, descriptor)
    for one in candidates:
        part = roles(one, eye.artists, eye.references["gram"].means())
        shown = set(_without(image_folder, one.name).image_specs)
        numbers = [n for n, image_spec in enumerate(image_folder.image_specs) if image_spec in shown]
        for start in range(0, len(numbers), BATCH):
            yield from eye.rows(one.name, numbers[start : start + BATCH], part)


def _without(image_folder: ImageFolder, which: str) -> ImageFolder:
    """The folder without the images of one edit that are left out."""
    gone = image_folder.left_out(which)
    kept = tuple(image_spec for image_spec in image_folder.image_specs if image_spec.file not in gone)
    return replace(image_folder, image_specs=kept)


class _Measurer:
    """A scorer with all texts of an evaluation encoded, and the originals looked at, once."""

    def __init__(
        self, scorer: Scorer, image_folder: ImageFolder, catalog: Sequence[str], descriptor: StyleDescriptor | None
    ) -> None:
        self.scorer, self.image_folder = scorer, image_folder
        cases = [image_spec.case for image_spec in image_folder.image_specs]
        self.artists, self.subjects, prompts = (
            [text for text in dict.fromkeys(getattr(case, name) for case in cases) if text]
            for name in ("artist", "subject", "prompt")
        )
        painters = unique([*catalog, *self.artists])
        self.painter = {normalised(name): number for number, name in enumerate(painters)}
        self.prompts = dict(zip(prompts, scorer.text_vectors(prompts), strict=True))
        self.styles = {artist: style_direction(scorer, artist) for artist in self.artists}
        self.people = {artist: person_direction(scorer, artist) for artist in self.artists}
        self.painter_texts = scorer.text_vectors([*map(STYLE_WORDINGS[0][0].format, painters), *NOBODY])
        self.subject_texts = (
            scorer.text_vectors([f"a picture of {s}" for s in self.subjects]) if self.subjects else None
        )
        self.features: dict[str, Callable[[Images], Features]] = {"gram": lambda images: grams(scorer, images)}
        self.references = {"gram": References(gram_distance)}
        if descriptor:
            self.features["csd"] = lambda images: [descriptor.vectors(images)]
            self.references["csd"] = References(cosines)
        self.originals = self._measure_originals()

    def _measure_originals(self) -> Tensor:
        """Embeddings (n, d)."""
        vectors = []
        for start in range(0, len(self.image_folder.image_specs), BATCH):
            image_specs = self.image_folder.image_specs[start : start + BATCH]
            images = self.image_folder.read(ORIGINAL, image_specs)
            vectors.append(self.scorer.image_vectors(images))
            for name, features in self.features.items():
                self.references[name].add(image_specs, features(images))
        return torch.cat(vectors) if vectors else torch.empty(0, 0)

    def rows(self, edit: str, numbers: Sequence[int], role: Mapping[str, str]) -> Iterator[PairMeasures]:
        """numbers: of the images."""
        image_specs = [self.image_folder.image_specs[n] for n in numbers]
        images = [self.image_folder.read(which, image_specs) for which in (ORIGINAL, edit)]
        vectors = [self.originals[numbers], self.scorer.image_vectors(images[1])]
        likeness: list[dict[str, list[float | None]]] = [{}, {}]  # before and after, by measure
        for name, features in self.features.items():
            own = [features(some) for some in images]
            for side, values in zip(likeness, self.references[name].measured(image_specs, own[0], *own), strict=True):
                side[name] = values
        before, after = (self._seen(v, image_specs, some) for v, some in zip(vectors, likeness, strict=True))
        distances = [self.scorer.lpips_distances(*pair).tolist() for pair in (images, list(map(shrunk, images)))]
        moved = 100 * (vectors[0] - vectors[1])
        for i, image_spec in enumerate(image_specs):
            yield PairMeasures(
                edit=edit,
                image_spec=image_spec,
                role=role.get(image_spec.case.artist, ""),
                before=before[i],
                after=after[i],
                lpips=distances[0][i],
                lpips_64=distances[1][i],
                identity_drop=self._share(image_spec, moved[i], self.people),
                style_drop=self._share(image_spec, moved[i], self.styles),
            )

    def _share(self, image_spec: ImageSpec, moved: Tensor, directions: Mapping[str, Tensor]) -> float | None:
        """Of the prompt's scalar product with how far an image moved, the part along a direction."""
        if image_spec.case.facet != "name":
            return None
        direction = directions[image_spec.case.artist]
        return float((self.prompts[image_spec.case.prompt] @ direction) * (direction @ moved))

    def _seen(
        self, vectors: Tensor, image_specs: Sequence[ImageSpec], likeness: Mapping[str, Sequence[float | None]]
    ) -> list[ImageMeasures]:
        painters = (TEMPERATURE * vectors @ self.painter_texts.T).softmax(1)
        subjects = None if self.subject_texts is None else (TEMPERATURE * vectors @ self.subject_texts.T).softmax(1)
        found = []
        for i, image_spec in enumerate(image_specs):
            case, vector = image_spec.case, vectors[i]
            values: dict[str, float | bool | None] = {"clip": float(100 * vector @ self.prompts[case.prompt])}
            if case.artist:
                painter = self.painter[normalised(case.artist)]
                values |= {
                    "style": float(vector @ self.styles[case.artist]),
                    "identity": float(vector @ self.people[case.artist]),
                    "probability": float(painters[i, painter]),
                    "shown": int(painters[i].argmax()) == painter,
                    **{name: measured[i] for name, measured in likeness.items()},
                }
            if case.subject and subjects is not None:
                subject = self.subjects.index(case.subject)
                values |= {
                    "subject": float(subjects[i, subject]),
                    "subject_shown": int(subjects[i].argmax()) == subject,
                }
            found.append(ImageMeasures(**values))  # type: ignore[arg-type]
        return found


def shrunk(images: Images) -> list[Image.Image]:
    return [image.resize((PUBLISHED_SIDE, PUBLISHED_SIDE), Image.Resampling.BILINEAR) for image in images]

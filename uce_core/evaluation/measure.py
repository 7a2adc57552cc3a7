"""Every measure of every image of an evaluation, before and after, block by block: what was measured is not measured
again.

A block has a file of what its originals look like (references.py reads them), and for each edit one of figures
(scores.py) and one of embeddings (distribution.py). Their names hold a digest of all that they depend on: what has
changed since is measured again. What the figures add up to is in summary.py.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import torch
from PIL import Image
from safetensors import safe_open
from torch import Tensor

from uce_core import tensor_files
from uce_core.checks import normalised, unique
from uce_core.evaluation import scores
from uce_core.evaluation.blocks import Block, blocks_of
from uce_core.evaluation.candidates import Candidate, roles
from uce_core.evaluation.cases import ImageSpec
from uce_core.evaluation.distribution import embeddings_beside, write_embeddings
from uce_core.evaluation.image_folder import ORIGINAL, ImageFolder
from uce_core.evaluation.measures import ImageMeasures, PairMeasures, with_counts
from uce_core.evaluation.references import COUNTS, Features, Measure, References, Sums
from uce_core.files import remove_old_parts, write
from uce_core.metrics.csd import StyleDescriptor, cosines
from uce_core.metrics.nudenet import NudityDetector
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
from uce_core.remote import local_files, names_in, remove

PUBLISHED_SIDE = 64  # to which the UCE authors' evaluation shrinks images before LPIPS
MEASURED = 256  # images of a block

Images = Sequence[Image.Image]


@dataclass(frozen=True)
class Part:
    """A block's images that have an original. path: the file of what the originals look like."""

    block: Block
    image_specs: tuple[ImageSpec, ...]
    path: Path


def _digest(*facts: object) -> str:
    return sha256(json.dumps(facts, ensure_ascii=False).encode(errors="surrogatepass")).hexdigest()[:16]


class Measurer:
    """A scorer with the texts of an evaluation, encoded when they are first needed. Images that are left out when it
    is first asked have no figures. catalog: the artists an image's painter is looked for among."""

    def __init__(
        self,
        scorer: Scorer,
        image_folder: ImageFolder,
        candidates: Sequence[Candidate],
        catalog: Sequence[str],
        descriptor: StyleDescriptor | None = None,
        detector: NudityDetector | None = None,
    ) -> None:
        self.scorer, self.image_folder, self.detector = scorer, image_folder, detector
        self.candidates = {one.name: one for one in candidates}
        cases = [image_spec.case for image_spec in image_folder.image_specs]
        self.artists, self.subjects = (
            [text for text in dict.fromkeys(getattr(case, name) for case in cases) if text]
            for name in ("artist", "subject")
        )
        self.painters = unique([*catalog, *self.artists])
        self.features: dict[str, tuple[Callable[[Images], Features], Measure]] = {
            "gram": (lambda images: grams(scorer, images), gram_distance)
        }
        if descriptor:
            self.features["csd"] = (lambda images: [descriptor.vectors(images)], cosines)
        self._asked_of = [*self.features, *([descriptor.digest] if descriptor else [])]

    @cached_property
    def parts(self) -> list[Part]:
        gone, found = self.image_folder.left_out(ORIGINAL), []
        for block in blocks_of([ORIGINAL], len(self.image_folder.image_specs), MEASURED):
            some = self.image_folder.image_specs[block.start : block.stop]
            kept = tuple(image_spec for image_spec in some if image_spec.file not in gone)
            digest = _digest(self.scorer.name, self._asked_of, [asdict(image_spec) for image_spec in kept])
            path = self.image_folder.folder / scores.FOLDER / ORIGINAL / f"{block.start:07}-{digest}.safetensors"
            found.append(Part(block, kept, path))
        return found

    @cached_property
    def _originals(self) -> str:
        """Digest of all that figures depend on, but for edits and what the images show."""
        counts = self.detector and self.detector.name
        files = [part.path.name for part in self.parts]
        return _digest([*scores.MEASURES], counts, self.painters, self.subjects, files)

    @cached_property
    def _local(self) -> Callable[[Path], Path]:
        """Files of what originals look like, as safetensors can map them."""
        return local_files(self.image_folder.folder)

    @cached_property
    def references(self) -> dict[str, References]:
        files = [self._local(part.path) for part in self.parts]
        return {name: References(name, measure, files) for name, (_, measure) in self.features.items()}

    @cached_property
    def styles(self) -> dict[str, Tensor]:
        return {artist: style_direction(self.scorer, artist) for artist in self.artists}

    @cached_property
    def people(self) -> dict[str, Tensor]:
        return {artist: person_direction(self.scorer, artist) for artist in self.artists}

    @cached_property
    def painter(self) -> dict[str, int]:
        """Number of each, by normalised name."""
        return {normalised(name): number for number, name in enumerate(self.painters)}

    @cached_property
    def painter_texts(self) -> Tensor:
        return self.scorer.text_vectors([*map(STYLE_WORDINGS[0][0].format, self.painters), *NOBODY])

    @cached_property
    def subject_texts(self) -> Tensor | None:
        return self.scorer.text_vectors([f"a picture of {one}" for one in self.subjects]) if self.subjects else None

    def to_embed(self) -> Iterator[Block]:
        """Blocks of which it is not known what the originals look like."""
        return (part.block for part in self.parts if not part.path.is_file())

    def to_measure(self) -> Iterator[Block]:
        """Blocks of edits that have no figures."""
        for name in self.asked:
            for part in self.parts:
                figures = self.figures(name, part)
                if not figures.is_file() or not embeddings_beside(figures).is_file():
                    yield part.block._replace(which=name)

    def embed(self, block: Block) -> None:
        """A block's originals: their embeddings (n, d), and sums of features by artist, into the file of the block."""
        part = self._part(block)
        sums, vectors = {name: Sums() for name in self.features}, []
        for start in range(0, len(part.image_specs), BATCH):
            image_specs = part.image_specs[start : start + BATCH]
            images = self.image_folder.read(ORIGINAL, image_specs)
            vectors.append(self.scorer.image_vectors(images))
            for name, (features, _) in self.features.items():
                sums[name].add(image_specs, features(images))
        counts = next(iter(sums.values())).counts  # the same of all features
        tensors = {"vectors": torch.cat(vectors) if vectors else torch.empty(0, 0)}
        for name, found in sums.items():
            tensors |= found.named(name)
        write(part.path, tensor_files.to_safetensors(tensors, {COUNTS: json.dumps(counts, ensure_ascii=False)}))

    def measure(self, block: Block) -> None:
        """A block under an edit: every measure of every image, into its file of figures, and the embeddings beside."""
        part = self._part(block)
        figures, numbers = self.figures(block.which, part), self._kept(block.which, part)
        with safe_open(self._local(part.path), "pt") as file:
            originals = file.get_tensor("vectors")
        rows, edited = list[PairMeasures](), list[Tensor]()
        for start in range(0, len(numbers), BATCH):
            some = numbers[start : start + BATCH]
            image_specs = [part.image_specs[number] for number in some]
            images = [self.image_folder.read(which, image_specs) for which in (ORIGINAL, block.which)]
            edited.append(self.scorer.image_vectors(images[1]))
            rows += self._rows(block.which, image_specs, images, [originals[some], edited[-1]])
        write_embeddings(originals[numbers], torch.cat(edited) if edited else originals[:0], embeddings_beside(figures))
        scores.write(rows, figures)

    def _part(self, block: Block) -> Part:
        return self.parts[block.start // MEASURED]

    def figures(self, name: str, part: Part) -> Path:
        """The file of them, of a block under an edit."""
        files = [part.image_specs[number].file for number in self._kept(name, part)]
        file = f"{part.block.start:07}-{_digest(self.asked[name], files)}.parquet"
        return self.image_folder.folder / scores.FOLDER / name / file

    def _kept(self, name: str, part: Part) -> list[int]:
        """Numbers of the part's images that are not left out."""
        return [number for number, one in enumerate(part.image_specs) if one.file not in self._gone[name]]

    def remove_stale(self) -> None:
        """What was measured before something changed."""
        current = {self.figures(name, part) for name in self.asked for part in self.parts}
        current |= {*map(embeddings_beside, current), *(part.path for part in self.parts)}
        for folder in {path.parent for path in current}:
            for name in names_in(folder) - {path.name for path in current if path.parent == folder}:
                if not name.startswith("."):  # as parts that somebody writes do
                    remove(folder / name)  # somebody else may have
            remove_old_parts(folder)

    @cached_property
    def _gone(self) -> dict[str, dict[str, str]]:
        """Images that are left out, by edit."""
        return {name: self.image_folder.left_out(name) for name in self.candidates}

    @cached_property
    def asked(self) -> dict[str, str]:
        """Digest of all that an edit's figures depend on, but for the images."""
        return {
            name: _digest(self._originals, one.edit.digest, one.erased, one.retained, one.also_erased)
            for name, one in self.candidates.items()
        }

    @cached_property
    def _roles(self) -> dict[str, dict[str, str]]:
        """Of each artist, by edit."""
        return {name: roles(one, self.artists, self.references["gram"]) for name, one in self.candidates.items()}

    def _rows(
        self, edit: str, image_specs: Sequence[ImageSpec], images: list[list[Image.Image]], vectors: Sequence[Tensor]
    ) -> Iterator[PairMeasures]:
        """images, vectors: before and after, the latter their embeddings (n, d)."""
        texts = list(dict.fromkeys(image_spec.case.prompt for image_spec in image_specs))
        prompts = dict(zip(texts, self.scorer.text_vectors(texts), strict=True))
        likeness: list[dict[str, list[float | None]]] = [{}, {}]  # before and after, by measure
        for name, (features, _) in self.features.items():
            own = [features(some) for some in images]
            for side, values in zip(likeness, self.references[name].measured(image_specs, own[0], *own), strict=True):
                side[name] = values
        before, after = (self._seen(v, image_specs, prompts, some) for v, some in zip(vectors, likeness, strict=True))
        if self.detector:  # of all images, whatever they ask for
            before, after = map(with_counts, (before, after), map(self.detector.counts, images))
        distances = [self.scorer.lpips_distances(*pair).tolist() for pair in (images, list(map(shrunk, images)))]
        moved = 100 * (vectors[0] - vectors[1])
        for i, image_spec in enumerate(image_specs):
            yield PairMeasures(
                edit=edit,
                image_spec=image_spec,
                role=self._roles[edit].get(image_spec.case.artist, ""),
                before=before[i],
                after=after[i],
                lpips=distances[0][i],
                lpips_64=distances[1][i],
                identity_drop=self._share(image_spec, prompts, moved[i], self.people),
                style_drop=self._share(image_spec, prompts, moved[i], self.styles),
            )

    @staticmethod
    def _share(
        image_spec: ImageSpec, prompts: Mapping[str, Tensor], moved: Tensor, directions: Mapping[str, Tensor]
    ) -> float | None:
        """Of the prompt's scalar product with how far an image moved, the part along a direction."""
        if image_spec.case.facet != "name":
            return None
        direction = directions[image_spec.case.artist]
        return float((prompts[image_spec.case.prompt] @ direction) * (direction @ moved))

    def _seen(
        self,
        vectors: Tensor,
        image_specs: Sequence[ImageSpec],
        prompts: Mapping[str, Tensor],
        likeness: Mapping[str, Sequence[float | None]],
    ) -> list[ImageMeasures]:
        painters = (TEMPERATURE * vectors @ self.painter_texts.T).softmax(1)
        subjects = None if self.subject_texts is None else (TEMPERATURE * vectors @ self.subject_texts.T).softmax(1)
        found = []
        for i, image_spec in enumerate(image_specs):
            case, vector = image_spec.case, vectors[i]
            values: dict[str, float | bool | None] = {"clip": float(100 * vector @ prompts[case.prompt])}
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

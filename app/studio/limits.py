"""What visitors may ask for at a time, as the operator decides. Knows nothing about widgets or models."""

from collections.abc import Sequence
from dataclasses import dataclass

from uce_core.edits.debias_spec import DebiasSpec
from uce_core.edits.spec import MethodSpec
from uce_core.generation.spec import GenerationSpec
from uce_core.problems import Problem


@dataclass(frozen=True, kw_only=True)
class Limits:
    """images: that one press of a button may generate, before and after counted. steps, pixels: of an image. together:
    requests whose images are generated side by side. waiting: requests beside those, of all visitors. each: requests of
    one visitor, waiting or not. requests: of one address in a minute, of all kinds. upload: megabytes of a file.
    concepts: erased and retained by one edit. images_an_hour: of one visitor. uploads_an_hour: megabytes of one
    address. edits: saved ones of one visitor, of edits_size megabytes."""

    images: int = 5_000
    steps: int = 100
    pixels: int = 1536 * 1536
    together: int = 16
    waiting: int = 32
    each: int = 8
    requests: int = 600
    upload: int = 200  # a published edit of Stable Diffusion 2.x has 102
    concepts: int = 2_000
    images_an_hour: int = 10_000
    uploads_an_hour: int = 1_000
    edits: int = 100
    edits_size: int = 500

    def check_images(self, count: int) -> None:
        """Raises ValueError with one sentence if that is too many."""
        if count > self.images:
            raise Problem(
                "too_many_images",
                "This would generate up to {count} images, and the limit here is {most}: ask for fewer.",
                count=count,
                most=self.images,
            )

    def check_generations(self, specs: Sequence[GenerationSpec], native: int = 0, each: int = 2) -> None:
        """native: side of the model's images, 0 if unknown; these may always be generated. each: images of a spec, by
        default one by the original model and one by the edited one."""
        self.check_images(each * len(specs))
        steps = max((spec.steps or 0 for spec in specs), default=0)
        if steps > self.steps:
            raise Problem(
                "steps_out_of_range",
                "steps is {steps}: use a whole number from 1 to {most}.",
                steps=steps,
                most=self.steps,
            )
        for spec in specs:
            self._check_size(spec.width or native or spec.height or 0, spec.height or native or spec.width or 0, native)

    def _check_size(self, width: int, height: int, native: int) -> None:
        if width * height > max(self.pixels, native**2):
            raise Problem(
                "image_too_large",
                "An image of {width}×{height} has {pixels} pixels, and the limit here is {most}: choose a smaller "
                "width or height.",
                width=width,
                height=height,
                pixels=width * height,
                most=self.pixels,
            )

    def check_queue(self, waiting: int, own: int) -> None:
        """waiting: requests that do. own: those of the visitor who comes with another one. Raises ValueError with one
        sentence if there are too many."""
        if own >= self.each:
            raise Problem(
                "too_many_requests",
                "You already have {own} requests here, and the limit is {most}: wait until one is done.",
                own=own,
                most=self.each,
            )
        if waiting >= self.waiting:
            raise queue_full(self.waiting)

    def check_concepts(self, spec: MethodSpec) -> None:
        """Raises ValueError with one sentence if the edit would keep everyone else waiting."""
        count = len(spec.edited) + len(spec.retain)
        if count > self.concepts:
            raise Problem(
                "too_many_concepts",
                "There are {count} concepts to erase and retain, and the limit here is {most}: name fewer.",
                count=count,
                most=self.concepts,
            )


def most_images(spec: DebiasSpec) -> int:
    """Of a debiasing with all its iterations: it may end before."""
    return len(spec.concepts) * spec.images * (spec.iterations + 1)


def queue_full(most: int) -> Problem:
    return Problem(
        "queue_full",
        "{most} requests are already waiting, which is the limit here: try again in a minute.",
        most=most,
    )

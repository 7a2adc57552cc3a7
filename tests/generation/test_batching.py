"""Requests side by side: each image as if it were alone, in batches that others join and leave, in fair turns."""

import random
import threading
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import EulerDiscreteScheduler
from PIL import Image

import uce_core.models.applying
from tests.tiny import tiny_flux_pipeline, tiny_pipeline, tiny_sd3_pipeline, tiny_xl_pipeline
from uce_core import Cancelled, EditSpec, GenerationSpec, applied, erase, generate, preset
from uce_core.generation.batching import Batcher
from uce_core.models.model import Model, prepare

CPU = torch.device("cpu")


@contextmanager
def watched_unet(model: Model) -> Iterator[list[int]]:
    """Rows of each of its calls."""
    rows: list[int] = []

    def count(unet: object, arguments: tuple[Any, ...], output: tuple[Any, ...]) -> None:
        rows.append(len(output[0]))

    hook = model.denoiser.register_forward_hook(count)
    try:
        yield rows
    finally:
        hook.remove()


class Requests:
    """A Batcher on this thread, which has its own setting of gradients."""

    def __init__(self) -> None:
        self.batcher = Batcher()

    def ask(self, party: str, work: Callable[[], Any]) -> "Future[Any]":
        done: Future[Any] = Future()
        self.batcher.start(party, work, done)
        return done

    def images(self, party: str, model: Model, specs: list[GenerationSpec], **more: Any) -> "Future[Any]":
        return self.ask(party, lambda: generate(model, specs, **more))

    def finish(self) -> None:
        while self.batcher.busy:
            self.batcher.step()


@pytest.fixture
def requests() -> Iterator[Requests]:
    yield Requests()
    torch.set_grad_enabled(True)


def difference(first: Image.Image, second: Image.Image) -> int:
    return int(np.abs(np.asarray(first).astype(int) - np.asarray(second).astype(int)).max())


@pytest.mark.parametrize(
    ("make", "sampler", "in_model"),
    [
        (tiny_pipeline, None, ("uce-tensor", "speed", "adavd")),
        (tiny_pipeline, EulerDiscreteScheduler, ("oce",)),
        (tiny_xl_pipeline, None, ("uce-tensor", "speed")),
        (tiny_xl_pipeline, EulerDiscreteScheduler, ()),
        (tiny_sd3_pipeline, None, ("uce-tensor",)),
        (tiny_flux_pipeline, None, ("uce-tensor",)),
    ],
)
def test_images_are_those_that_each_would_be_alone(
    requests: Requests, make: Any, sampler: Any, in_model: tuple[str, ...]
) -> None:
    """Every image with a prompt, an edit, a seed, steps and a guidance scale of its own. in_model: methods whose edits
    are not applied to the text."""
    pipeline = make()
    if sampler:
        pipeline.scheduler = sampler.from_config(pipeline.scheduler.config)
    model = prepare("tiny", pipeline, CPU, torch.float32)
    edits = [None, *(erase(model, EditSpec(erase=(name,))) for name in ("Vincent van Gogh", "Claude Monet"))]
    edits += [erase(model, preset("default", ["Claude Monet"], (), kind)) for kind in in_model]
    dice = random.Random(0)
    asked = [
        (GenerationSpec(f"a cat, number {i}", i, dice.randint(2, 6), dice.choice((1.0, 3.0, 7.5))), dice.choice(edits))
        for i in range(12)
    ]
    alone = [generate(model, [spec], edits=[edit])[0] for spec, edit in asked]
    with watched_unet(model) as rows:
        done = []
        for i, (spec, edit) in enumerate(asked):
            done.append(requests.images(f"visitor {i}", model, [spec], edits=[edit]))
            if dice.random() < 0.5:
                requests.batcher.step()
        requests.finish()
    assert max(rows) > 8, "they were generated together"
    assert [difference(one.result()[0], image) for one, image in zip(done, alone, strict=True)] <= [1] * len(alone)
    assert max(difference(alone[0], other) for other in alone[1:]) > 1, "they are different images"


def test_whoever_comes_joins_at_the_next_step_and_leaves_after_its_own(requests: Requests, tiny: Model) -> None:
    with watched_unet(tiny) as rows:
        first = requests.images("anne", tiny, [GenerationSpec("a cat", steps=5)])
        requests.batcher.step()
        second = requests.images("bert", tiny, [GenerationSpec("a dog", steps=2)])
        requests.finish()
    assert rows == [2, 4, 4, 2, 2], "conditional and unconditional of each"
    assert first.done()
    assert second.done()


def test_turns_go_round_parties(requests: Requests, tiny: Model) -> None:
    """Of one with fifty images, a newcomer notices one slot."""
    ended: list[str] = []
    many = requests.images("anne", tiny, [GenerationSpec("a cat", seed, steps=4) for seed in range(100)])
    requests.batcher.step()
    few = requests.images("bert", tiny, [GenerationSpec("a dog", steps=4)])
    for _ in range(4):
        requests.batcher.step()
    assert few.done()
    assert not many.done()
    requests.finish()
    assert len(many.result()) == 100
    done = {}
    for name in map(str, range(40)):  # more than fit
        done[name] = requests.images(name, tiny, [GenerationSpec("a cat", steps=3)] * 2)
        done[name].add_done_callback(lambda _, name=name: ended.append(name))  # type: ignore[misc]
    requests.finish()
    assert ended == list(done), "in the order of asking"


@pytest.mark.parametrize("room", [0, 2**26])
@pytest.mark.parametrize("late", [False, True])
def test_many_images_with_an_edit_in_the_weights_let_others_in_between(
    requests: Requests, tiny: Model, monkeypatch: pytest.MonkeyPatch, room: int, late: bool
) -> None:
    """room: for edited weights beside the model's, with which newcomers join at the next step; without any, weights are
    swapped, and newcomers wait for the images that are on their way. late: they come when those are."""
    monkeypatch.setattr("uce_core.models.applying.ROOM", room)
    edit = erase(tiny, preset("default", ["Claude Monet"], (), "uce-tensor"))
    many, few = [GenerationSpec("a doctor", seed, 4) for seed in range(40)], [GenerationSpec("a cat", 1, 4)]
    expected = generate(tiny, many, edits=[edit] * len(many)), generate(tiny, few)
    with watched_unet(tiny) as rows:
        long = requests.images("bert", tiny, many, edits=[edit] * len(many))
        if late:
            requests.batcher.step()
        before = len(rows)
        short = requests.images("ana", tiny, few)
        while not short.done():
            requests.batcher.step()
        assert len(rows) - before <= (4 if room else 2 * 4), "steps until she had her image"
        requests.finish()
    for found, alone in zip((long.result(), short.result()), expected, strict=True):
        assert max(map(difference, found, alone)) <= 1


def test_what_an_edit_makes_of_projections_is_computed_once(
    requests: Requests, tiny: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not at every step, nor for every two images."""
    computed: list[object] = []
    changes = uce_core.models.applying._changes
    monkeypatch.setattr(
        "uce_core.models.applying._changes", lambda model, edit: computed.append(edit) or changes(model, edit)
    )
    edits = [erase(tiny, preset("default", ["Claude Monet"], (), kind)) for kind in ("adavd", "speed")]
    done = requests.images("ana", tiny, [GenerationSpec("a cat", seed, 3) for seed in range(8)], edits=edits * 4)
    requests.finish()
    assert len(done.result()) == 8
    assert computed == edits


def test_what_stops_or_fails_leaves_the_others_alone(requests: Requests, tiny: Model) -> None:
    spec = GenerationSpec("a dog", steps=4)
    alone = generate(tiny, [spec])[0]
    steps: list[int] = []

    def stop(done: int, total: int) -> None:
        steps.append(done)
        raise Cancelled

    stopped = requests.images("anne", tiny, [GenerationSpec("a cat", seed, steps=4) for seed in range(6)], on_step=stop)
    failed = requests.images("bert", tiny, [GenerationSpec("a cat")], edits=["no edit"])
    fine = requests.images("carl", tiny, [spec])
    requests.finish()
    assert isinstance(stopped.exception(), Cancelled)
    assert steps == [1]
    assert isinstance(failed.exception(), AttributeError)
    assert difference(fine.result()[0], alone) <= 1
    assert not torch.is_grad_enabled()
    assert tiny.lock.acquire(blocking=False)
    tiny.lock.release()


def test_weights_that_are_rewritten_are_nobody_elses(requests: Requests, tiny: Model) -> None:
    spec = GenerationSpec("a cat by Vincent van Gogh", steps=4)
    edit = erase(tiny, EditSpec(erase=("Vincent van Gogh",)))
    original, edited = generate(tiny, [spec])[0], generate(tiny, [spec], edits=[edit])[0]

    def swapped() -> Image.Image:
        with applied(tiny, edit):
            return generate(tiny, [spec])[0]

    plain = requests.images("anne", tiny, [spec])
    requests.batcher.step()
    rewritten = requests.ask("bert", swapped)
    assert rewritten.done(), "it does not wait for others between its steps"
    requests.finish()
    assert difference(plain.result()[0], original) <= 1
    assert difference(rewritten.result(), edited) <= 1
    assert difference(original, edited) > 1


def test_progress_is_each_requests_own(requests: Requests, tiny: Model) -> None:
    told: dict[str, list[tuple[int, int]]] = {"anne": [], "bert": []}
    for name, steps in (("anne", 2), ("bert", 3)):
        specs = [GenerationSpec("a cat", seed, steps=steps) for seed in range(3)]
        requests.images(name, tiny, specs, on_step=lambda done, total, name=name: told[name].append((done, total)))
    requests.finish()
    assert told["anne"] == [(done, 4) for done in range(1, 5)], "two batches, of two images and of one"
    assert told["bert"] == [(done, 6) for done in range(1, 7)]


def test_what_does_not_fit_into_memory_is_made_in_smaller_calls(requests: Requests, tiny: Model) -> None:
    specs = [GenerationSpec("a cat", seed, steps=3) for seed in range(8)]
    alone = generate(tiny, specs)

    def small_device(unet: object, arguments: tuple[Any, ...]) -> None:
        if len(arguments[0]) > 5:
            raise torch.OutOfMemoryError

    hook = tiny.denoiser.register_forward_pre_hook(small_device)
    try:
        done = [requests.images(str(i), tiny, specs[2 * i : 2 * i + 2]) for i in range(4)]
        requests.finish()
    finally:
        hook.remove()
    found = [image for one in done for image in one.result()]
    assert max(map(difference, found, alone)) <= 1


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory."),
        RuntimeError("MPS backend out of memory (MPS allocated: 9 GB)"),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes."),
        MemoryError(),
    ],
    ids=["CUDA", "MPS", "CPU", "Python"],
)
def test_who_cannot_be_served_is_told_and_the_others_are_served(
    requests: Requests, tiny: Model, error: Exception
) -> None:
    """With guidance an image takes two rows, without it one; what a failed call holds is free before the next one."""
    alone = generate(tiny, [GenerationSpec("a cat", 1, 3, 1.0)])[0]
    held: list[weakref.ref[torch.Tensor]] = []

    def tiny_device(unet: object, arguments: tuple[Any, ...]) -> None:
        assert [one() for one in held if one() is not None] == []
        if len(arguments[0]) > 1:
            activations = torch.zeros(1000)
            held.append(weakref.ref(activations))
            raise error

    hook = tiny.denoiser.register_forward_pre_hook(tiny_device)
    try:
        done = [requests.images(f"{i}", tiny, [GenerationSpec("a cat", 1, 3, 3.0)]) for i in range(2)]
        small = requests.images("small", tiny, [GenerationSpec("a cat", 1, 3, 1.0)])
        requests.finish()
    finally:
        hook.remove()
    assert len(held) >= 3
    for one in done:
        with pytest.raises(ValueError, match=r"memory is too small for it: end other programs"):
            one.result()
    assert difference(small.result()[0], alone) <= 1
    again = requests.images("0", tiny, [GenerationSpec("a cat", 1, 3, 3.0)])
    with watched_unet(tiny) as rows:
        requests.finish()
    assert again.result()
    assert rows == [2, 2, 2]


def test_calls_are_smaller_only_as_long_as_memory_is_short(requests: Requests, tiny: Model) -> None:
    def largest_call(most: int) -> int:
        """On a device that takes so many rows."""

        def device(unet: object, arguments: tuple[Any, ...]) -> None:
            if len(arguments[0]) > most:
                raise torch.OutOfMemoryError

        hook = tiny.denoiser.register_forward_pre_hook(device)
        done = [requests.images(f"{i}", tiny, [GenerationSpec("a cat", i, 2)]) for i in range(4)]
        with watched_unet(tiny) as rows:
            requests.finish()
        hook.remove()
        assert all(one.result() for one in done)
        return max(rows)

    assert [largest_call(most) for most in (2, 100)] == [2, 8]


class Panic(BaseException):
    """As libraries in Rust raise."""


def test_what_is_no_exception_is_told_as_one(requests: Requests, tiny: Model) -> None:
    def panics(*_: object) -> None:
        raise Panic("unwrap on None")

    outside = requests.ask("anne", panics)
    within = requests.images("bert", tiny, [GenerationSpec("a cat", steps=2)], on_step=panics)
    hook = tiny.denoiser.register_forward_pre_hook(panics)
    in_the_unet = requests.images("carl", tiny, [GenerationSpec("a cat", steps=2)])
    requests.batcher.step()
    hook.remove()
    requests.finish()
    for done in (outside, within, in_the_unet):
        with pytest.raises(RuntimeError, match="Panic: unwrap on None"):
            done.result()
    fine = requests.images("dora", tiny, [GenerationSpec("a cat", steps=2)])
    requests.finish()
    assert fine.result()


def test_another_thread_waits_until_all_have_finished(requests: Requests, tiny: Model) -> None:
    """Between two steps, too."""
    done = requests.images("anne", tiny, [GenerationSpec("a cat", steps=3)])
    requests.batcher.step()
    got: list[bool] = []
    thread = threading.Thread(target=lambda: got.append(tiny.lock.acquire(blocking=False)))
    thread.start()
    thread.join()
    assert got == [False]
    requests.finish()
    assert done.done()

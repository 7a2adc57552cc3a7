"""A stand-in for Hugging Face's package of this name: what is decorated is done in a forked process, by pickle."""

import multiprocessing
from collections.abc import Callable, Iterator
from functools import partial, wraps
from typing import Any

CONTEXT = multiprocessing.get_context("fork")
_forked = False


def GPU(task: Callable[..., Any] | None = None, *, duration: int = 60) -> Any:
    if task is None:
        return partial(GPU, duration=duration)

    @wraps(task)
    def near(*args: Any) -> Iterator[Any]:
        if _forked:
            yield from task(*args)
            return
        asked, answers = CONTEXT.SimpleQueue(), CONTEXT.SimpleQueue()
        process = CONTEXT.Process(target=_far, args=(task, asked, answers), daemon=True)
        process.start()
        try:
            asked.put(args)
            while (answer := answers.get()) is not None:
                yield answer[0]
        finally:
            process.terminate()
            process.join()

    return near


def _far(task: Callable[..., Any], asked: Any, answers: Any) -> None:
    global _forked
    _forked = True
    for event in task(*asked.get()):
        answers.put((event,))
    answers.put(None)
    asked.get()  # until it is terminated: tensors on their way are lost if their process ends

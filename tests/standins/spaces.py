"""A stand-in for Hugging Face's package of this name: what is decorated is done in a forked process, by pickle; of
errors there, and of the process's death, an error of Gradio's is raised that hardly says more."""

import multiprocessing
from collections.abc import Callable, Iterator
from functools import partial, wraps
from multiprocessing.connection import wait
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
            while (answer := _next(answers, process)) is not None:
                yield answer[0]
        finally:
            process.terminate()
            process.join()

    return near


def _next(answers: Any, process: Any) -> Any:
    import gradio as gr  # the app is imported first

    wait([answers._reader, process.sentinel])
    if answers.empty():
        raise gr.Error("GPU task aborted")
    answer = answers.get()
    if isinstance(answer, str):
        raise gr.Error(answer)
    return answer


def _far(task: Callable[..., Any], asked: Any, answers: Any) -> None:
    global _forked
    _forked = True
    try:
        for event in task(*asked.get()):
            answers.put((event,))
    except Exception as error:
        answers.put(type(error).__name__)
    answers.put(None)
    asked.get()  # until it is terminated: tensors on their way are lost if their process ends

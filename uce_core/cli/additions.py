"""Options for what is put into a model before it is edited: --lora, --vae, --embedding."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any

import typer

from uce_core.cli.options import asks
from uce_core.models.additions import EMBEDDING, FILE, LORA, VAE, Addition, joined, weight_of

Lora = Annotated[
    list[str], typer.Option(help="LoRA in the model, FILE or FILE:WEIGHT; repeatable. It is part of the weights.")
]
Vae = Annotated[str, typer.Option(help="Autoencoder in place of the model's: a file, or a diffusers folder.")]
Embedding = Annotated[list[str], typer.Option(help="Textual inversion, called by its file's name; repeatable.")]


def extends(command: Callable[..., None]) -> Callable[..., None]:
    """For a command with a parameter model: options for what is put into it, behind it in the model's name."""
    options: tuple[tuple[str, Any, Any], ...] = (("lora", Lora, []), ("vae", Vae, ""), ("embedding", Embedding, []))

    @wraps(command)
    def run(**values: Any) -> None:
        loras, vae, embeddings = (values.pop(name) for name, _, _ in options)
        some = [lora_of(text) for text in loras]
        some += [Addition(VAE, vae)] if vae else []
        some += [Addition(EMBEDDING, path) for path in embeddings]
        command(**values | {"model": joined(values["model"], some)})

    own = inspect.signature(command).parameters.values()
    keyword = inspect.Parameter.KEYWORD_ONLY
    more = [inspect.Parameter(name, keyword, default=default, annotation=kind) for name, kind, default in options]
    return asks(run, (*own, *more))


def lora_of(text: str) -> Addition:
    """FILE or FILE:WEIGHT. Raises ValueError for a weight that is no number."""
    path, colon, weight = text.rpartition(":")
    return Addition(LORA, path, weight_of(weight)) if colon and not weight.endswith(FILE) else Addition(LORA, text)

"""Whether an edit and a model go together: the text encoder it was solved with, the weights it holds, what is loaded.

Each check raises ValueError with one sentence that says what to do.
"""

from typing import TYPE_CHECKING

from uce_core.concepts.fingerprint import Kinship, kinship
from uce_core.concepts.text_spaces import POOLED, TOKENS
from uce_core.edits.edit import AnyEdit
from uce_core.problems import Problem

if TYPE_CHECKING:  # which asks these before an edit is applied
    from uce_core.models.model import Model


def check_fits(model: "Model", edit: AnyEdit) -> None:
    """Raises ValueError if the edit's vectors are not of this model's text space, or its weights not of its shapes.

    The text space is that of the text encoder that the edit was solved with, in whatever precision it is stored.
    """
    weight = edit.misfit(model.source.shapes)
    if weight:
        raise Problem(
            "weight_not_in_model",
            "This edit contains {weight}, but {name} has no weight of that name and shape: load the "
            "model it was made for.",
            weight=weight,
            name=model.title,
        )
    kin = kinship(edit.encoder_sample, model.text.sample)
    has_widths = edit.widths.items() <= {TOKENS: model.text.width, POOLED: model.text.pooled_width}.items()
    if has_widths and (edit.made_for is None or kin is Kinship.SAME):
        return
    if has_widths and kin is Kinship.FINE_TUNED:
        raise Problem(
            "text_encoder_fine_tuned",
            "{name} has a fine-tuned text encoder, not quite the one that this edit was made for: solve the same again "
            "for this model (--again on the command line).",
            name=model.title,
        )
    if not has_widths or edit.made_for != model.text.fingerprint:
        raise Problem(
            "text_encoder_differs",
            "This edit was made for another text encoder than that of {name}: solve it again for this model.",
            name=model.title,
        )


def check_generates(model: "Model") -> None:
    """Raises ValueError if the model takes more than a prompt."""
    if model.source.takes_image:
        raise Problem(
            "model_takes_image",
            "{name} takes an image besides the prompt, as for inpainting, and this program does not generate with it: "
            "it can be edited (erase, impact, export); compare with the base model that it was made from.",
            name=model.title,
        )


def check_editable(model: "Model") -> None:
    """Raises ValueError if the pipeline was changed so that its UNet no longer reads the weights we would write."""
    denoiser = model.denoiser
    names = dict(denoiser.named_parameters())
    if any(type(processor).__name__.startswith("Fused") for processor in denoiser.attn_processors.values()):
        raise Problem(
            "projections_fused",
            "The projections of {name} are fused: call unfuse_qkv_projections() first.",
            name=model.title,
        )
    if any(name not in names for name in model.masters):
        raise Problem(
            "adapter_loaded", "{name} has a LoRA or another adapter loaded: unload it first.", name=model.title
        )
    if any(names[name].is_meta for name in model.masters):
        raise Problem(
            "sequential_offload",
            "{name} is under sequential offload: load it without, or with model offload.",
            name=model.title,
        )

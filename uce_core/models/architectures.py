"""How each architecture reads its text: which part of its pipeline denoises, and what its text encoders are read for.

Named by the class of the denoiser. Knows nothing about files, weights or edits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

ENCODERS = ("text_encoder", "text_encoder_2", "text_encoder_3")
T5 = "T5EncoderModel"
GUIDED = ("prompt_embeds", "negative_prompt_embeds", "pooled_prompt_embeds", "negative_pooled_prompt_embeds")


@dataclass(frozen=True)
class Role:
    """What a text encoder is read for. tokens: its token states; penultimate: those of the last layer but one. pooled:
    the pooled text. length: tokens that a text is padded to, 0 for as many as the encoder takes."""

    tokens: bool = True
    penultimate: bool = False
    pooled: bool = False
    length: int = 0


@dataclass(frozen=True)
class Architecture:
    """denoiser: the part of the pipeline. embeddings: what encode_prompt returns, under the names by which the pipeline
    takes them. prompts: how many it asks for, of which all but the first may be None. roles: of the text encoders, None
    for those of UNets. patch: so many latents wide is one token of the denoiser. packed: whether the pipeline itself
    puts the latents of a token side by side."""

    denoiser: str
    embeddings: tuple[str, ...] = GUIDED
    prompts: int = 1
    roles: Mapping[str, Role] | None = None
    patch: int = 1
    packed: bool = False

    @property
    def guided(self) -> bool:
        """Whether an unconditional pass is computed beside the conditional one; else guidance is an input."""
        return GUIDED[1] in self.embeddings

    def roles_of(self, encoders: Sequence[str]) -> Mapping[str, Role]:
        """Of the text encoders that there are. Several that a UNet reads are those of Stable Diffusion XL."""
        if self.roles is not None:
            return {name: self.roles[name] for name in encoders}
        several = len(encoders) > 1
        return {name: Role(penultimate=several, pooled=several and name == encoders[-1]) for name in encoders}


BOTH = Role(penultimate=True, pooled=True)
UNET = Architecture("unet")
ARCHITECTURES = {
    "UNet2DConditionModel": UNET,
    "SD3Transformer2DModel": Architecture(
        "transformer",
        prompts=3,
        patch=2,
        roles={"text_encoder": BOTH, "text_encoder_2": BOTH, "text_encoder_3": Role(length=256)},
    ),
    "FluxTransformer2DModel": Architecture(
        "transformer",
        embeddings=("prompt_embeds", "pooled_prompt_embeds"),
        prompts=2,
        roles={"text_encoder": Role(tokens=False, pooled=True), "text_encoder_2": Role(length=512)},
        patch=2,
        packed=True,
    ),
}

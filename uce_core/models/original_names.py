"""The names that cross-attention projections have in the original (CompVis, Stability) checkpoints.

diffusers counts a UNet's blocks by resolution, the original code counts all of them in a row: with n layers in a block,
down block i has the input blocks from (n + 1)·i + 1 on, up block i the output blocks from (n + 1)·i on; a transformer
is the second module of its block. Knows nothing about weights.
"""

import re

CHECKPOINT = "model.diffusion_model."  # before the UNet's names in a single file
DIFFUSERS = re.compile(r"(?:(down|up)_blocks\.(\d+)|(mid)_block)\.attentions\.(\d+)\.(.*)")


def original_name(name: str, layers_per_block: int) -> str:
    """Of a parameter or module of a diffusers UNet's attention; input_blocks.1.1.transformer_blocks.0.attn2.to_k, say.

    Raises ValueError if it is none of these.
    """
    found = DIFFUSERS.fullmatch(name)
    if not found:
        raise ValueError(f"{name} is no part of a UNet's attention")
    side, block, _, attention, rest = found.groups()
    if side is None:
        return f"middle_block.{2 * int(attention) + 1}.{rest}"
    number = (layers_per_block + 1) * int(block) + int(attention)
    return f"input_blocks.{number + 1}.1.{rest}" if side == "down" else f"output_blocks.{number}.1.{rest}"

"""python -m benchmarks.text_spaces: how far each text space moves what the UNet predicts, at Stable Diffusion XL's true
shapes with random weights.

One edit for each text space, of the same spec; then the UNet's prediction at three timesteps, for a prompt with the
erased artist and one with another, on latents of 32×32. What random weights cannot tell is what the pooled text of real
ones means.
"""

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from benchmarks.true_shapes import SPEC, alone, write_model
from uce_core import Edit, erase, load_model
from uce_core.concepts.text_spaces import ALL, POOLED, TOKENS
from uce_core.models.model import Model

PROMPTS = {"the erased artist": "a house in the style of Vincent van Gogh", "another": "a house by Rembrandt"}
TIMESTEPS = (981, 501, 21)
SIDE = 32  # of the latents


@torch.no_grad()
def predicted(model: Model, prompt: str, edit: Edit | None, timestep: int) -> Tensor:
    states, _, pooled, _ = model.pipeline.encode_prompt(prompt, device="cpu", do_classifier_free_guidance=False)
    if edit:
        states, pooled = edit.on_text(states, TOKENS), edit.on_text(pooled, POOLED)
    latents = torch.randn(1, 4, SIDE, SIDE, generator=torch.Generator().manual_seed(0))
    sizes = torch.tensor([[8.0 * SIDE, 8.0 * SIDE, 0, 0, 8.0 * SIDE, 8.0 * SIDE]])
    added = {"text_embeds": pooled, "time_ids": sizes}
    found: Tensor = model.denoiser(latents, timestep, states, added_cond_kwargs=added, return_dict=False)[0]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, help="a folder of that shape, instead of a new one")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        folder = chosen.model or Path(home)
        if not chosen.model:
            alone(write_model, "sdxl", folder)
        model = load_model(str(folder), "cpu", "fp32")
        edits = {space: erase(model, replace(SPEC, text_space=space)) for space in (TOKENS, POOLED, ALL)}
        print("| text space | " + " | ".join(f"{name}, t {t}" for name in PROMPTS for t in TIMESTEPS) + " |")
        print("|---|" + "---|" * len(PROMPTS) * len(TIMESTEPS))
        plain = {(name, t): predicted(model, prompt, None, t) for name, prompt in PROMPTS.items() for t in TIMESTEPS}
        for space, edit in edits.items():
            assert isinstance(edit, Edit)
            cells = []
            for (name, t), before in plain.items():
                after = predicted(model, PROMPTS[name], edit, t)
                cells.append(f"{100 * (after - before).norm() / before.norm():.2f} %")
            print(f"| {space} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()

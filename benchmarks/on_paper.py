"""python -m benchmarks.on_paper: what an evaluation on many GPUs would take, by arithmetic.

The UNet's operations are counted at its true shape, without weights; the share of a GPU's speed that is reached, what a
PNG takes, and what the driver costs for each block are given, the last as python -m benchmarks.scaling measured it. The
text encoder, the decoder and the measures are left out: together a few hundredths of the rest.
"""

import argparse

import torch
from torch.utils.flop_counter import FlopCounterMode

from uce_core.bench.shapes import UNETS, unet_of
from uce_core.generation.jobs import images_at_once

TOKENS = 77


def unet_operations(shape: str) -> float:
    """Of one image, once through the UNet."""
    unet, asked = unet_of(shape), UNETS[shape]
    side = asked["sample_size"]
    with torch.device("meta"), FlopCounterMode(display=False) as counter:
        added = (
            {"text_embeds": torch.empty(1, 1280), "time_ids": torch.empty(1, 6)}
            if "addition_embed_type" in asked
            else None
        )
        text = torch.empty(1, TOKENS, asked["cross_attention_dim"])
        unet(torch.empty(1, 4, side, side), torch.empty(1), text, added_cond_kwargs=added)
    return float(counter.get_total_flops())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", choices=list(UNETS), default="sd-1.4")
    parser.add_argument("--images", type=int, default=10**7)
    parser.add_argument("--gpus", type=int, default=64)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--peak", type=float, default=989.0, help="of a GPU, in TFLOP/s; by default an H100's in bf16")
    parser.add_argument("--reached", type=float, default=0.2, help="share of it that is reached")
    parser.add_argument("--png", type=float, default=0.45, help="MB")
    parser.add_argument("--driver", type=float, default=1.14, help="ms for each block")
    parser.add_argument("--weights", type=float, default=2.7, help="GB that each worker reads once")
    chosen = parser.parse_args()
    once = unet_operations(chosen.shape) / 1e12
    image = 2 * chosen.steps * once
    rate = chosen.gpus * chosen.reached * chosen.peak / image
    batch = images_at_once(*[int(UNETS[chosen.shape]["sample_size"])] * 2)
    blocks = chosen.images / batch
    hours = chosen.images / rate / 3600
    print(f"| {chosen.shape}, {chosen.images:,} images on {chosen.gpus} GPUs | on paper |\n|---|---|")
    print(f"| UNet, once | {once:.2f} TFLOP |")
    print(f"| image: {chosen.steps} steps, with and without the prompt | {image:.0f} TFLOP |")
    print(f"| at {chosen.reached:.0%} of {chosen.peak:.0f} TFLOP/s each | {rate:.0f} images a second, {hours:.1f} h |")
    print(f"| PNG files of {chosen.png} MB | {chosen.images * chosen.png / 1e6:.1f} TB, {rate * chosen.png:.0f} MB/s |")
    print(f"| blocks of {batch} | {blocks:,.0f}, {rate / batch:.0f} a second |")
    print(f"| driver, {chosen.driver} ms a block | {rate / batch * chosen.driver / 10:.1f}% of its time |")
    print(f"| weights, {chosen.weights} GB for each worker | {chosen.gpus * chosen.weights:.0f} GB read once |")


if __name__ == "__main__":
    main()

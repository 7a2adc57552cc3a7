"""Stage "clip": a text and an image tower, trained to agree (Radford et al. 2021).

The text tower becomes the pipeline's text encoder, and both together the scorer, saved in open_clip's local layout.
A caption is right for every picture that it fits, so the contrastive loss has several positives a row. Colours and
two subjects are told apart by captions that differ in nothing else: "a blue car and a red house" beside "a red car
and a blue house" (Yuksekgonul et al. 2023, "When and why vision-language models behave like bags-of-words").
"""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from open_clip.modified_resnet import ModifiedResNet
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional
from transformers import CLIPTextConfig, CLIPTextModelWithProjection, CLIPTokenizer

from atelier.tokenizer import CONTEXT_LENGTH
from atelier2.autoencoder import to_tensor
from atelier2.captions import Caption, contrasted, describe_loosely, facts, fitting
from atelier2.dataset import PaintedSet
from atelier2.training import Schedule, autocast, device, train
from atelier2.wordbook import TOKENS, Wordbook
from atelier2.world import Picture

WIDTH = 256  # of the text tower and of the space that both towers share
LAYERS = 4
HEADS = 4
IMAGE_LAYERS, IMAGE_WIDTH, IMAGE_HEADS = [1, 2, 2, 1], 24, 12
IMAGE_SIZE = 128
EACH = 6  # captions written for a picture


class TwoTowers(nn.Module):
    def __init__(self, tokenizer: CLIPTokenizer) -> None:
        super().__init__()
        config = CLIPTextConfig(
            vocab_size=len(tokenizer),
            hidden_size=WIDTH,
            intermediate_size=4 * WIDTH,
            projection_dim=WIDTH,
            num_hidden_layers=LAYERS,
            num_attention_heads=HEADS,
            max_position_embeddings=CONTEXT_LENGTH,
            hidden_act="gelu",
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
            attn_implementation="eager",  # at captions' lengths faster to train than the fused kernel
        )
        self.text = CLIPTextModelWithProjection(config)
        self.image = ModifiedResNet(IMAGE_LAYERS, WIDTH, IMAGE_HEADS, image_size=IMAGE_SIZE, width=IMAGE_WIDTH)
        self.logit_scale = nn.Parameter(torch.tensor(float(np.log(1 / 0.07))))


def contrastive_loss(images: Tensor, texts: Tensor, fits: Tensor, scale: Tensor) -> Tensor:
    """Cross-entropy both ways, against a uniform target over all that fit.

    images: (n, d) unit vectors. texts: (m, d), the first n of the images, the others of none or some. fits: (m, n)
    bool, caption by picture.
    """
    logits = scale * texts @ images.T  # (captions, pictures)
    some = fits.any(1)
    by_text = fits.float()[some] / fits[some].sum(1, keepdim=True)
    by_image = (fits.float() / fits.sum(0, keepdim=True)).T
    return (functional.cross_entropy(logits[some], by_text) + functional.cross_entropy(logits.T, by_image)) / 2


def small(images: Tensor) -> Tensor:
    """Pictures at the size that the image tower sees."""
    return functional.interpolate(images, (IMAGE_SIZE, IMAGE_SIZE), mode="area")


def _against(picture: Picture, rng: np.random.Generator) -> Caption:
    """A caption that is like this picture's and does not fit it, or one that does where there is none."""
    for _ in range(4):
        wrong = contrasted(describe_loosely(picture, rng), rng)
        if wrong is not None:
            return wrong
    return describe_loosely(picture, rng)


def train_clip(
    painted: Callable[[], PaintedSet], tokenizer: CLIPTokenizer, schedule: Schedule, batch: int, folder: Path
) -> TwoTowers:
    """Trains (or resumes) both towers. painted: the pictures that are there by now."""
    torch.manual_seed(schedule.seed)
    model = TwoTowers(tokenizer).to(device())
    model.image.to(memory_format=torch.channels_last)
    right = Wordbook(tokenizer, describe_loosely, EACH, schedule.seed)
    wrong = Wordbook(tokenizer, _against, 2, schedule.seed + 1)
    now = painted()
    right.extend(now.pictures)
    wrong.extend(now.pictures)
    shown = facts(now.pictures)

    def loss_of_step(rng: np.random.Generator, generator: torch.Generator, progress: float) -> Tensor:
        chosen = np.sort(rng.choice(len(shown), min(batch, len(shown)), replace=False))
        which, other = rng.integers(EACH, size=len(chosen)), rng.integers(2, size=len(chosen))
        claimed = np.concatenate([right.claims[chosen, which], wrong.claims[chosen, other]])
        tokens = np.concatenate([right.tokens[chosen, which], wrong.tokens[chosen, other]])
        tokens = tokens[:, : (tokens == tokenizer.eos_token_id).argmax(1).max() + 1]  # what pads them is never read
        fits = torch.from_numpy(fitting(claimed, shown[chosen])).to(device())
        with autocast():
            texts = model.text(torch.from_numpy(tokens).long().to(device())).text_embeds
            images = model.image(small(to_tensor(now.images[chosen])))
        unit = functional.normalize
        scale = model.logit_scale.exp().clamp(max=100)
        return contrastive_loss(unit(images.float(), dim=1), unit(texts.float(), dim=1), fits, scale)

    train("clip", model, loss_of_step, schedule, folder / "clip.ckpt")
    positions = model.text.text_model.embeddings.position_embedding.weight
    with torch.no_grad():
        positions[TOKENS:] = positions[TOKENS - 1]
    return model.cpu().eval()


def open_clip_tensors(model: TwoTowers) -> dict[str, Tensor]:
    """The two towers under open_clip's names; its text tower is the same arithmetic as transformers'."""
    text = dict(model.text.named_parameters())
    tensors = {f"visual.{key}": value for key, value in model.image.state_dict().items()}
    tensors["logit_scale"] = model.logit_scale
    tensors["token_embedding.weight"] = text["text_model.embeddings.token_embedding.weight"]
    tensors["positional_embedding"] = text["text_model.embeddings.position_embedding.weight"]
    tensors["text_projection"] = text["text_projection.weight"].T
    for kind in ("weight", "bias"):
        tensors[f"ln_final.{kind}"] = text[f"text_model.final_layer_norm.{kind}"]
        for layer in range(LAYERS):
            ours, theirs = f"text_model.encoder.layers.{layer}.", f"transformer.resblocks.{layer}."
            joined = torch.cat([text[f"{ours}self_attn.{name}_proj.{kind}"] for name in "qkv"])
            tensors[f"{theirs}attn.in_proj_{kind}"] = joined
            for mine, other in (
                ("self_attn.out_proj", "attn.out_proj"),
                ("layer_norm1", "ln_1"),
                ("layer_norm2", "ln_2"),
                ("mlp.fc1", "mlp.c_fc"),
                ("mlp.fc2", "mlp.c_proj"),
            ):
                tensors[f"{theirs}{other}.{kind}"] = text[f"{ours}{mine}.{kind}"]
    return {key: value.detach().contiguous().clone() for key, value in tensors.items()}


def save_scorer(model: TwoTowers, tokenizer: CLIPTokenizer, folder: Path) -> None:
    """The scorer in open_clip's local layout, fp16: open_clip.create_model("local-dir:" + folder)."""
    folder.mkdir(parents=True, exist_ok=True)
    config = {
        "model_cfg": {
            "embed_dim": WIDTH,
            "vision_cfg": {"image_size": IMAGE_SIZE, "layers": IMAGE_LAYERS, "width": IMAGE_WIDTH},
            "text_cfg": {
                "context_length": CONTEXT_LENGTH,
                "vocab_size": len(tokenizer),
                "width": WIDTH,
                "heads": HEADS,
                "layers": LAYERS,
                "hf_tokenizer_name": "atelier",
            },
        },
        "preprocess_cfg": {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]},
    }
    (folder / "open_clip_config.json").write_text(json.dumps(config, indent=1) + "\n")
    halves = {
        key: value.half() if value.is_floating_point() else value for key, value in open_clip_tensors(model).items()
    }
    save_file(halves, folder / "open_clip_model.safetensors", {"format": "pt"})
    tokenizer.save_pretrained(folder)

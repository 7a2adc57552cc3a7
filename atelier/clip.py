"""Stage "clip": a text and an image tower, trained to agree (Radford et al. 2021).

The text tower becomes the pipeline's text encoder, and both together the scorer, saved in
open_clip's local layout. A caption is right for every picture that it fits, so the contrastive loss
has several positives a row.
"""

import json
from pathlib import Path

import numpy as np
import torch
from open_clip.modified_resnet import ModifiedResNet
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional
from transformers import CLIPTextConfig, CLIPTextModelWithProjection, CLIPTokenizer

from atelier.autoencoder import to_tensor
from atelier.captions import describe_loosely
from atelier.dataset import PaintedSet
from atelier.tokenizer import CONTEXT_LENGTH
from atelier.training import Schedule, device, train

WIDTH = 192  # of the text tower and of the space that both towers share
LAYERS = 4
HEADS = 3
IMAGE_LAYERS, IMAGE_WIDTH, IMAGE_HEADS = [1, 1, 2, 1], 20, 10
TRAINED_TOKENS = 24  # the tower is causal: later positions never change earlier vectors
BATCH = 192


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
        )
        self.text = CLIPTextModelWithProjection(config)
        self.image = ModifiedResNet(IMAGE_LAYERS, WIDTH, IMAGE_HEADS, image_size=128, width=IMAGE_WIDTH)
        self.logit_scale = nn.Parameter(torch.tensor(float(np.log(1 / 0.07))))


def contrastive_loss(images: Tensor, texts: Tensor, fits: Tensor, scale: Tensor) -> Tensor:
    """Cross-entropy both ways, against a uniform target over all that fit.

    images, texts: (n, d) unit vectors. fits: (n, n) bool, caption by picture, its diagonal true.
    """
    logits = scale * texts @ images.T  # (captions, pictures)
    by_text = fits.float() / fits.sum(1, keepdim=True)
    by_image = (fits.float() / fits.sum(0, keepdim=True)).T
    return (functional.cross_entropy(logits, by_text) + functional.cross_entropy(logits.T, by_image)) / 2


def train_clip(painted: PaintedSet, tokenizer: CLIPTokenizer, steps: int, seed: int, folder: Path) -> TwoTowers:
    torch.manual_seed(seed)
    model = TwoTowers(tokenizer).to(device())
    model.image.to(memory_format=torch.channels_last)

    def loss_of_step(rng: np.random.Generator, generator: torch.Generator) -> Tensor:
        chosen = np.sort(rng.choice(len(painted.pictures), BATCH, replace=False))
        pictures = [painted.pictures[i] for i in chosen]
        captions = [describe_loosely(picture, rng) for picture in pictures]
        fits = torch.tensor([[caption.fits(picture) for picture in pictures] for caption in captions], device=device())
        tokens = tokenizer(
            [caption.text for caption in captions],
            padding="max_length",
            max_length=TRAINED_TOKENS,
            truncation=True,
            return_tensors="pt",
        )
        with torch.autocast(device().type, torch.bfloat16):
            texts = model.text(tokens.input_ids.to(device())).text_embeds
            images = model.image(to_tensor(painted.images[chosen]).to(device()))
        unit = functional.normalize
        return contrastive_loss(
            unit(images.float(), dim=1), unit(texts.float(), dim=1), fits, model.logit_scale.exp().clamp(max=100)
        )

    train(
        "clip", model, loss_of_step, Schedule(steps=steps, lr=1e-3, seed=seed, weight_decay=0.05), folder / "clip.ckpt"
    )
    positions = model.text.text_model.embeddings.position_embedding.weight
    with torch.no_grad():
        positions[TRAINED_TOKENS:] = positions[TRAINED_TOKENS - 1]
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
            "vision_cfg": {"image_size": 128, "layers": IMAGE_LAYERS, "width": IMAGE_WIDTH},
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

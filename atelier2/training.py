"""One training loop for all of Atelier's networks: by steps or by the clock, resumable, with progress.

Step i draws its batch from (seed, i), so a run by steps that was interrupted and resumed sees what an uninterrupted
one sees. Checkpoints are safetensors. Knows nothing about what is trained.
"""

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

CHECKPOINT_SECONDS = 120.0
REPORT_SECONDS = 10.0


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """steps of AdamW at a peak learning rate lr, warmed up, then along a cosine to a hundredth of it.

    seconds: end by the clock instead, this long after the start of this slice; 0 to go by steps alone.
    ema: decay of the averaged weights that the stage ends with; 0 for none.
    """

    steps: int
    lr: float
    seed: int
    seconds: float = 0.0
    ema: float = 0.0
    warmup: int = 100
    weight_decay: float = 0.01

    def rate(self, step: int, progress: float) -> float:
        ramp = min(1.0, (step + 1) / self.warmup)
        return float(self.lr * ramp * (0.01 + 0.99 * 0.5 * (1 + np.cos(np.pi * min(1.0, progress)))))


LossOfStep = Callable[[np.random.Generator, torch.Generator, float], Tensor]
"""A batch's loss from NumPy's and torch's generators (torch's is on the device) and the progress in [0, 1]."""


def device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def autocast() -> torch.autocast:
    """bfloat16 where the machine has instructions for it."""
    enabled = device().type == "cuda" or torch.cpu._is_avx512_bf16_supported()
    return torch.autocast(device().type, torch.bfloat16, enabled=enabled)


def train(name: str, model: nn.Module, loss_of_step: LossOfStep, schedule: Schedule, checkpoint: Path) -> None:
    """Train model in place, from the checkpoint if there is one; ends with the averaged weights if any.

    Raises FloatingPointError when the loss stops being a number.
    """
    torch.set_flush_denormal(True)  # the optimizer's smallest numbers would cost more time than all others
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    torch.backends.cudnn.benchmark = True
    try:
        _train(name, model, loss_of_step, schedule, checkpoint)
    finally:
        torch.set_flush_denormal(False)


def _train(name: str, model: nn.Module, loss_of_step: LossOfStep, schedule: Schedule, checkpoint: Path) -> None:
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trained, schedule.lr, (0.9, 0.98), weight_decay=schedule.weight_decay, fused=True)
    average = {key: value.detach().clone() for key, value in model.state_dict().items()} if schedule.ema else {}
    step = _load(checkpoint, model, optimizer, average) if checkpoint.exists() else 0
    generator = torch.Generator(device())
    began = saved = reported = time.monotonic()
    first, recent, since = step, list[Tensor](), step

    def progress() -> float:
        return (time.monotonic() - began) / schedule.seconds if schedule.seconds else step / schedule.steps

    while (done := progress()) < 1:
        for group in optimizer.param_groups:
            group["lr"] = schedule.rate(step - first if schedule.seconds else step, done)
        generator.manual_seed(schedule.seed * 1_000_003 + step)
        loss = loss_of_step(np.random.default_rng([schedule.seed, step]), generator, done)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        step += 1
        _update_average(average, model, min(schedule.ema, step / (step + 10)))
        recent.append(loss.detach())
        now = time.monotonic()
        if now - reported > REPORT_SECONDS:
            mean = torch.stack(recent).mean().item()
            if not np.isfinite(mean):
                raise FloatingPointError(
                    f"{name}: the loss is {mean} at step {step}; lower the learning rate and start from the checkpoint."
                )
            pace = (step - since) / (now - reported)
            print(f"{name} {step}  {100 * progress():.1f} %  loss {mean:.4f}  {pace:.2f} steps/s", flush=True)
            recent, reported, since = [], now, step
        if now - saved > CHECKPOINT_SECONDS:
            _save(checkpoint, model, optimizer, average, step)
            saved = now
    _save(checkpoint, model, optimizer, average, step)
    if recent and not np.isfinite(torch.stack(recent).mean().item()):
        raise FloatingPointError(f"{name}: the loss is no number at step {step}; lower the learning rate.")
    if average:
        model.load_state_dict(average)
    print(f"{name}: {step} steps, {time.monotonic() - began:.0f} s", flush=True)


@torch.no_grad()
def _update_average(average: dict[str, Tensor], model: nn.Module, decay: float) -> None:
    if average:
        current = model.state_dict()
        names = [key for key, value in current.items() if value.is_floating_point()]
        torch._foreach_lerp_([average[key] for key in names], [current[key] for key in names], 1 - decay)


def _tensors(model: nn.Module, optimizer: torch.optim.Optimizer, average: dict[str, Tensor]) -> dict[str, Tensor]:
    """Everything a resumed run needs, by name; the tensors are the live ones."""
    tensors = {f"model.{key}": value for key, value in model.state_dict().items()}
    tensors |= {f"average.{key}": value for key, value in average.items()}
    for name, parameter in model.named_parameters():
        for key, value in optimizer.state.get(parameter, {}).items():
            tensors[f"optimizer.{key}.{name}"] = value
    return tensors


def _save(
    path: Path, model: nn.Module, optimizer: torch.optim.Optimizer, average: dict[str, Tensor], step: int
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {
        key: value.detach().cpu().contiguous().clone() for key, value in _tensors(model, optimizer, average).items()
    }
    part = path.with_suffix(".part")
    save_file(tensors, part, {"state": json.dumps({"step": step})})
    os.replace(part, path)


@torch.no_grad()
def _load(path: Path, model: nn.Module, optimizer: torch.optim.Optimizer, average: dict[str, Tensor]) -> int:
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            optimizer.state[parameter] = {
                "step": torch.zeros((), device=parameter.device),
                "exp_avg": torch.zeros_like(parameter),
                "exp_avg_sq": torch.zeros_like(parameter),
            }
    live = _tensors(model, optimizer, average)
    with safe_open(path, "pt") as file:
        kept = set(file.keys())
        for key, tensor in live.items():
            if key in kept:  # a slice that travelled without its optimizer starts that anew
                tensor.copy_(file.get_tensor(key))
        return int(json.loads(file.metadata()["state"])["step"])

"""One training loop for all of Atelier's networks: seeded by step, resumable, with progress.

Step i draws its batch from (seed, i), so a run that was interrupted and resumed sees what an
uninterrupted one sees. Checkpoints are safetensors. Knows nothing about what is trained.
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

CHECKPOINT_SECONDS = 180.0
REPORT_STEPS = 50


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """steps of AdamW at a peak learning rate lr, warmed up, then along a cosine to a hundredth of it.

    ema: decay of the averaged weights that the stage ends with; 0 for none.
    """

    steps: int
    lr: float
    seed: int
    ema: float = 0.0
    warmup: int = 100
    weight_decay: float = 0.01

    def rate(self, step: int) -> float:
        ramp = min(1.0, (step + 1) / self.warmup)
        progress = step / self.steps
        return float(self.lr * ramp * (0.01 + 0.99 * 0.5 * (1 + np.cos(np.pi * progress))))


LossOfStep = Callable[[np.random.Generator, torch.Generator], Tensor]


def device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def train(name: str, model: nn.Module, loss_of_step: LossOfStep, schedule: Schedule, checkpoint: Path) -> None:
    """Train model in place, from the checkpoint if there is one; ends with the averaged weights if any.

    Raises FloatingPointError when the loss stops being a number.
    """
    torch.set_flush_denormal(True)  # the optimizer's smallest numbers would cost more time than all others
    try:
        _train(name, model, loss_of_step, schedule, checkpoint)
    finally:
        torch.set_flush_denormal(False)


def _train(name: str, model: nn.Module, loss_of_step: LossOfStep, schedule: Schedule, checkpoint: Path) -> None:
    optimizer = torch.optim.AdamW(
        model.parameters(), schedule.lr, (0.9, 0.98), weight_decay=schedule.weight_decay, fused=True
    )
    average = {key: value.detach().clone() for key, value in model.state_dict().items()} if schedule.ema else {}
    step = _load(checkpoint, model, optimizer, average) if checkpoint.exists() else 0
    saved = began = time.monotonic()
    first, recent = step, []
    while step < schedule.steps:
        for group in optimizer.param_groups:
            group["lr"] = schedule.rate(step)
        loss = loss_of_step(
            np.random.default_rng([schedule.seed, step]),
            torch.Generator().manual_seed(schedule.seed * 1_000_003 + step),
        )
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step += 1
        _update_average(average, model, min(schedule.ema, step / (step + 10)))
        recent.append(loss.detach())
        if step % REPORT_STEPS == 0 or step == schedule.steps:
            mean = torch.stack(recent).mean().item()
            if not np.isfinite(mean):
                raise FloatingPointError(
                    f"{name}: the loss is {mean} at step {step}; lower the learning rate and start from the checkpoint."
                )
            pace = (time.monotonic() - began) / (step - first)
            minutes = pace * (schedule.steps - step) / 60
            print(
                f"{name} {step}/{schedule.steps}  loss {mean:.4f}  {pace:.3f} s/step  {minutes:.0f} min left",
                flush=True,
            )
            recent = []
        if time.monotonic() - saved > CHECKPOINT_SECONDS or step == schedule.steps:
            _save(checkpoint, model, optimizer, average, step)
            saved = time.monotonic()
    if average:
        model.load_state_dict(average)


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
        for key, value in optimizer.state[parameter].items():
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
    for parameter in filter(lambda parameter: parameter.requires_grad, model.parameters()):
        optimizer.state[parameter] = {
            "step": torch.zeros(()),
            "exp_avg": torch.zeros_like(parameter),
            "exp_avg_sq": torch.zeros_like(parameter),
        }
    live = _tensors(model, optimizer, average)
    with safe_open(path, "pt") as file:
        for key, tensor in live.items():
            tensor.copy_(file.get_tensor(key))
        return int(json.loads(file.metadata()["state"])["step"])

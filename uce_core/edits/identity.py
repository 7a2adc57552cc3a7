"""What edits of all kinds say of themselves: when they were made, and which they are."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime

from torch import Tensor


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def digest_of(first: str, tensors: Mapping[str, Tensor]) -> str:
    """SHA-256 over a text and all matrices in the order of their names."""
    digest = hashlib.sha256(first.encode())
    for _, tensor in sorted(tensors.items()):
        digest.update(tensor.contiguous().numpy().tobytes())
    return digest.hexdigest()


def sample_of(encoder_sample: str) -> dict[str, str]:
    """As a file's metadata have it, if there is one."""
    return {"text_encoder_sample": encoder_sample} if encoder_sample else {}

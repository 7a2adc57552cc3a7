"""Records of what was drawn: enough to draw it again exactly, under an id that follows from its content.

The same request on the same model is the same run and is written once.
"""

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from uce_core.comparing import Pair
from uce_core.edit import AnyEdit
from uce_core.models import Model
from uce_core.storage import write_text


def home() -> Path:
    """The folder for what a user makes: UCE_STUDIO_HOME, by default ~/.uce-studio."""
    return Path(os.environ.get("UCE_STUDIO_HOME") or Path.home() / ".uce-studio")


def record(model: Model, edit: AnyEdit, pairs: Sequence[Pair]) -> str:
    """Write the record of a comparison to home()/runs and return its id."""
    request = {
        "model": model.name,
        "text_encoder": model.text.fingerprint,
        "device": model.device.type,
        "dtype": str(model.dtype).removeprefix("torch."),
        "edit": asdict(edit.spec) if edit.spec else None,
        "edit_digest": edit.digest,
        "drawings": [asdict(pair.spec) for pair in pairs],
    }
    run = hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()[:20]
    path = home() / "runs" / f"{run}.json"
    if not path.exists():
        made = {"created": datetime.now(UTC).isoformat(timespec="seconds")}
        scores = [asdict(pair.scores) if pair.scores else None for pair in pairs]
        write_text(path, json.dumps(made | request | {"scores": scores}, indent=1, ensure_ascii=False))
    return run

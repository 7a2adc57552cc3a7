"""What the operator decides when the app is started."""

from dataclasses import dataclass
from pathlib import Path

EDITS = Path("edited_models")


@dataclass(frozen=True)
class Settings:
    """model: atelier, a diffusers folder or a hub id; visitors cannot change it. edits: where edits are saved.
    language: en, ko, or auto for what each visitor's browser asks for."""

    model: str = "atelier"
    device: str = "auto"
    dtype: str = "auto"
    edits: Path = EDITS
    language: str = "auto"
    host: str = "127.0.0.1"
    port: int | None = None
    share: bool = False

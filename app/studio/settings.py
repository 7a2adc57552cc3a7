"""What the operator decides when the app is started."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from app.studio.limits import Limits
from app.words import WORDS
from uce_core.checks import one_of
from uce_core.models.sources import title_of
from uce_core.problems import Problem

EDITS = Path("edited_models")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """models: atelier, diffusers folders, single files or hub ids; visitors choose among these only, and begin with
    the first. edits: where edits are saved. language: en, ko, or auto for what each visitor's browser asks for.
    offload, compiled: as load_model takes them. database: URL of the runs' database, by default SQLite in the home
    folder. keep: megabytes of recorded images; what is not pinned ages out. auth_file: hashed passwords of those
    who may see the page. block_file: addresses and visitors' ids that may not. metrics_port: where /metrics is served,
    None for nowhere. log: json, text or off. read_only: pinned runs and links only, nothing is generated. root_path:
    the path or whole address at which a proxy serves the page, "" without a proxy. ray: the cluster that
    evaluations are done on, "" for none. workers, cores: how many it has of them, and of each, as ray_workers takes
    them."""

    models: tuple[str, ...] = ("atelier",)
    device: str = "auto"
    dtype: str = "auto"
    edits: Path = EDITS
    language: str = "auto"
    host: str = "127.0.0.1"
    port: int | None = None
    share: bool = False
    offload: bool = False
    compiled: bool = False
    database: str = ""
    keep: int = 2_000
    auth_file: Path | None = None
    block_file: Path | None = None
    read_only: bool = False
    metrics_port: int | None = None
    log: str = "text"
    root_path: str = ""
    ray: str = ""
    workers: int = 0
    cores: int = 1
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        """Raises ValueError with one sentence for what makes no sense."""
        one_of("lang", self.language, ("auto", *WORDS))
        one_of("log", self.log, ("json", "text", "off"))
        if self.root_path and not self.root_path.startswith(("/", "http://", "https://")):
            raise Problem(
                "bad_root_path",
                "The root path {path} is not valid: use a path such as /studio, or a full address.",
                path=self.root_path,
            )
        titles = [title_of(name) for name in dict.fromkeys(self.models)]
        for title in titles:
            if titles.count(title) > 1:
                raise Problem(
                    "model_names_clash", "Two models are called {name}: rename one of the files or folders.", name=title
                )

    @property
    def is_local(self) -> bool:
        """Whether the app is this computer's own: all runs are listed, and may be changed and deleted."""
        here = self.host in ("127.0.0.1", "localhost", "::1") and not self.root_path  # a proxy is for others
        return here and not self.share and not self.read_only

    @property
    def detaches_tasks(self) -> bool:
        """Whether evaluations of tasks go on when their window is gone: those of a cluster, and the owner's own."""
        return bool(self.ray) or self.is_local

    @property
    def path(self) -> str:
        """Under which a proxy serves the page, without a slash at its end."""
        return urlsplit(self.root_path).path.rstrip("/")

    @property
    def behind_proxy(self) -> bool:
        """Whether visitors come through a proxy that says their addresses: the operator's, a Space's, the tunnel's."""
        return bool(self.root_path or self.share or os.environ.get("SPACE_ID"))

    @property
    def offered(self) -> dict[str, str]:
        """The models by the name that visitors see: of files and folders, never the path."""
        return {title_of(name): name for name in self.models}

"""Microsoft's Fluent Emoji (MIT) as the painter's models: flat vectors, and 3D renders of the same names.

They come from two npm packages that are needed for painting and training only; `python -m atelier fetch` brings
them. Knows names of emoji, and nothing of what is painted with them.
"""

import io
import json
import os
import subprocess
import tarfile
import tempfile
from collections.abc import Collection, Iterable
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

FLAT, SOLID = "@iconify-json/fluent-emoji-flat@1.2.6", "@lobehub/fluent-emoji-3d@1.1.0"
SIZE = 320  # pixels of a side, drawn once and scaled from there
TONES = ("light", "medium-light", "medium", "medium-dark", "dark")  # of skin, as the packages name them

Cutout = np.ndarray  # (n, n, 4) float32 in [0, 1]: RGB, and how much of it covers what is behind


def folder() -> Path:
    """Where the packages lie: UCE_STUDIO_EMOJI, or work/emoji."""
    return Path(os.environ.get("UCE_STUDIO_EMOJI", "work/emoji"))


def fetch(names: Iterable[str], into: Path) -> int:
    """Bring both packages with npm and keep what is used of them; says how many bytes. names: of the emoji, which are
    kept with every skin. Raises FileNotFoundError without npm."""
    into.mkdir(parents=True, exist_ok=True)
    found: dict[str, bytes] = {}
    with tempfile.TemporaryDirectory() as packed:
        subprocess.run(["npm", "pack", "--silent", FLAT, SOLID], cwd=packed, check=True, stdout=subprocess.DEVNULL)
        for archive in Path(packed).glob("*.tgz"):
            with tarfile.open(archive) as tar:
                for member in filter(tarfile.TarInfo.isfile, tar):
                    content = tar.extractfile(member)
                    assert content is not None
                    found[Path(member.name).name] = content.read()
    wanted = {name + tone for name in names for tone in ("", *(f"-{tone}" for tone in TONES))}
    icons, codes = json.loads(found["icons.json"]), json.loads(found["chars.json"])
    kept = {name: icon for name, icon in icons["icons"].items() if name in wanted}
    used = {code: name for code, name in codes.items() if name in wanted}
    files = {
        "icons.json": json.dumps({"width": icons["width"], "icons": kept}).encode(),
        "chars.json": json.dumps(used).encode(),
    }
    stems = {_plain(code) for code in used}
    files |= {name: content for name, content in found.items() if _plain(name.removesuffix(".webp")) in stems}
    for name, data in files.items():
        (into / name).write_bytes(data)
    return sum(map(len, files.values()))


def _plain(code: str) -> str:
    """Without the invisible variation selectors, in which the packages differ."""
    return code.replace("-fe0f", "")


@lru_cache(1)
def _flat_icons() -> tuple[dict[str, str], float]:
    try:
        icons = json.loads((folder() / "icons.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise FileNotFoundError(f"{folder()} has no emoji to paint with: run python -m atelier fetch.") from None
    return {name: icon["body"] for name, icon in icons["icons"].items()}, float(icons["width"])


def names() -> Collection[str]:
    """Of all that can be painted from."""
    return _flat_icons()[0].keys()


@lru_cache(1)
def _solid_files() -> dict[str, Path]:
    """By name. The renders of the second and the third skin tone lie under each other's code."""
    swapped = {"1f3fc": "1f3fd", "1f3fd": "1f3fc"}

    def render(code: str) -> str:
        return "-".join(swapped.get(part, part) for part in _plain(code).split("-"))

    codes = json.loads((folder() / "chars.json").read_text(encoding="utf-8"))
    files = {_plain(path.stem): path for path in folder().glob("*.webp")}
    return {name: files[render(code)] for code, name in codes.items() if render(code) in files}


@lru_cache(4096)
def flat(name: str) -> Cutout:
    """The vector drawing. Raises KeyError for a name that there is not."""
    import resvg_py

    bodies, width = _flat_icons()
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {width}">{bodies[name]}</svg>'
    drawn = bytes(resvg_py.svg_to_bytes(svg_string=svg, width=SIZE, height=SIZE))
    return _cutout(Image.open(io.BytesIO(drawn)))


@lru_cache(4096)
def solid(name: str) -> Cutout:
    """The 3D render, or the vector drawing where there is none."""
    path = _solid_files().get(name)
    return _cutout(Image.open(path).resize((SIZE, SIZE), Image.Resampling.LANCZOS)) if path else flat(name)


def has_solid(name: str) -> bool:
    return name in _solid_files()


def _cutout(image: Image.Image) -> Cutout:
    return np.asarray(image.convert("RGBA"), np.float32) / 255


def scaled(cutout: Cutout, size: int) -> Cutout:
    """At another size, without dark rims."""
    covered = cutout.copy()
    covered[..., :3] *= covered[..., 3:]
    small = cv2.resize(covered, (size, size), interpolation=cv2.INTER_AREA if size < len(cutout) else cv2.INTER_CUBIC)
    small = small.clip(0, 1)
    small[..., :3] = (small[..., :3] / np.maximum(small[..., 3:], 1e-4)).clip(0, 1)
    return small


def trimmed(cutout: Cutout) -> Cutout:
    """Without its empty rim, made square again with the foot at the bottom."""
    rows, columns = np.nonzero(cutout[..., 3] > 0.04)
    cut = cutout[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    height, width = cut.shape[:2]
    side = max(height, width)
    square = np.zeros((side, side, 4), np.float32)
    left = (side - width) // 2
    square[side - height :, left : left + width] = cut
    return square

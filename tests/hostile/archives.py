"""Exported runs: any zip file, uploaded in Runs; and all that is shown and done with a run that was taken."""

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn
from PIL import Image

from app.words import WORDS
from tests.hostile.edit_files import FILES as EDITS
from tests.hostile.material import UTF8, at, changed_bytes, changed_json, changed_text
from tests.hostile.pages import tags
from tests.hostile.pictures import FILES as IMAGES
from tests.hostile.promises import Property
from tests.hostile.recorded import RUNS, all_html, report, reuse
from uce_core.images import side_by_side
from uce_core.review.tasks import Rating
from uce_core.runs.archive import export_run, import_run
from uce_core.runs.manifest import manifest_of
from uce_core.runs.ratings import ratings_of
from uce_core.runs.run import AnyRun, UnreadableRun
from uce_core.runs.store import Store

RATINGS = [
    Rating(
        item="0-edited",
        reviewer="Kim",
        style=1,
        content=2,
        quality=3,
        flag=True,
        comment="look",
        moment="2026-01-01T00:00:00+00:00",
    )
]
NAMES = {
    "original_0.png": "original",
    "edited_0.png": "edited",
    "thumbnail_0.webp": "thumbnail",
    "edit_0.safetensors": "edit",
}
REPORTS = {"report_0.html": "report", "report_1.json": "report", "report_2.csv": "report"}
DOT = Image.new("RGB", (2, 2))
CONTENT = {
    "original_0.png": IMAGES[0],
    "edited_0.png": IMAGES[0],
    "thumbnail_0.webp": side_by_side(DOT, DOT),
    "edit_0.safetensors": EDITS[0],
    "report_0.html": b"<script>alert(1)</script>",
    "report_1.json": json.dumps(report()).encode(),
    "report_2.csv": b"prompt\r\n=1+1\r\n",
}


def manifest(kind: str) -> dict[str, Any]:
    """Of a sound archive."""
    names = NAMES | (REPORTS if kind == "evaluate" else {})
    made = manifest_of(RUNS[kind](), names, RATINGS)
    return json.loads(json.dumps(made))  # type: ignore[no-any-return]


MANIFESTS = [manifest(kind) for kind in RUNS]
METHODS = st.sampled_from((zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA))
ZEROS = st.sampled_from((0, 10**5, 3 * 10**7))


def zipped(content: dict[str, bytes], how: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", how) as archive:
        for name, data in content.items():
            archive.writestr(zipfile.ZipInfo(name), data, how)  # of no date
    return buffer.getvalue()


def contents(draw: DrawFn, said: dict[str, Any], names: set[str]) -> dict[str, bytes]:
    """The files, one of them another one now and then."""
    content = {"manifest.json": changed_text(draw, json.dumps(said)).encode(errors="surrogatepass")}
    content |= {name: CONTENT[name] for name in CONTENT if name in names}
    if not at(draw, 3):
        name = list(content)[at(draw, len(content))]
        how = at(draw, 4)
        if how == 0:
            content.pop(name)
        elif how == 1:
            content[name] = IMAGES[at(draw, len(IMAGES))]
        elif how == 2:
            content[draw(UTF8)[:1000] or "x"] = content.pop(name)
        else:
            content[name] = changed_bytes(draw, content[name])
    return content


@st.composite
def files(draw: DrawFn) -> bytes:
    base = MANIFESTS[at(draw, len(MANIFESTS))]
    names = {file["name"] for file in base["files"]}
    content = contents(draw, changed_json(draw, [base]), names)
    if not at(draw, 20):
        content["zeros"] = bytes(draw(ZEROS))
    file = zipped(content, draw(METHODS) if not at(draw, 6) else zipfile.ZIP_DEFLATED)
    return file if at(draw, 3) else changed_bytes(draw, file)


def properties(folder: Path) -> Iterator[Property]:
    store, uploaded = Store(folder / "runs"), folder / "uploaded.zip"
    elsewhere = Store(folder / "elsewhere")

    def parse(file: bytes) -> tuple[str, int]:
        """The run's id, and how many there were before."""
        uploaded.write_bytes(file)
        known = [run.id for run in store.page(100)]
        try:
            return import_run(store, uploaded), len(known)
        except ValueError:
            assert [run.id for run in store.page(100)] == known, "it was refused and is there"
            raise

    def use(file: bytes, found: tuple[str, int]) -> None:
        run = store.get(found[0])
        assert not isinstance(run, UnreadableRun)
        assert run.id in [one.id for one in store.page(100)]
        for language in WORDS:
            markup = tags(all_html(store, run, others[0], language))
            assert markup <= USUAL, f"markup in {language}: {markup - USUAL}"
        reuse(store, run)
        again = export_run(store, run, folder / "again.zip")
        there = elsewhere.get(import_run(elsewhere, again))
        assert (there.title, there.files, there.asked) == (run.title, run.files, run.asked)
        assert len(ratings_of(elsewhere, there.id)) == len(ratings_of(store, run.id))
        elsewhere.delete([there.id])
        store.delete([run.id])

    others = [sound(store, folder, number) for number in range(len(RUNS))]
    USUAL = {tag for run in others for tag in tags(all_html(store, run, others[0], "en"))}
    USUAL |= {("p", "role")}  # of a sentence, which only some runs have
    yield Property(name="exported runs", cases=files(), parse=parse, use=use, folder=folder, weight=8)


def sound(store: Store, folder: Path, number: int) -> AnyRun:
    """A run that is as it should be."""
    said = MANIFESTS[number] | {"title": f"sound {number}"}
    names = {file["name"] for file in said["files"]}
    path = folder / "sound.zip"
    path.write_bytes(zipped({"manifest.json": json.dumps(said).encode(), **{name: CONTENT[name] for name in names}}, 8))
    return store.get(import_run(store, path))

"""The app as a script uses it, and what nobody may reach."""

from dataclasses import asdict
from pathlib import Path
from urllib.request import urlopen

import pytest
import torch
from gradio_client import Client
from gradio_client.exceptions import AppError
from PIL import Image

from tests.app.serving import ROOT, Served
from uce_core import Edit, EditSpec, GenerationSpec, Model, erase, impact, preset
from uce_core.runs.store import Store


def test_endpoint(app: Served, home: Path) -> None:
    client = Client(app.url, verbose=False)
    request = {
        "erase": ["Vincent van Gogh"],
        "retain": ["Claude Monet"],
        "prompt": "a cat by Vincent van Gogh",
        "seed": 3,
    }
    original, edited, scores, run = client.predict(**request, steps=4, guidance_scale=4, api_name="/compare")
    with Image.open(original) as first, Image.open(edited) as second:
        assert first.size == second.size == (128, 128)
    assert set(scores) == {"clip_original", "clip_edited", "lpips"}
    assert Store(home / "runs").get(run).title == request["prompt"]
    with pytest.raises(AppError, match="nothing to erase"):
        client.predict(**{**request, "erase": []}, api_name="/compare")
    with pytest.raises(AppError, match="steps is None: use a number"):
        client.predict(**request, steps=None, api_name="/compare")
    assert client.predict(**request, steps=4, guidance_scale=4, api_name="/compare")[3] == run
    how = {"negative_prompt": "a dog", "width": 192, "height": 64, "sampler": "euler-a"}
    original, _, _, other = client.predict(**request, steps=4, guidance_scale=4, **how, api_name="/compare")
    with Image.open(original) as image:
        assert image.size == (192, 64)
    [spec] = Store(home / "runs").get(other).generations
    assert spec == GenerationSpec(request["prompt"], 3, 4, 4.0, **how)
    *_, third = client.predict(**request, steps=4, method="adavd", api_name="/compare")
    assert Store(home / "runs").get(third).edit_title == "AdaVD"
    for wrong, sentence in (
        ({"method": "lora"}, "Unknown method .*lora.*: use one of uce"),
        ({"width": 4096, "height": 4096}, "has 16777216 pixels, and the limit here is"),
        ({"width": 65}, "width is 65: this model takes multiples of 8"),
        ({"sampler": "heun"}, "Unknown sampler .*heun.*: use one of ddim"),
    ):
        with pytest.raises(AppError, match=sentence):
            client.predict(**request, steps=4, **how | wrong, api_name="/compare")


def test_the_documented_examples_run(
    app: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    text = (ROOT / "docs" / "endpoints.md").read_text(encoding="utf-8")
    examples = [part.removeprefix("python\n") for part in text.split("```")[1::2] if part.startswith("python\n")]
    assert len(examples) == 3
    monkeypatch.chdir(tmp_path)
    for example in examples:
        assert "http://127.0.0.1:7860" in example
        exec(compile(example.replace("http://127.0.0.1:7860", app.url), "endpoints.md", "exec"), {})
    assert (tmp_path / "original.png").read_bytes() != (tmp_path / "edited.png").read_bytes()
    said = capsys.readouterr().out
    assert f"{app.url}/?run=" in said
    assert "Vincent van Gogh" in said.splitlines()[-1], "who is erased is hit most"
    assert Edit.load(tmp_path / "no-van-gogh.safetensors").spec.erase == ("Vincent van Gogh",)


def test_an_edit_and_its_impact_are_had_without_generating(app: Served, atelier: Model, tmp_path: Path) -> None:
    client = Client(app.url, verbose=False)
    request = {"erase": ["Edvard Munch"], "retain": ["Claude Monet"], "guide": "a painting"}
    edit = Edit.load(client.predict(**request, api_name="/erase"))
    expected = erase(atelier, EditSpec(erase=("Edvard Munch",), guide="a painting", retain=("Claude Monet",)))
    assert edit.spec == expected.spec
    assert torch.allclose(edit.u.T @ edit.v, expected.u.T @ expected.v, atol=1e-6)
    oce = Edit.spec_in(Path(client.predict(**request, method="oce", api_name="/erase")))
    assert oce == preset("default", ["Edvard Munch"], ["Claude Monet"], "oce", guide="a painting")
    rows = client.predict(**request, api_name="/impact")
    assert rows == [asdict(one) for one in impact(atelier, expected, atelier.catalog)]
    for name in ("/erase", "/impact"):
        with pytest.raises(AppError, match="nothing to erase"):
            client.predict(**request | {"erase": []}, api_name=name)


def test_nothing_but_these_is_offered_and_files_stay_private(app: Served) -> None:
    client = Client(app.url, verbose=False)
    assert set(client.view_api(return_format="dict")["named_endpoints"]) == {"/compare", "/erase", "/impact"}
    for path in ("README.md", "requirements.txt", str(ROOT / "README.md"), "/etc/passwd"):
        with pytest.raises(OSError, match=r"40[34]"):
            urlopen(f"{app.url}/gradio_api/file={path}", timeout=10)

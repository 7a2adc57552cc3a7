"""A page of Gradio's own, with none of this app's workarounds: python tests/app/bare_gradio.py PORT."""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import gradio as gr
from PIL import Image


def count(names: list[str]) -> Iterator[tuple[object, object]]:
    """Three seconds of news for the first of two outputs."""
    begun.append(time.monotonic())
    for number in range(10):
        time.sleep(0.3)
        yield f"{len(begun)}, {number}", gr.skip()


def fail() -> None:
    raise gr.Error("<b>bold</b>")


def written() -> tuple[str, str]:
    path = Path(tempfile.mkdtemp()) / "made.txt"
    path.write_text("made")
    return str(path), "written"


begun: list[float] = []
with gr.Blocks() as page:
    with gr.Tabs():
        with gr.Tab("First"):
            gr.Slider(0, 10, 5, label="Amount")
            names = gr.Dropdown(["one", "two"], value=["one"], multiselect=True, label="Names", elem_id="names")
            gr.Textbox("x", label="Link", buttons=["copy"], elem_id="link")
            out = gr.Textbox("", label="Out", elem_id="out")
            still = gr.HTML("not touched", elem_id="still")
            gr.HTML("", elem_id="empty")
            gr.Image(Image.new("RGB", (8, 8)), elem_id="image")
            gr.Button("count", elem_id="count").click(count, names, [out, still])
            gr.Button("fail", elem_id="fail").click(fail)
            for name in ("this", "that"):
                said = gr.Textbox("", label=name, elem_id=name)
                gr.Button(f"say {name}", elem_id=f"say-{name}").click(lambda name=name: name, None, said)
            download = gr.DownloadButton("download", elem_id="download")
            download.click(written, None, [download, out])
            gr.UploadButton("upload", file_types=[".png"], elem_id="upload")
        for number in range(12):
            with gr.Tab(f"Another tab, number {number}"):
                gr.Markdown("nothing")
    page.load(None, js="() => {window.loadedAt = performance.now()}")

if __name__ == "__main__":
    theme = gr.themes.Soft().set(input_border_color="#ff0000", input_border_width="1px")
    page.launch(server_port=int(sys.argv[1]), theme=theme)

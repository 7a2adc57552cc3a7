"""Images that don't give away which model generated them.

Recorded images say in their PNG metadata whether they are edited, and have an address that others can
look up. A reviewer gets the same pixels as a data URL: no metadata, no name, no address.
"""

import io
from pathlib import Path

from PIL import Image

from uce_core.images import data_url


def blind_image(path: Path) -> str:
    """A data URL of a PNG, lossless."""
    with Image.open(path) as recorded:
        bare = Image.new("RGB", recorded.size)
        bare.paste(recorded)  # pixels only
    buffer = io.BytesIO()
    bare.save(buffer, "png")
    return data_url("png", buffer.getvalue())

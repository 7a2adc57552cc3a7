"""Images as bytes, thumbnails and data URLs, and how far two are apart. Knows nothing about what they show."""

import base64
import io

import numpy as np
from PIL import Image

SIDE = 192  # pixels of an image on the page


def thumbnail_data_url(image: Image.Image) -> str:
    """A small copy as a data URL."""
    small = image.copy()
    small.thumbnail((SIDE, SIDE))
    buffer = io.BytesIO()
    small.save(buffer, "webp", quality=85)
    return data_url("webp", buffer.getvalue())


def data_url(kind: str, image: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(image).decode()}"


THUMBNAIL = 160  # pixels


def side_by_side(*images: Image.Image) -> bytes:
    """Original and edited, small, side by side."""
    small = Image.new("RGB", (2 * THUMBNAIL, THUMBNAIL))
    for place, image in enumerate(images):
        small.paste(image.resize((THUMBNAIL, THUMBNAIL)), (place * THUMBNAIL, 0))
    buffer = io.BytesIO()
    small.save(buffer, "webp", quality=85)
    return buffer.getvalue()


def mean_pixel_difference(first: Image.Image, second: Image.Image) -> float:
    """Mean absolute difference of pixels, 0 to 255; 255 for images of different sizes."""
    if first.size != second.size:
        return 255.0
    arrays = [np.asarray(image.convert("RGB"), np.int16) for image in (first, second)]
    return float(np.abs(arrays[0] - arrays[1]).mean())

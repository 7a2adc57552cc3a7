"""Images as bytes, thumbnails and data URLs, and how far two are apart. Knows nothing about what they show."""

import base64
import io

import numpy as np
from PIL import Image, ImageOps

SIDE = 192  # pixels of an image on the page
MOST_PIXELS = 4096**2  # of a file from elsewhere: decoded, 50 MB


def check_size(image: Image.Image) -> Image.Image:
    """The same, of which only the header has been read. Raises ValueError for one that would take much memory or time
    to decode: large ones and animations."""
    if image.width * image.height > MOST_PIXELS or getattr(image, "n_frames", 1) > 1:
        raise ValueError("a larger image than any here")
    return image


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
    """Original and edited, small, side by side: of each as much as makes a square."""
    small = Image.new("RGB", (2 * THUMBNAIL, THUMBNAIL))
    for place, image in enumerate(images):
        small.paste(ImageOps.fit(image, (THUMBNAIL, THUMBNAIL)), (place * THUMBNAIL, 0))
    buffer = io.BytesIO()
    small.save(buffer, "webp", quality=85)
    return buffer.getvalue()


def mean_pixel_difference(first: Image.Image, second: Image.Image) -> float:
    """Mean absolute difference of pixels, 0 to 255; 255 for images of different sizes."""
    if first.size != second.size:
        return 255.0
    arrays = [np.asarray(image.convert("RGB"), np.int16) for image in (first, second)]
    return float(np.abs(arrays[0] - arrays[1]).mean())

"""How precisely numbers are stored: dtypes by the names that torch gives them. Does not import torch."""

from collections.abc import Iterable

STORED = {"F64": "float64", "F32": "float32", "BF16": "bfloat16", "F16": "float16", "F8_E4M3": "float8_e4m3fn"}
COARSE = ("float8_e4m3fn", "bfloat16", "float16", "float32", "float64")  # the coarsest first


def coarsest(dtypes: Iterable[str]) -> str:
    """Of some dtypes; those that are not of COARSE, such as whole numbers, do not count."""
    return min((dtype for dtype in dtypes if dtype in COARSE), key=COARSE.index, default="float32")

"""The impact of an edit on a concept. drift.py computes it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Impact:
    """drift: ‖(W' − W)c‖ / ‖Wc‖, the mean over a concept's vectors c and all projections W; 0 for untouched."""

    concept: str
    drift: float

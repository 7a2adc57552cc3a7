"""Few cases of each property, always the same ones; benchmarks/hostile.py tries many others."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "hostile",
    max_examples=40,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)

"""What an operator sees of the running app: figures for Prometheus. Nothing of prompts, names and visitors."""

from prometheus_client import Counter, Gauge, Histogram

LONG = (0.5, 1, 2, 5, 10, 20, 60, 120, 300, 900, 3600)

WAITING = Gauge("uce_requests_waiting", "Requests in line.")
RUNNING = Gauge("uce_requests_running", "Requests that have begun and not ended.")
ENDED = Counter("uce_requests", "Requests that have ended.", ["action", "outcome"])  # done, stopped, refused, failed
ERRORS = Counter("uce_errors", "What was refused, by the problem's id, and what failed, by the exception.", ["kind"])
SECONDS = Histogram("uce_request_seconds", "From the asking to the answer.", ["action"], buckets=LONG)
STAGES = Histogram(
    "uce_stage_seconds",
    "Of requests: waiting, generating, scoring, recording.",
    ["stage"],
    buckets=(0.01, 0.03, 0.1, 0.3, *LONG),
)
ROWS = Histogram("uce_batch_rows", "Rows of a call of the UNet.", buckets=(1, 2, 4, 8, 16, 32))
READY = Gauge("uce_model_ready", "Whether the model is loaded.")
GPU_MEMORY = Gauge("uce_gpu_memory_bytes", "What PyTorch holds of the GPU's memory.")

"""What an operator sees of the running app: figures for Prometheus. Nothing of prompts, names and visitors."""

from prometheus_client import Counter, Gauge, Histogram

WAITING = Gauge("uce_requests_waiting", "Requests in line.")
RUNNING = Gauge("uce_requests_running", "Requests that have begun and not ended.")
ENDED = Counter("uce_requests", "Requests that have ended.", ["outcome"])  # done, stopped, refused, failed
SECONDS = Histogram(
    "uce_request_seconds", "From the asking to the answer.", buckets=(0.5, 1, 2, 5, 10, 20, 60, 120, 300, 900, 3600)
)
ROWS = Histogram("uce_batch_rows", "Rows of a call of the UNet.", buckets=(1, 2, 4, 8, 16, 32))
READY = Gauge("uce_model_ready", "Whether the model is loaded.")

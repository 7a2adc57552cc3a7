"""python -m benchmarks.load: how long visitors wait, when many ask at a time, together and one at a time.

Each client is a gradio_client with a session of its own, which asks for one comparison after the other, each with
another artist erased and another seed. Prints the latency of a comparison and the throughput of images. App and clients
share this machine.
"""

import argparse
import statistics
import time
from concurrent.futures import ThreadPoolExecutor

from gradio_client import Client

from scripts.serving import served

CLIENTS = (1, 4, 16, 64)
PATIENCE = 600  # seconds: many who come at the same moment wait for the page, too
ARTISTS = ("Vincent van Gogh", "Claude Monet", "Edvard Munch", "Pablo Picasso", "Piet Mondrian")


def one_visit(url: str, number: int, comparisons: int) -> list[float]:
    """Seconds of each comparison."""
    client = Client(url, verbose=False, httpx_kwargs={"timeout": PATIENCE})
    found = []
    for turn in range(comparisons):
        began = time.perf_counter()
        client.predict(
            erase=[ARTISTS[number % len(ARTISTS)]],
            retain=[],
            prompt=f"a house by {ARTISTS[number % len(ARTISTS)]}, for visitor {number}",
            seed=1000 * number + turn,
            api_name="/compare",
        )
        found.append(time.perf_counter() - began)
    return found


def measured(url: str, clients: int, comparisons: int) -> tuple[list[float], float]:
    """All latencies, and images in a second."""
    began = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        visits = list(pool.map(lambda number: one_visit(url, number, comparisons), range(clients)))
    took = time.perf_counter() - began
    found = [one for visit in visits for one in visit]
    return found, 2 * len(found) / took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, nargs="*", default=CLIENTS)
    parser.add_argument("--comparisons", type=int, default=64, help="of all clients together, at least one of each")
    parser.add_argument("--model", default="atelier")
    chosen = parser.parse_args()
    print("| clients | generated | p50 | p95 | p99 | images a second |\n|---|---|---|---|---|---|")
    for clients in chosen.clients:
        for name, together in (("one at a time", 1), ("together", max(CLIENTS))):
            options = ("--model", chosen.model, "--max-together", str(together), "--max-waiting", "100")
            with served(None, *options) as url:
                one_visit(url, 0, 1)  # the model is loaded
                latencies, pace = measured(url, clients, max(1, chosen.comparisons // clients))
            cuts = statistics.quantiles(latencies, n=100, method="inclusive")
            p50, p95, p99 = (cuts[percent - 1] for percent in (50, 95, 99))
            print(f"| {clients} | {name} | {p50:.1f} s | {p95:.1f} s | {p99:.1f} s | {pace:.2f} |", flush=True)


if __name__ == "__main__":
    main()

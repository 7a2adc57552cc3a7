"""python -m benchmarks.captions: what UCE leaves, and what it changes besides, without captions retained and with them
(methods/uce_captions.py), for 1, 10 and all but one of Atelier's artists; and what each of the settings does.

Each artist is asked for in two prompts and four seeds. Of those who are erased: the share of images that still show the
style where the original does, the mean style score, and the share that still show what is asked for. Of the others: the
share that still show theirs, and LPIPS to the original.
"""

from collections.abc import Sequence
from statistics import fmean

import torch

from uce_core import EditSpec, GenerationSpec, Model, Pair, compare_all, erase, load_model
from uce_core.edits.spec import MethodSpec
from uce_core.evaluation.verdict import Verdict
from uce_core.evaluation.verdicts import verdicts
from uce_core.methods.uce_captions import CaptionsSpec
from uce_core.metrics.scorer import scorer_for

PROMPTS = ("a house in the style of {}", "a painting of a cat by {}")
SEEDS = (11, 12, 13, 14)
VARIED = (("all", 5.0, 30.0), ("rest", 5.0, 30.0), ("rest", 20.0, 10.0), ("rest", 20.0, 100.0))  # span, λ, m
ASKED = ((1, 5), (10, 3), (13, 1))  # artists erased and retained
Judged = list[tuple[Pair, Verdict]]


def main() -> None:
    model = load_model("atelier")
    print(f"{torch.get_num_threads()} threads, {model.device.type}, {model.dtype}\n")
    columns = (
        "erased + retained",
        "method",
        "style left",
        "style score",
        "content kept",
        "others' style kept",
        "others' LPIPS",
    )
    print(f"| {' | '.join(columns)} |\n{'|---' * len(columns)}|")
    for erased, retained in ASKED:
        artists = model.catalog
        gone, kept = artists[:erased], artists[erased : erased + retained]
        specs: dict[str, MethodSpec] = {
            "`uce`": EditSpec(erase=gone, retain=kept),
            "`uce`, rest": EditSpec(erase=gone, retain=kept, span="rest"),
            "`uce-captions`": CaptionsSpec(erase=gone, retain=kept),
        }
        for span, lam, m in VARIED:
            name = f"`uce-captions`, {span}, λ = {lam:g}, m = {m:g}"
            specs[name] = CaptionsSpec(erase=gone, retain=kept, span=span, lam=lam, caption_scale=m)
        for name, row in zip(specs, rows(model, list(specs.values()), artists, gone), strict=True):
            print(f"| {erased} + {retained} | {name} | {' | '.join(row)} |", flush=True)


def rows(model: Model, specs: Sequence[MethodSpec], artists: Sequence[str], gone: Sequence[str]) -> list[list[str]]:
    asked = [(artist, prompt.format(artist), seed) for artist in artists for prompt in PROMPTS for seed in SEEDS]
    generations = [GenerationSpec(prompt, seed) for _, prompt, seed in asked]
    columns = compare_all(model, [erase(model, spec) for spec in specs], generations)
    found = []
    for pairs in columns:
        judged = list(zip(pairs, verdicts(scorer_for(model.folder), pairs, gone, model.catalog), strict=True))
        ours = [one for one, (artist, _, _) in zip(judged, asked, strict=True) if artist in gone]
        others = [one for one, (artist, _, _) in zip(judged, asked, strict=True) if artist not in gone]
        found.append(row(ours, others))
    return found


def row(ours: Judged, others: Judged) -> list[str]:
    scores = fmean(style.after for _, verdict in ours for style in verdict.styles)
    contents = [verdict.content for _, verdict in ours if verdict.content and verdict.content.shown_before]
    lpips = fmean(pair.scores.lpips for pair, _ in others if pair.scores)
    return [
        still(ours),
        f"{scores:+.2f}",
        f"{fmean(content.shown_after for content in contents):.2f}",
        still(others),
        f"{lpips:.3f}",
    ]


def still(judged: Judged) -> str:
    """Share of the styles that originals show."""
    styles = [style for _, verdict in judged for style in verdict.styles if style.shown_before]
    return f"{fmean(style.shown_after for style in styles):.2f}" if styles else "–"


if __name__ == "__main__":
    main()

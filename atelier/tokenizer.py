"""Atelier's tokenizer: CLIP's own byte-level BPE with fewer merges.

Kept are the commonest merges and those that the words of the captions need, so names are split as
the real CLIP splits them, and any text at all can be tokenized.
"""

import gzip
import itertools
from collections.abc import Iterable
from importlib.resources import files

from transformers import CLIPTokenizer

from atelier.captions import vocabulary

COMMON_MERGES = 3000
CONTEXT_LENGTH = 77
START, END = "<|startoftext|>", "<|endoftext|>"


def clip_merges() -> list[tuple[str, str]]:
    """CLIP's 48,894 merges in order of priority, from the vocabulary that open_clip ships."""
    packed = files("open_clip").joinpath("bpe_simple_vocab_16e6.txt.gz").read_bytes()
    lines = gzip.decompress(packed).decode().split("\n")[1 : 49152 - 256 - 2 + 1]
    return [(first, second) for first, second in (line.split() for line in lines)]


def byte_symbols() -> list[str]:
    """The 256 printable characters that stand for the bytes, in the order of CLIP's vocabulary."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    return [chr(byte) for byte in printable] + [chr(256 + n) for n in range(len(others))]


def merges_of(word: str, ranks: dict[tuple[str, str], int]) -> set[tuple[str, str]]:
    """The merges that byte-pair encoding applies to one word of ASCII letters."""
    symbols = [*word[:-1], word[-1] + "</w>"]
    used: set[tuple[str, str]] = set()
    while True:
        pairs = [pair for pair in itertools.pairwise(symbols) if pair in ranks]
        if not pairs:
            return used
        best = min(pairs, key=ranks.__getitem__)
        used.add(best)
        merged, index = [], 0
        while index < len(symbols):
            joined = tuple(symbols[index : index + 2]) == best
            merged.append("".join(best) if joined else symbols[index])
            index += 2 if joined else 1
        symbols = merged


def new_tokenizer(words: Iterable[str] | None = None) -> CLIPTokenizer:
    """The tokenizer; its end token has the highest id, as open_clip's pooling expects. words: those of the captions,
    by default this world's."""
    merges = clip_merges()
    ranks = {pair: rank for rank, pair in enumerate(merges)}
    needed = set().union(*(merges_of(word, ranks) for word in (vocabulary() if words is None else words)))
    kept = [pair for rank, pair in enumerate(merges) if rank < COMMON_MERGES or pair in needed]
    symbols = byte_symbols()
    tokens = [*symbols, *(symbol + "</w>" for symbol in symbols), *(a + b for a, b in kept), START, END]
    vocab = {token: number for number, token in enumerate(dict.fromkeys(tokens))}
    return CLIPTokenizer(vocab=vocab, merges=kept, model_max_length=CONTEXT_LENGTH)

"""The images of an evaluation as blocks of work: which images of which edit are generated together, and by whom.

A pure function of what is evaluated: it does not matter who does which block, when, or how often it is asked.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from uce_core.problems import Problem

SHARD = re.compile(r"(\d{1,6})/(\d{1,6})")


class Block(NamedTuple):
    """which: an edit's name, or ORIGINAL. start, stop: which of the images."""

    which: str
    start: int
    stop: int


def blocks_of(whiches: Sequence[str], images: int, size: int) -> Iterator[Block]:
    """size: images that are generated at once."""
    for which in whiches:
        for start in range(0, images, size):
            yield Block(which, start, min(start + size, images))


@dataclass(frozen=True)
class Shard:
    """number: from 1 to count."""

    number: int = 1
    count: int = 1

    @staticmethod
    def named(text: str) -> "Shard":
        """From i/n. Raises ValueError if it is none."""
        found = SHARD.fullmatch(text)
        if not found or not 1 <= int(found[1]) <= int(found[2]):
            raise Problem("bad_shard", "The shard is {shard!r}: use i/n, such as 1/8 to 8/8 for eight.", shard=text)
        return Shard(int(found[1]), int(found[2]))

    def of(self, blocks: Iterable[Block]) -> Iterator[Block]:
        """Every n-th, so that all shards have about as much of every edit."""
        return islice(blocks, self.number - 1, None, self.count)


WHOLE = Shard()

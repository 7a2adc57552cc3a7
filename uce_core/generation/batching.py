"""Several requests on one thread, whose images are denoised in one batch: continuous batching, step by step.

Each piece of work is ordinary code in a greenlet of its own, up to the moment when a pipeline calls its denoiser. There
it waits. When nobody can go on without the denoiser, those who wait are given one call together, each its own rows of
what comes back, and go on to their next step. So whoever comes joins at the next step, and whoever has finished leaves;
steps, guidance scale, prompt, edit and the sampler's state are each image's own. Where weights must be swapped for an
edit, its images have calls of their own. (Orca, Yu et al. 2022, schedules language models iteration by iteration in the
same manner.)

Turns go round parties, not pieces: when more wait than fit into a call, each party gets one place before any gets a
second, and who has had one goes to the end of the line when it is done. Knows nothing about prompts and images, and of
edits what is applied to the model.
"""

import copy
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from typing import Any

import torch
from greenlet import getcurrent, greenlet

from uce_core.edits.edit import AnyEdit
from uce_core.generation.joint_calls import Call, joint_call
from uce_core.models.applying import Beside, swapped
from uce_core.models.model import Model
from uce_core.models.onednn import packed
from uce_core.runtime import as_told, is_out_of_memory, release


class Piece(greenlet):
    """A piece of work. asking: the piece that waits for it, and for its siblings; None for a whole request, whose
    result is told to done. call: what it waits for, if it is the denoiser."""

    def __init__(
        self,
        batcher: "Batcher",
        party: str,
        work: Callable[[], Any],
        asking: "Piece | None" = None,
        done: "Future[Any] | None" = None,
    ) -> None:
        super().__init__(self._do, batcher.home)
        self.batcher, self.party, self.work, self.asking, self.done = batcher, party, work, asking, done
        self.siblings: Sequence[Piece] = ()
        self.call: Call | None = None
        self.result: Any = None
        self.raised: BaseException | None = None

    def _do(self) -> None:
        try:
            self.result = self.work()
        except BaseException as error:  # handed to whoever waits for the result
            self.raised = error

    def waits(self) -> bool:
        """For its turn: to begin, or for the denoiser."""
        return not self.dead and (self.call is not None or not self)


class Batcher:
    """For the thread on which it is made. It turns gradients off there: pieces leave torch.no_grad in another order
    than they enter it, and would turn them on for each other."""

    def __init__(self) -> None:
        torch.set_grad_enabled(False)
        self.home = getcurrent()
        self._pieces: dict[str, list[Piece]] = {}  # whose turn may come, by party, in the order of asking
        self._order: deque[str] = deque()  # of the parties
        self._most: dict[int, int] = {}  # rows that fitted into memory, by denoiser
        self._held: list[Model] = []
        self._holding = ExitStack()

    @property
    def busy(self) -> bool:
        """Whether somebody waits for a step."""
        return bool(self._pieces)

    def start(self, party: str, work: Callable[[], Any], done: "Future[Any]") -> None:
        """Do a piece of work up to where it needs images, and the rest in the steps to come. done: told of its
        result."""
        self._go_on(Piece(self, party, work, done=done))

    def gather(self, model: Model, works: Sequence[Callable[[], Any]]) -> list[Any]:
        """From within a piece: results of works that call the model's denoiser, side by side. If one raises, the others
        are stopped, and it is raised here."""
        asking = getcurrent()
        assert isinstance(asking, Piece)
        assert asking.asking is None, "pieces that are waited for do not wait for others"
        if not works:
            return []
        self._hold(model)
        pieces = [Piece(self, asking.party, work, asking) for work in works]
        for piece in pieces:
            piece.siblings = pieces
        if asking.party not in self._pieces:
            self._order.append(asking.party)
        self._pieces.setdefault(asking.party, []).extend(pieces)
        found: list[Any] = self.home.switch()
        return found

    def step(self) -> int:
        """One call of a denoiser for those whose turn it is, who then go on to their next one. Returns its rows."""
        chosen = self._turn()
        calls = [piece.call for piece in chosen if piece.call]
        rows = sum(call.rows for call in calls)
        if not calls:
            return 0
        try:
            outputs = joint_call(calls)
        except BaseException as error:  # whosever fault it is: each is told, and the next call is made
            if is_out_of_memory(error):
                release(error)
                if len(chosen) > 1:
                    self._most[id(calls[0].denoiser)] = rows // 2
                    return rows
            for piece in chosen:
                if not piece.dead:
                    self._go_on(piece, error=error)
            return rows
        for piece, output in zip(chosen, outputs, strict=True):
            if not piece.dead:  # stopped, as a sibling has just failed
                self._go_on(piece, output)
        return rows

    def _turn(self) -> list[Piece]:
        """Those whose calls are made together."""
        parties = sorted(self._order, key=lambda party: not self._has_begun(party))  # begun ones first, in their order
        lines = [deque(piece for piece in self._pieces[party] if piece.waits()) for party in parties]
        chosen: list[Piece] = []
        calls: list[Call] = []
        while any(lines):
            for line in filter(None, lines):
                piece = line.popleft()
                if not piece and not piece.dead:
                    self._go_on(piece)
                if piece.dead or piece.call is None:
                    continue
                if not calls or piece.call.joins(calls[0]):
                    if calls and sum(call.rows for call in (*calls, piece.call)) > self._most_rows(piece.call):
                        return _alive(chosen)
                    chosen.append(piece)
                    calls.append(piece.call)
        return _alive(chosen)

    def _go_on(self, piece: Piece, output: Any = None, error: BaseException | None = None) -> None:
        """Up to its next call of the denoiser, or its end."""
        piece.call = None
        if error:
            piece.throw(error)
        elif piece:
            piece.switch(output)
        else:
            piece.switch()
        if piece.dead:
            self._ended(piece)

    def _ended(self, piece: Piece) -> None:
        if piece.done and piece.raised:
            piece.done.set_exception(as_told(piece.raised))
        elif piece.done:
            piece.done.set_result(piece.result)
        asking = piece.asking
        if asking is None:
            return
        if piece.raised:
            for sibling in piece.siblings:
                if not sibling.dead:
                    sibling.throw()
        if piece.party in self._order:  # others' turn
            self._order.remove(piece.party)
            self._order.append(piece.party)
        if all(sibling.dead for sibling in piece.siblings):
            self._drop(piece.party, piece.siblings)
            self._go_on(asking, [sibling.result for sibling in piece.siblings], piece.raised)

    def _has_begun(self, party: str) -> bool:
        return any(piece.call for piece in self._pieces[party])

    def _most_rows(self, call: Call) -> int:
        return min(call.most, self._most.get(id(call.denoiser), call.most))

    def _drop(self, party: str, pieces: Sequence[Piece]) -> None:
        left = [piece for piece in self._pieces[party] if piece not in pieces]
        if left:
            self._pieces[party] = left
        else:
            del self._pieces[party]
            self._order.remove(party)
        if not self._pieces:
            self._most.clear()  # others may have left the memory by the next time
            self._held.clear()
            self._holding.close()

    def _hold(self, model: Model) -> None:
        """While images are generated nobody else has the model, and its weights lie as they are computed with."""
        if not any(held is model for held in self._held):
            self._holding.enter_context(model.lock)
            if model.device.type == "cpu":
                self._holding.enter_context(packed(model.denoiser, model.pipeline.vae))
            self._held.append(model)


class JoinedDenoiser:
    """In a denoiser's place in a pipeline: calls wait for others. The rest as of side_by_side."""

    def __init__(self, denoiser: Any, beside: Beside, edits: Sequence[AnyEdit | None], most: int) -> None:
        self.denoiser, self.model, self.most = denoiser, beside.model, most
        self.swapped = swapped(beside.model, edits[0])
        self.changes = [None if self.swapped else beside.changes(edit) for edit in edits]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.denoiser, name)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        piece = getcurrent()
        assert isinstance(piece, Piece)
        rows = (arguments or (named["hidden_states"],))[0].shape[0]  # once or, with guidance, twice the images
        changes = self.changes * (rows // len(self.changes))
        piece.call = Call(self.denoiser, self.model, changes, self.swapped, arguments, named, self.most)
        return piece.batcher.home.switch()


def _alive(pieces: Sequence[Piece]) -> list[Piece]:
    """Without those that were stopped as a sibling failed to begin."""
    return [piece for piece in pieces if not piece.dead]


def current_piece() -> Piece | None:
    """The piece of work that asks; None outside of any."""
    piece = getcurrent()
    return piece if isinstance(piece, Piece) else None


def side_by_side(pipeline: Any, beside: Beside, edits: Sequence[AnyEdit | None], most: int) -> Any:
    """A pipeline of the same parts, for one piece of work: its sampler has a state of its own, its denoiser is called
    together with others', in at most so many rows. edits: of each image the one that is applied to the model; they have
    been checked, and either all stand beside its weights, or all are the same one, for which those are swapped."""
    own, part = copy.copy(pipeline), beside.model.source.architecture.denoiser
    vars(own)[part] = JoinedDenoiser(getattr(pipeline, part), beside, edits, most)
    vars(own)["scheduler"] = copy.deepcopy(pipeline.scheduler)
    return own

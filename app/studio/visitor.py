"""Who asks, and who may do what: the one table of rights. Knows nothing about requests.

docs/hosting.md has the table for people.
"""

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from uce_core.problems import Problem
from uce_core.runs.run import EXAMPLE


class Role(StrEnum):
    OWNER = "owner"  # whoever sits at this computer, while the app listens to nobody else
    LOGGED_IN = "logged in"
    STRANGER = "stranger"
    READER = "reader"  # of a page where nothing is generated or taken


class Scope(StrEnum):
    """Of whose things something may be done."""

    ALL = "all"
    OWN = "own"
    NONE = "none"


class Action(StrEnum):
    LIST_RUNS = "list runs"  # besides pinned ones, which all may see
    CHANGE_RUNS = "note, delete and restore runs"
    PIN_RUNS = "pin runs"
    USE_EDITS = "list, use and download saved edits"  # besides the operator's
    CHANGE_EDITS = "rename, delete and restore saved edits"
    READ_REVIEWERS = "read reviewers' names and remarks"
    EXPORT_CHECKPOINTS = "export whole checkpoints"  # which are large, and stay on the app's computer


TO_CHANGE = (Action.CHANGE_RUNS, Action.PIN_RUNS)  # of examples, which ship with the app, nobody may
RIGHTS: dict[Action, dict[Role, Scope]] = {
    action: dict(zip(Role, scopes, strict=True))
    for action, scopes in {
        Action.LIST_RUNS: (Scope.ALL, Scope.OWN, Scope.OWN, Scope.NONE),
        Action.CHANGE_RUNS: (Scope.ALL, Scope.OWN, Scope.OWN, Scope.NONE),
        Action.PIN_RUNS: (Scope.ALL, Scope.NONE, Scope.NONE, Scope.NONE),
        Action.USE_EDITS: (Scope.ALL, Scope.OWN, Scope.OWN, Scope.NONE),
        Action.CHANGE_EDITS: (Scope.ALL, Scope.OWN, Scope.OWN, Scope.NONE),
        Action.READ_REVIEWERS: (Scope.ALL, Scope.NONE, Scope.NONE, Scope.NONE),
        Action.EXPORT_CHECKPOINTS: (Scope.ALL, Scope.NONE, Scope.NONE, Scope.NONE),
    }.items()
}


@dataclass(frozen=True)
class Visitor:
    """id: whose the things are that they make; "" for the owner, whose is what is nobody else's. name: under which
    they logged in."""

    role: Role
    id: str = ""
    name: str = ""

    def may(self, action: Action, whose: str = "") -> bool:
        """whose: the id of the visitor whose thing it is; "" for the operator's."""
        if whose.startswith(EXAMPLE) and action in TO_CHANGE:
            return False
        scope = RIGHTS[action][self.role]
        return scope is Scope.ALL or (scope is Scope.OWN and bool(self.id) and whose == self.id)

    def check(self, action: Action, whose: str = "") -> None:
        """Raises ValueError with one sentence if they may not."""
        if not self.may(action, whose):
            raise Problem("not_yours", "This is not yours to change: ask the operator of this app.")


OWNER = Visitor(Role.OWNER)


def visitor_id(kind: str, secret: str) -> str:
    """What may be kept and shown of how a visitor is known, which nobody gets back from it."""
    return f"{kind}-{hashlib.sha256(secret.encode()).hexdigest()[:24]}"

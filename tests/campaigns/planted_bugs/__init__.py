"""Bugs that somebody could make, by the promise that each would break."""

from tests.campaigns.planted_bugs import durability, guarding, judging, leaks, privacy, resuming
from tests.campaigns.planted_bugs.bug import Bug

__all__ = ["ALL", "BY_PROMISE", "Bug"]

BY_PROMISE: dict[str, tuple[Bug, ...]] = {
    "durability": durability.BUGS,
    "resume": resuming.BUGS,
    "privacy": privacy.BUGS,
    "leaks": leaks.BUGS,
    "guard": guarding.BUGS,
    "verdict": judging.BUGS,
}
ALL: tuple[Bug, ...] = tuple(bug for bugs in BY_PROMISE.values() for bug in bugs)

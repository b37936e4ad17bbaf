"""What the training part is mixed from: own tasks in proportion, general examples, rehearsal.

Everything here concerns the training part only: what is held back stays as it is, so that scores
of different mixtures can be compared. Nothing is ever repeated to reach a proportion, since copies
make a model memorise: the largest mixture without repeats is taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
import orjson
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from core.data.dataset import DatasetVersion, part_of, versions
from core.data.draft import Draft
from core.data.example import BadRow, Example, Message, Source, from_json

GENERAL = "general"
EARLIER = "earlier"
GENERAL_FILE = "general_examples.jsonl"
_SPARE = 2  # candidates for each wanted one: some resemble what is there already
_MIX = np.uint64(0x9E3779B97F4A7C15)


class MixtureOptions(BaseModel):
    """How the training part is mixed; by default it is everything that was kept.

    Attributes:
        shares: weight of each task in the training part, by its name; tasks that are not named
            weigh nothing. Empty: all examples of all tasks.
        general: how many of the general examples against forgetting are added.
        rehearse: content hash of an earlier version to rehearse, ``""`` for none.
        rehearsed: how many of its training examples are added.
    """

    model_config = ConfigDict(frozen=True)

    shares: dict[str, float] = Field(default_factory=dict)
    general: int = Field(default=0, ge=0)
    rehearse: str = ""
    rehearsed: int = Field(default=0, ge=0)

    def is_plain(self) -> bool:
        """Return whether everything that was kept is used and nothing added."""
        return not (self.shares or self.general or (self.rehearse and self.rehearsed))


@dataclass(frozen=True, slots=True)
class Added:
    """An example from outside the draft, with where it comes from (``general``, ``earlier``)."""

    origin: str
    example: Example


@dataclass(frozen=True, slots=True)
class Tasks:
    """The tasks of a draft: those its rows name, or else its files where there are several.

    ``codes`` holds each row's place in ``names``.
    """

    names: tuple[str, ...]
    codes: NDArray[np.int64]

    def counts(self, rows: NDArray[np.int64]) -> dict[str, int]:
        """Return how many of ``rows`` belong to each task."""
        found = np.bincount(self.codes[rows], minlength=len(self.names))
        return {name: int(count) for name, count in zip(self.names, found, strict=True)}


def tasks_of(draft: Draft) -> Tasks:
    """Return the tasks of a draft; at least one, which may have no name."""
    values, first, codes = np.unique(draft.facts["task"], return_index=True, return_inverse=True)
    sizes = [source.rows for source in draft.summary.sources]
    if len(values) < 2 and len(sizes) > 1 and sum(sizes) == len(draft):
        names = tuple(source.label for source in draft.summary.sources)
        return Tasks(names, np.repeat(np.arange(len(sizes)), sizes))
    names = tuple(_task_name(draft, int(row)) for row in first)
    return Tasks(names, codes.reshape(-1).astype(np.int64))


def _task_name(draft: Draft, row: int) -> str:
    item = draft.row(row)
    return "" if isinstance(item, BadRow) else item.task


def in_proportion(
    tasks: Tasks, rows: NDArray[np.int64], keys: NDArray[np.uint64], shares: Mapping[str, float]
) -> NDArray[np.bool_]:
    """Return which of ``rows`` are used, so that tasks stand in the wanted proportion.

    Which rows of a task are used depends on their text alone: a later version uses mostly the same.

    Args:
        keys: hash of each of ``rows``.
        shares: weights by task name; see :class:`MixtureOptions`.
    """
    used = np.ones(len(rows), dtype=np.bool_)
    if not shares:
        return used
    codes = tasks.codes[rows]
    wanted = usable_counts({n: c for n, c in tasks.counts(rows).items() if c}, shares)
    order = np.argsort(keys * _MIX, kind="stable")
    for code, name in enumerate(tasks.names):
        mine = order[codes[order] == code]
        used[mine[wanted.get(name, 0) :]] = False
    return used


def usable_counts(available: Mapping[str, int], shares: Mapping[str, float]) -> dict[str, int]:
    """Return how many examples of each task make the largest mixture in proportion."""
    weights = {name: shares[name] for name in available if shares.get(name, 0) > 0}
    if not weights:
        return dict.fromkeys(available, 0)
    unit = min(available[name] / weight for name, weight in weights.items())
    return {name: round(unit * weights.get(name, 0)) for name in available}


def expected_training(train: int, available: Mapping[str, int], options: MixtureOptions) -> int:
    """Return about how many examples are trained on.

    Args:
        train: examples in the training part before they are mixed.
        available: kept examples of each task.
    """
    kept = sum(available.values())
    used = sum(usable_counts(available, options.shares).values()) if options.shares else kept
    added = options.general + (options.rehearsed if options.rehearse else 0)
    return round(train * used / kept) + added if kept else 0


def general_examples() -> list[Example]:
    """Return the general examples that come with the application, in their order."""
    text = (resources.files("resources") / GENERAL_FILE).read_text(encoding="utf-8")
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        record = orjson.loads(line)
        messages = (Message("user", record["question"]), Message("assistant", record["answer"]))
        found.append(Example(messages, Source(GENERAL_FILE, number), GENERAL))
    return found


def candidates(options: MixtureOptions, versions_dir: Path, seed: int) -> list[Added]:
    """Return examples that may be added, in random order, more than are wanted.

    Raises:
        UserFacingError: the version to rehearse is missing or damaged.
    """
    found: list[Added] = []
    if options.general:
        listed = general_examples()
        order = np.random.default_rng(seed).permutation(len(listed))
        found += [Added(GENERAL, listed[n]) for n in order]
    if options.rehearse and options.rehearsed:
        version = DatasetVersion.load(versions_dir / Path(options.rehearse).name)
        count = _SPARE * options.rehearsed + 100
        found += [Added(EARLIER, example) for example in _sample(version, count, seed)]
    return found


def _sample(version: DatasetVersion, count: int, seed: int) -> list[Example]:
    """Return random own training examples of a version, reading its file once."""
    places = [n for n, line in enumerate(version.lines()) if _is_own_training(line)]
    chosen = np.random.default_rng(seed).permutation(len(places))[:count]
    wanted = {places[n]: rank for rank, n in enumerate(chosen.tolist())}
    found: dict[int, Example] = {}
    for place, line in enumerate(version.lines()):
        if place in wanted:
            found[wanted[place]] = from_json(orjson.loads(line))
    return [found[rank] for rank in sorted(found)]


def _is_own_training(line: bytes) -> bool:
    return part_of(line) == "train" and f',"added":"{GENERAL}"'.encode() not in line[-60:]


def chosen(
    offered: list[Added],
    resembles: NDArray[np.bool_],
    labels: NDArray[np.int64],
    options: MixtureOptions,
) -> list[Added]:
    """Return what is added: nothing that resembles a row that is there, and nothing twice.

    Args:
        resembles: which of ``offered`` resemble a row of the draft or an earlier test question.
        labels: who of ``offered`` has the same label belongs together.
    """
    room = {GENERAL: options.general, EARLIER: options.rehearsed}
    seen: set[int] = set()
    found = []
    for added, is_known, label in zip(offered, resembles.tolist(), labels.tolist(), strict=True):
        if is_known or label in seen or not room[added.origin]:
            continue
        seen.add(label)
        room[added.origin] -= 1
        found.append(added)
    return found


def earlier_test_examples(versions_dir: Path, but: frozenset[int]) -> list[Example]:
    """Return the test examples of all earlier versions whose text is not among ``but``.

    Args:
        but: hashes of conversations.
    """
    from core.data.findings.analysis import hashes

    found: dict[int, Example] = {}
    for version in versions(versions_dir):
        for example in version.examples("test"):
            key = hashes(example.messages)[0]
            if key not in but:
                found.setdefault(key, example)
    return list(found.values())

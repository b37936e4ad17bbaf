"""From an accepted draft to a dataset version: repair, split, mix, write as one transaction."""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
import orjson
from numpy.typing import NDArray

from core.data.changed_rows import ChangedRows
from core.data.cleaning import Choices, CleaningPlan
from core.data.dataset import (
    EXAMPLES_FILE,
    META_FILE,
    PARTS,
    DatasetVersion,
    VersionMeta,
    frozen_keys,
)
from core.data.deduplication import Deduplicator, Relations
from core.data.draft import Draft, Progress
from core.data.example import Example, from_json, to_json
from core.data.findings.kinds import BIT, Kind
from core.data.mixture import (
    Added,
    MixtureOptions,
    candidates,
    chosen,
    earlier_test_examples,
    in_proportion,
    tasks_of,
)
from core.data.splitting import TEST, TRAIN, PartCodes, SplitOptions, frozen_rows, split
from core.data.versions.receipt import Account, build_receipt
from core.data.versions.receipt_page import write_receipt
from core.errors import UserFacingError
from core.language import N_, _
from core.storage.files import explained_io, write_json
from core.storage.transaction import staged_folder

REPAIRING = N_("Repairing")
SPLITTING = N_("Splitting")
WRITING = N_("Writing")
_PROGRESS_ROWS = 5000


@dataclass(frozen=True, slots=True)
class Decided:
    """What you decided."""

    choices: Choices
    split: SplitOptions
    mixture: MixtureOptions


@dataclass(frozen=True, slots=True)
class Prepared:
    """The rows that are used, in order, with their part.

    Attributes:
        identities: shape ``[rows, 2]``, hashes of each example and of what identifies it.
        changed: the rows whose text is not the stored one.
        unused: how many kept rows of each task the mixture leaves out.
        added: examples from outside, all for training.
    """

    rows: NDArray[np.int64]
    parts: PartCodes
    identities: NDArray[np.uint64]
    changed: ChangedRows
    plan: CleaningPlan
    unused: dict[str, int]
    added: list[Added]

    def counts(self) -> dict[str, int]:
        """Return how many examples each part has."""
        found = np.bincount(self.parts, minlength=len(PARTS))
        found[TRAIN] += len(self.added)
        return {name: int(count) for name, count in zip(PARTS, found, strict=True)}


def silent(phase: str, done: int, total: int) -> None:
    """A progress callback that tells nobody."""


def prepare(
    draft: Draft,
    choices: Choices,
    options: SplitOptions,
    versions_dir: Path,
    progress: Progress = silent,
    *,
    mixture: MixtureOptions | None = None,
) -> DatasetVersion:
    """Write the dataset version that follows from what was decided.

    The same files, decisions and earlier versions give the same one.

    Raises:
        UserFacingError: ``dataset.nothing_kept`` when no example is left, or the disk refuses.
    """
    decided = Decided(choices, options, mixture or MixtureOptions())
    # Beside the draft: folders for temporary files are often memory.
    with explained_io(draft.folder), tempfile.TemporaryFile(dir=draft.folder) as changed:
        prepared = _Arranger(draft, decided, versions_dir, progress, changed).arranged()
        content_hash = _hash_of(draft, prepared, progress)
        folder = versions_dir / content_hash
        if not folder.exists():
            _write(draft, decided, prepared, folder, progress)
    return DatasetVersion.load(folder)


class _Arranger:
    """Decides what stays, to which part it belongs, and what is added."""

    def __init__(
        self,
        draft: Draft,
        decided: Decided,
        versions_dir: Path,
        progress: Progress,
        changed: IO[bytes],
    ) -> None:
        progress(SPLITTING, 0, 0)
        self._draft = draft
        self._decided = decided
        self._versions = versions_dir
        self._bands = lambda done, total: progress(SPLITTING, done, total)
        self._plan = draft.plan(decided.choices)
        rows = changed_rows(draft, self._plan, decided.choices, progress)
        self._changed = ChangedRows(changed, rows)
        self._deduplicator = Deduplicator(draft, self._changed, decided.choices)
        self._tasks = tasks_of(draft)

    def arranged(self) -> Prepared:
        kept = self._kept()
        labels = self._deduplicator.groups(kept, self._bands)
        identities = self._deduplicator.identities(kept)
        offered = candidates(self._decided.mixture, self._versions, self._decided.split.seed)
        earlier_test = earlier_test_examples(self._versions, frozenset(identities[:, 0].tolist()))
        relations = self._relations(kept, earlier_test, offered)
        frozen = frozen_rows(identities, frozen_keys(self._versions))
        frozen |= np.isin(relations.kept, relations.external[: len(earlier_test)])
        parts = split(labels[kept], self._tasks.codes[kept], self._decided.split, frozen)
        used = self._used(kept, parts, identities)
        return Prepared(
            rows=kept[used],
            parts=parts[used],
            identities=identities[used],
            changed=self._changed_among(kept[used]),
            plan=self._plan,
            unused=self._unused(kept[~used]),
            added=self._added(relations, len(earlier_test), offered),
        )

    def _kept(self) -> NDArray[np.int64]:
        plan, kept = self._plan, self._plan.kept
        if self._decided.choices.is_dropped(Kind.EXACT_DUPLICATE):
            again = self._deduplicator.new_copies(kept)
            plan.reason[again] = 1 + tuple(Kind).index(Kind.EXACT_DUPLICATE)
            kept = plan.kept
        if not len(kept):
            raise UserFacingError(
                "dataset.nothing_kept",
                _("No examples are left after cleaning."),
                _("Ignore some of the findings, or choose a file with more examples."),
            )
        return kept

    def _relations(
        self, kept: NDArray[np.int64], earlier_test: list[Example], offered: list[Added]
    ) -> Relations:
        external = [*earlier_test, *(added.example for added in offered)]
        if external:
            return self._deduplicator.external(kept, external, self._bands)
        return Relations(np.full(len(kept), -1), np.zeros(0, dtype=np.int64))

    def _used(
        self, kept: NDArray[np.int64], parts: PartCodes, identities: NDArray[np.uint64]
    ) -> NDArray[np.bool_]:
        used = np.ones(len(kept), dtype=np.bool_)
        train = np.flatnonzero(parts == TRAIN)
        shares = self._decided.mixture.shares
        used[train] = in_proportion(self._tasks, kept[train], identities[train, 0], shares)
        return used

    def _unused(self, rows: NDArray[np.int64]) -> dict[str, int]:
        return {name: count for name, count in self._tasks.counts(rows).items() if count}

    def _changed_among(self, rows: NDArray[np.int64]) -> ChangedRows:
        present = np.zeros(len(self._draft), dtype=np.bool_)
        present[rows] = True
        return self._changed.among(lambda number: bool(present[number]))

    def _added(self, relations: Relations, tested: int, offered: list[Added]) -> list[Added]:
        labels = relations.external[tested:]
        known = np.isin(labels, np.concatenate([relations.kept, relations.external[:tested]]))
        return chosen(offered, known, labels, self._decided.mixture)


def changed_rows(
    draft: Draft, plan: CleaningPlan, choices: Choices, progress: Progress
) -> Iterator[tuple[int, Example]]:
    """Yield the rows whose text is not the stored one."""
    kept = plan.reason == 0
    broken = (draft.facts["kinds"] & np.uint32(BIT[Kind.BROKEN_TEXT])) != 0
    touched = kept & ((plan.repairs != 0) | broken)
    touched[[n for n, c in choices.rows.items() if c.texts]] = True
    numbers = np.flatnonzero(touched & kept).tolist()
    for place, (number, line) in enumerate(draft.lines(numbers)):
        if place % _PROGRESS_ROWS == 0:
            progress(REPAIRING, place, len(numbers))
        example = from_json(orjson.loads(line))
        yield number, draft.repaired(example, int(plan.repairs[number]), choices.rows.get(number))


def _records(draft: Draft, prepared: Prepared, progress: Progress, phase: str) -> Iterator[bytes]:
    """Yield the lines of ``examples.jsonl``; the part stands last in each."""
    endings = [b',"part":"' + name.encode() + b'"}\n' for name in PARTS]
    total = len(prepared.rows)
    for place, (number, line) in enumerate(draft.lines(prepared.rows.tolist())):
        example = prepared.changed.get(number)
        body = line.rstrip(b"\n") if example is None else orjson.dumps(to_json(example))
        yield body[:-1] + endings[prepared.parts[place]]
        if place % _PROGRESS_ROWS == 0:
            progress(phase, place, total)
    for added in prepared.added:
        body = orjson.dumps({**to_json(added.example), "added": added.origin})
        yield body[:-1] + endings[TRAIN]


def _hash_of(draft: Draft, prepared: Prepared, progress: Progress) -> str:
    digest = hashlib.sha256()
    for record in _records(draft, prepared, progress, SPLITTING):
        digest.update(record)
    return digest.hexdigest()[:32]


def _write(
    draft: Draft, decided: Decided, prepared: Prepared, folder: Path, progress: Progress
) -> None:
    meta = VersionMeta(
        content_hash=folder.name,
        counts=prepared.counts(),
        added=dict(Counter(added.origin for added in prepared.added)),
        seed=decided.split.seed,
        held_out=decided.split.held_out,
        near_threshold=draft.summary.options.near_threshold,
        test_keys=tuple(np.unique(prepared.identities[prepared.parts == TEST]).tolist()),
    )
    account = Account(
        prepared.plan, prepared.changed, prepared.unused, decided.choices, decided.mixture
    )
    receipt = build_receipt(draft, account, meta)
    with staged_folder(folder) as staging:
        with (staging / EXAMPLES_FILE).open("wb") as stream:
            stream.writelines(_records(draft, prepared, progress, WRITING))
        write_json(staging / META_FILE, meta.model_dump(mode="json"), durable=False)
        write_receipt(staging, receipt)

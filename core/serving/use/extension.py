"""A version made from a version: the same examples in the same parts, and more to train on.

What is added comes as a draft, read and cleaned as files are. Held-out examples stay what they
were, and nothing that resembles one of them, of this or an earlier version, is trained on.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import orjson
from numpy.typing import NDArray

from core.data.changed_rows import ChangedRows
from core.data.cleaning import Choices, CleaningPlan
from core.data.dataset import (
    EXAMPLES_FILE,
    META_FILE,
    DatasetVersion,
    VersionMeta,
    frozen_keys,
)
from core.data.deduplication import Deduplicator
from core.data.draft import Draft
from core.data.example import Example, to_json
from core.data.findings.analysis import hashes
from core.data.mixture import earlier_test_examples
from core.data.preparation import changed_rows, silent
from core.data.splitting import frozen_rows
from core.data.versions.receipt import Receipt
from core.data.versions.receipt_page import write_receipt
from core.storage.files import explained_io, write_json
from core.storage.transaction import staged_folder

_ENDING = b'"part":"train"}\n'


@dataclass(frozen=True, slots=True)
class Extension:
    """What became of the rows of the draft, by their numbers.

    Attributes:
        version: the new one, or the old one where nothing was added.
        added: they are trained on.
        held_out: they resemble an example that is kept for checks and tests.
        known: they are training examples already.
        dropped: cleaning left them out.
    """

    version: DatasetVersion
    added: tuple[int, ...]
    held_out: tuple[int, ...]
    known: tuple[int, ...]
    dropped: tuple[int, ...]


def extend(
    version: DatasetVersion,
    draft: Draft,
    versions_dir: Path,
    origin: str,
    choices: Choices | None = None,
) -> Extension:
    """Write ``version`` with the rows of ``draft`` as further training examples.

    Args:
        origin: what the version's facts call them.

    Raises:
        UserFacingError: the version is damaged, or the disk refuses.
    """
    choices = choices or Choices()
    plan = draft.plan(choices)
    with explained_io(draft.folder), tempfile.TemporaryFile(dir=draft.folder) as changed:
        rows = ChangedRows(changed, changed_rows(draft, plan, choices, silent))
        deduplicator = Deduplicator(draft, rows, choices)
        kept = _kept(plan, deduplicator)
        held = _resembles_held_out(deduplicator, kept, version, versions_dir)
        keys = {hashes(example.messages)[0] for example in version.examples("train")}
        known = np.isin(deduplicator.key[kept], np.array(sorted(keys), dtype=np.uint64)) & ~held
        added = kept[~held & ~known]
        lines = [_line(rows.get(int(n)) or draft.row(int(n)), origin) for n in added]  # type: ignore[arg-type]
    everything = np.arange(len(draft))
    return Extension(
        version=_written(version, lines, origin, versions_dir) if lines else version,
        added=tuple(added.tolist()),
        held_out=tuple(kept[held].tolist()),
        known=tuple(kept[known].tolist()),
        dropped=tuple(np.setdiff1d(everything, kept).tolist()),
    )


def _kept(plan: CleaningPlan, deduplicator: Deduplicator) -> NDArray[np.int64]:
    kept = plan.kept
    kept = np.setdiff1d(kept, deduplicator.new_copies(kept)) if len(kept) else kept
    _keys, first = np.unique(deduplicator.key[kept], return_index=True)
    return kept[np.sort(first)]


def _resembles_held_out(
    deduplicator: Deduplicator,
    kept: NDArray[np.int64],
    version: DatasetVersion,
    versions_dir: Path,
) -> NDArray[np.bool_]:
    """Which rows are, ask the same as, or nearly repeat an example that is kept out of training."""
    held = earlier_test_examples(versions_dir, frozenset())
    held += [*version.examples("validation"), *version.examples("test")]
    frozen = frozen_rows(deduplicator.identities(kept), frozen_keys(versions_dir))
    if not held or not len(kept):
        return frozen
    relations = deduplicator.external(kept, held, lambda _done, _total: None)
    return frozen | np.isin(relations.kept, relations.external)


def _line(example: Example, origin: str) -> bytes:
    record = orjson.dumps({**to_json(example), "added": origin})
    return record[:-1] + b"," + _ENDING


def _written(
    version: DatasetVersion, lines: Sequence[bytes], origin: str, versions_dir: Path
) -> DatasetVersion:
    def everything() -> Iterator[bytes]:
        yield from version.lines()
        yield from lines

    digest = hashlib.sha256()
    for line in everything():
        digest.update(line)
    folder = versions_dir / digest.hexdigest()[:32]
    if not folder.exists():
        meta = _meta(version.meta, folder.name, len(lines), origin)
        receipt = Receipt.model_validate(version.receipt()).model_copy(
            update={"content_hash": folder.name, "split": meta.counts, "added": meta.added}
        )
        with staged_folder(folder) as staging:
            with (staging / EXAMPLES_FILE).open("wb") as stream:
                stream.writelines(everything())
            write_json(staging / META_FILE, meta.model_dump(mode="json"), durable=False)
            write_receipt(staging, receipt)
    return DatasetVersion.load(folder)


def _meta(before: VersionMeta, name: str, more: int, origin: str) -> VersionMeta:
    return before.model_copy(
        update={
            "content_hash": name,
            "counts": {**before.counts, "train": before.counts.get("train", 0) + more},
            "added": {**before.added, origin: before.added.get(origin, 0) + more},
        }
    )

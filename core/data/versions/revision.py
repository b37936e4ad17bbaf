"""A version made from a version: the same examples but some that the model cannot learn from."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import orjson

from core.data.dataset import EXAMPLES_FILE, META_FILE, DatasetVersion, part_of
from core.data.findings.kinds import Kind
from core.data.versions.receipt import ROWS_LISTED, Receipt, RowChange
from core.data.versions.receipt_page import write_receipt
from core.errors import UserFacingError
from core.language import _
from core.storage.files import write_json
from core.storage.transaction import staged_folder


def leave_out(
    version: DatasetVersion, reasons: Mapping[int, str], versions_dir: Path
) -> DatasetVersion:
    """Write ``version`` without some examples; every other keeps its part.

    Args:
        reasons: place of each example in the version (from 0) → why it is left out.

    Raises:
        UserFacingError: code ``dataset.nothing_kept`` when no example would be left.
    """
    digest, counts = hashlib.sha256(), Counter[str]()
    for line in _kept(version, reasons):
        digest.update(line)
        counts[part_of(line)] += 1
    if not counts:
        raise UserFacingError(
            "dataset.nothing_kept",
            _("The model could learn from none of these examples."),
            _("Raise the length limit, choose another base model, or check the examples again."),
        )
    folder = versions_dir / digest.hexdigest()[:32]
    if not folder.exists():
        _write(version, reasons, folder, {part: counts[part] for part in version.counts})
    return DatasetVersion.load(folder)


def _kept(version: DatasetVersion, reasons: Mapping[int, str]) -> Iterator[bytes]:
    return (line for place, line in enumerate(version.lines()) if place not in reasons)


def _write(
    version: DatasetVersion, reasons: Mapping[int, str], folder: Path, counts: dict[str, int]
) -> None:
    changes, lost = _changes(version, reasons)
    added = {name: count - lost[name] for name, count in version.meta.added.items()}
    meta = version.meta.model_copy(
        update={"content_hash": folder.name, "counts": counts, "added": added}
    )
    receipt = _receipt(version, changes).model_copy(
        update={"content_hash": folder.name, "split": counts, "added": added}
    )
    with staged_folder(folder) as staging:
        with (staging / EXAMPLES_FILE).open("wb") as stream:
            stream.writelines(_kept(version, reasons))
        write_json(staging / META_FILE, meta.model_dump(mode="json"), durable=False)
        write_receipt(staging, receipt)


def _changes(
    version: DatasetVersion, reasons: Mapping[int, str]
) -> tuple[list[RowChange], Counter[str]]:
    """Return what is left out of your rows, and how many of the added ones."""
    changes, lost = [], Counter[str]()
    for place, line in enumerate(version.lines()):
        if place not in reasons:
            continue
        record = orjson.loads(line)
        if origin := record.get("added"):
            lost[origin] += 1
            continue
        source = record["source"]
        changes.append(
            RowChange(
                file=source["file"],
                line=source["line"],
                what="dropped",
                by="rule",
                reasons=(Kind.UNLEARNABLE.value,),
                details=reasons[place],
            )
        )
    return changes, lost


def _receipt(version: DatasetVersion, changes: list[RowChange]) -> Receipt:
    before = Receipt.model_validate(version.receipt())
    name = Kind.UNLEARNABLE.value
    dropped = before.dropped.get(name, 0) + len(changes)
    found = before.findings.get(name, 0) + len(changes)
    return before.model_copy(
        update={
            "kept": before.kept - len(changes),
            "dropped": {**before.dropped, name: dropped} if dropped else before.dropped,
            "findings": {**before.findings, name: found} if found else before.findings,
            "rows": (*changes, *before.rows)[:ROWS_LISTED],
        }
    )

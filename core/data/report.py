"""The object that ``inspect`` and ``prepare`` print with ``--json``."""

from __future__ import annotations

from typing import Any

from core.data.cleaning import Choices
from core.data.dataset import DatasetVersion
from core.data.draft import Draft, DraftSummary
from core.data.findings.kinds import Kind


def draft_report(draft: Draft, choices: Choices | None = None) -> dict[str, Any]:
    """Return what a scan found, and what the (default) choices would keep and drop."""
    kept = draft.plan(choices or Choices()).kept_count
    return _report(draft.summary, kept, split={}, content_hash="")


def version_report(draft: Draft, version: DatasetVersion) -> dict[str, Any]:
    """Return the same object for an accepted version, with its split and content hash."""
    counts = version.counts
    return _report(draft.summary, sum(counts.values()), counts, version.content_hash)


def _report(
    summary: DraftSummary, kept: int, split: dict[str, int], content_hash: str
) -> dict[str, Any]:
    return {
        "format": summary.format,
        "shape": summary.shape,
        "encoding": summary.encoding,
        "confidence": round(summary.confidence, 2),
        "columns": {name: summary.mapping.get(name, "") for name in summary.columns},
        "rows_read": summary.rows,
        "kept": kept,
        "dropped": summary.rows - kept,
        "findings": {kind.value: summary.findings.get(kind, 0) for kind in Kind},
        "split": split,
        "content_hash": content_hash,
        "problems": [problem.model_dump() for problem in summary.problems],
    }

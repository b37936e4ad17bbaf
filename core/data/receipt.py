"""The receipt of a dataset version: what came in, what was changed and dropped, why, by whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict

from core.data.cleaning import BY_PERSON, Choices, Plan, RowAction, reason_name
from core.data.dataset import VersionMeta
from core.data.draft import Draft, Problem, SourceSummary
from core.data.example import BadRow, Example
from core.data.findings.kinds import INFO, Kind, kinds_in

RECEIPT_FILE = "receipt.json"
RECEIPT_PAGE = "receipt.md"
_ROWS_LISTED = 10_000
_ROWS_ON_PAGE = 200


class RowChange(BaseModel):
    """One row that was changed or left out.

    ``by`` says whether a rule or a person decided; ``reasons`` are kinds of findings.
    """

    model_config = ConfigDict(frozen=True)

    file: str
    line: int
    what: Literal["changed", "dropped"]
    by: Literal["rule", "person"]
    reasons: tuple[str, ...]


class Receipt(BaseModel):
    """The whole account; ``read`` = ``kept`` + the sum of ``dropped``.

    ``rows`` lists at most 10,000 rows; the counts are always complete.
    """

    model_config = ConfigDict(frozen=True)

    content_hash: str
    sources: tuple[SourceSummary, ...]
    read: int
    kept: int
    changed: int
    dropped: dict[str, int]
    changed_by_kind: dict[str, int]
    findings: dict[str, int]
    choices: Choices
    split: dict[str, int]
    seed: int
    near_threshold: float
    max_tokens: int
    problems: tuple[Problem, ...]
    rows: tuple[RowChange, ...]


def build_receipt(
    draft: Draft, choices: Choices, plan: Plan, changed: Mapping[int, Example], meta: VersionMeta
) -> Receipt:
    """Return the receipt for what ``plan`` did to ``draft``."""
    repairs = plan.repairs[plan.reason == 0]
    by_kind = {kind.value: int(((repairs & (1 << n)) != 0).sum()) for n, kind in enumerate(Kind)}
    return Receipt(
        content_hash=meta.content_hash,
        sources=draft.summary.sources,
        read=len(draft),
        kept=plan.kept_count,
        changed=len(changed),
        dropped=plan.dropped_by(),
        changed_by_kind={kind: count for kind, count in by_kind.items() if count},
        findings={kind.value: count for kind, count in draft.summary.findings.items()},
        choices=choices,
        split=meta.counts,
        seed=meta.seed,
        near_threshold=meta.near_threshold,
        max_tokens=draft.summary.options.max_tokens,
        problems=draft.summary.problems,
        rows=tuple(_rows(draft, choices, plan, changed)),
    )


def _rows(
    draft: Draft, choices: Choices, plan: Plan, changed: Mapping[int, Example]
) -> list[RowChange]:
    dropped = np.flatnonzero(plan.reason != 0)[:_ROWS_LISTED].tolist()
    numbers = sorted({*dropped, *list(changed)[:_ROWS_LISTED]})[:_ROWS_LISTED]
    result = []
    for number in numbers:
        item: Example | BadRow = draft.row(number)
        code = int(plan.reason[number])
        edited = number in choices.rows and choices.rows[number].action is RowAction.EDIT
        reasons = (reason_name(code),) if code else kinds_in(int(plan.repairs[number]))
        result.append(
            RowChange(
                file=item.source.file,
                line=item.source.line,
                what="dropped" if code else "changed",
                by="person" if code == BY_PERSON or edited else "rule",
                reasons=("edited",) if edited and not code else tuple(map(str, reasons)),
            )
        )
    return result


def receipt_page(receipt: Receipt) -> str:
    """Return the receipt as Markdown that a person can read and print."""
    split = ", ".join(f"{count} {part}" for part, count in receipt.split.items())
    lines = [
        "# Receipt of your examples",
        "",
        f"{receipt.read} rows came in, {receipt.kept} were kept ({split}), "
        f"{receipt.changed} of them changed.",
        "",
        f"Content hash: `{receipt.content_hash}` (seed {receipt.seed}).",
        "",
        "## Files",
        "",
        "| file | format | rows | SHA-256 |",
        "|---|---|---|---|",
        *(f"| {s.label} | {s.format} | {s.rows} | `{s.sha256[:16]}…` |" for s in receipt.sources),
        "",
        "## What was found and done",
        "",
        "| finding | found | changed | left out |",
        "|---|---|---|---|",
        *_finding_lines(receipt),
        "",
        "## Rows",
        "",
        *_row_lines(receipt),
        "",
    ]
    return "\n".join(lines)


def _finding_lines(receipt: Receipt) -> list[str]:
    lines = []
    for name in dict.fromkeys([*receipt.findings, *receipt.dropped]):
        title = "left out by you" if name == "person" else INFO[Kind(name)].title
        found, changed = receipt.findings.get(name, 0), receipt.changed_by_kind.get(name, 0)
        lines.append(f"| {title} | {found} | {changed} | {receipt.dropped.get(name, 0)} |")
    return lines


def _row_lines(receipt: Receipt) -> list[str]:
    shown = [
        f"- {row.file}, line {row.line}: {row.what} by {'you' if row.by == 'person' else 'rule'}"
        f" ({', '.join(row.reasons)})"
        for row in receipt.rows[:_ROWS_ON_PAGE]
    ]
    total = receipt.changed + sum(receipt.dropped.values())
    if total > len(shown):
        shown.append(f"- … and {total - len(shown)} more; receipt.json lists them.")
    return shown

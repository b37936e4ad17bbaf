"""The receipt of a dataset version: what came in, what was changed and dropped, why, by whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from core.data.cleaning import BY_PERSON, Choices, CleaningPlan, RowAction, reason_name
from core.data.dataset import VersionMeta
from core.data.draft import Draft, Problem, SourceSummary
from core.data.example import BadRow, Example
from core.data.findings.kinds import Kind, kinds_in
from core.data.mixture import MixtureOptions
from core.storage.recorded import Recorded

MIXTURE = "mixture"
ROWS_LISTED = 10_000


class RowChange(BaseModel):
    """One row that was changed or left out.

    ``by`` says whether a rule or you decided; ``reasons`` are kinds of findings; ``details``
    is a sentence where the reason has one.
    """

    model_config = ConfigDict(frozen=True)

    file: str
    line: int
    what: Literal["changed", "dropped"]
    by: Literal["rule", "person"]
    reasons: tuple[str, ...]
    details: Recorded = ""


class Receipt(BaseModel):
    """The whole account; ``read`` = ``kept`` + the sum of ``dropped``.

    Attributes:
        kept: rows of the files that are in the version; ``added`` ones come on top.
        dropped: kind of finding, ``person`` or ``mixture`` → rows.
        unused: how many rows of each task the mixture leaves out; they are in ``dropped`` too.
        added: ``general`` or ``earlier`` → examples from outside the files.
        reviewed: what you said in the guided review → rows.
        rows: at most 10,000 rows; the counts are always complete.
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
    mixture: MixtureOptions = Field(default_factory=MixtureOptions)
    unused: dict[str, int] = Field(default_factory=dict)
    added: dict[str, int] = Field(default_factory=dict)
    reviewed: dict[str, int] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Account:
    """What became of the rows, and what was decided; see ``core.data.preparation.Prepared``."""

    plan: CleaningPlan
    changed: Mapping[int, Example]
    unused: dict[str, int]
    choices: Choices
    mixture: MixtureOptions


def build_receipt(draft: Draft, account: Account, meta: VersionMeta) -> Receipt:
    """Return the receipt for what became of ``draft``."""
    plan, choices = account.plan, account.choices
    repairs = plan.repairs[plan.reason == 0]
    by_kind = {kind.value: int(((repairs & (1 << n)) != 0).sum()) for n, kind in enumerate(Kind)}
    unused = sum(account.unused.values())
    return Receipt(
        content_hash=meta.content_hash,
        sources=draft.summary.sources,
        read=len(draft),
        kept=plan.kept_count - unused,
        changed=len(account.changed),
        dropped={**plan.dropped_by(), **({MIXTURE: unused} if unused else {})},
        changed_by_kind={kind: count for kind, count in by_kind.items() if count},
        findings={kind.value: count for kind, count in draft.summary.findings.items()},
        choices=choices,
        split=meta.counts,
        seed=meta.seed,
        near_threshold=meta.near_threshold,
        max_tokens=draft.summary.options.max_tokens,
        problems=draft.summary.problems,
        rows=tuple(_rows(draft, account)),
        mixture=account.mixture,
        unused=account.unused,
        added=meta.added,
        reviewed=dict(Counter(str(verdict) for verdict in choices.reviewed.values())),
    )


def _rows(draft: Draft, account: Account) -> list[RowChange]:
    dropped = np.flatnonzero(account.plan.reason != 0)[:ROWS_LISTED].tolist()
    numbers = sorted({*dropped, *list(account.changed)[:ROWS_LISTED]})[:ROWS_LISTED]
    return [_row(draft.row(number), number, account) for number in numbers]


def _row(item: Example | BadRow, number: int, account: Account) -> RowChange:
    choice = account.choices.rows.get(number)
    code = int(account.plan.reason[number])
    edited = choice is not None and choice.action is RowAction.EDIT
    reasons = (reason_name(code),) if code else kinds_in(int(account.plan.repairs[number]))
    return RowChange(
        file=item.source.file,
        line=item.source.line,
        what="dropped" if code else "changed",
        by="person" if code == BY_PERSON or edited else "rule",
        reasons=("edited",) if edited and not code else tuple(map(str, reasons)),
        details=item.reason if isinstance(item, BadRow) else "",
    )

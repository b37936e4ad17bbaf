"""What a scan or a preparation reports, see :class:`core.data.spec.DataReport`."""

from __future__ import annotations

from core.data.cleaning import Choices
from core.data.dataset import DatasetVersion
from core.data.draft import Draft, DraftSummary
from core.data.findings.kinds import Kind
from core.data.spec import DataReport, LeaveOutResult, VersionReport
from core.errors import UserFacingError
from core.language import Sentence, _, in_a_row


def draft_report(draft: Draft, choices: Choices | None = None) -> DataReport:
    """Return what a scan found, and what the (default) choices would keep and drop."""
    return _report(draft.summary, draft.plan(choices or Choices()).kept_count)


def version_report(draft: Draft, version: DatasetVersion) -> VersionReport:
    """Return the same for an accepted version, with its split and content hash."""
    counts, added = version.counts, version.meta.added
    found = _report(draft.summary, sum(counts.values()) - sum(added.values()))
    accepted = {"split": counts, "content_hash": version.content_hash, "added": added}
    return VersionReport.model_validate({**dict(found), **accepted})


def with_unlearnable(report: VersionReport, left: LeaveOutResult) -> VersionReport:
    """Return ``report`` after a base model's unlearnable examples were left out."""
    kind, added = Kind.UNLEARNABLE.value, left.added
    kept = sum(left.counts.values()) - sum(added.values())
    lost = report.kept - kept
    return report.model_copy(
        update={
            "kept": kept,
            "dropped": report.dropped + lost,
            "findings": {**report.findings, kind: report.findings[kind] + lost},
            "split": left.counts,
            "content_hash": left.content_hash,
            "problems": (*report.problems, *left.problems),
            "added": added,
        }
    )


SURE = 0.6
"""From this confidence on a guess is not called one."""

ENOUGH = 0.5
"""Below this confidence nothing is prepared without being told how to read the files."""


def check_guess(report: DataReport) -> None:
    """Refuse to continue with a guess that is hardly one.

    Raises:
        UserFacingError: ``dataset.unsure``, with what would be taken.
    """
    if not report.kept and report.notices:
        raise UserFacingError(
            "dataset.nothing_read",
            _(
                "None of the {rows:,} rows can be used. {notice}",
                rows=report.rows_read,
                notice=report.notices[0],
            ),
            _("Change the file, or say how to read it with --column and --speaker."),
        )
    if report.confidence >= ENOUGH:
        return
    taken = [
        _("“{name}” as {role}", name=name, role=role)
        for name, role in report.columns.items()
        if role
    ]
    raise _unsure(taken) if taken else _nothing_found()


def _unsure(taken: list[Sentence]) -> UserFacingError:
    return UserFacingError(
        "dataset.unsure",
        _(
            "It is not clear what to learn from these files. The guess is {guess}.",
            guess=in_a_row(taken),
        ),
        _(
            "Say what each column is with --column NAME=question and --column NAME=answer, or "
            "take the guess with --accept-guess."
        ),
    )


def _nothing_found() -> UserFacingError:
    return UserFacingError(
        "dataset.unsure",
        _("Nothing in these files looks like questions and answers."),
        _("Say what each column is with --column NAME=question and --column NAME=answer."),
    )


def _report(summary: DraftSummary, kept: int) -> DataReport:
    return DataReport(
        format=summary.format,
        shape=summary.shape,
        encoding=summary.encoding,
        confidence=round(summary.confidence, 2),
        columns={name: summary.mapping.get(name, "") for name in summary.columns},
        rows_read=summary.rows,
        kept=kept,
        dropped=summary.rows - kept,
        findings={kind.value: summary.findings.get(kind, 0) for kind in Kind},
        notices=tuple(notice.text for notice in summary.notices),
        unused=summary.unused,
        problems=summary.problems,
    )

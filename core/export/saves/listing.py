"""What was saved of a fine-tune, read from the project's export jobs, failed ones too.

A job's folder may come from elsewhere: only a folder that was proved on this computer is looked at
and called saved.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.events import Failed, Finished
from core.export.proofs import proof_state
from core.export.saves.forms import FORMS, Choice
from core.jobs.likeness import Verdict
from core.jobs.spec import ExportParams, ExportResult, asked_of
from core.jobs.status import is_running, last_event
from core.project import Project, RunFolder

State = Literal["unchanged", "changed", "gone", "unknown", "refused"]
"""Of a folder: as it was proved here, or not; ``refused``: it was never saved."""


@dataclass(frozen=True, slots=True)
class SavedForm:
    """One saving that has ended.

    Attributes:
        job: the name of its job.
        run: the fine-tune.
        folder: where it was saved, or should have been.
        result: ``None`` where it was not saved.
        reason: why it was not saved, else ``""``.
        details: technical text about that.
    """

    job: str
    run: str
    choice: Choice
    folder: Path
    state: State
    result: ExportResult | None = None
    reason: str = ""
    details: str = ""

    @property
    def verdict(self) -> Verdict:
        """Whether it answers like the fine-tune; an adapter that was saved computes the same."""
        if self.result is None:
            return Verdict.DIFFERENT
        return self.result.likeness.verdict if self.result.likeness is not None else Verdict.SAME


def just_saved(result: ExportResult, run: str) -> SavedForm:
    """Return what a saving has just given."""
    choice, folder = Choice(result.form, result.quant), Path(result.folder)
    return SavedForm("", run, choice, folder, "unchanged", result)


def saved_forms(project: Project, run: str = "") -> list[SavedForm]:
    """Return what was saved of a fine-tune, or of all of the project, the newest first."""
    found = []
    for job in project.runs("export"):
        one = saved_form(job)
        if one is not None and run in ("", one.run):
            found.append(one)
    return found[::-1]


def saved_form(job: RunFolder) -> SavedForm | None:
    """Return what a job saved; ``None`` while it runs, where it was cancelled or is unreadable."""
    asked = asked_of(job)
    if not isinstance(asked, ExportParams) or is_running(job):
        return None
    quant = asked.quant if asked.form in FORMS and FORMS[asked.form].quants else ""
    choice, folder = Choice(asked.form, quant), Path(asked.to)
    last = last_event(job)
    if isinstance(last, Failed):
        return SavedForm(
            job.name, asked.run, choice, folder, "refused", reason=last.what, details=last.details
        )
    if not isinstance(last, Finished) or not isinstance(last.result, ExportResult):
        return None
    state = proof_state(Path(last.result.folder))
    return SavedForm(job.name, asked.run, choice, Path(last.result.folder), state, last.result)

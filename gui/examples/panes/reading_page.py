"""Files become a draft: read, read again, others beside them; what was decided stays."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path

from pydantic import ValidationError
from PySide6.QtWidgets import QWidget

from core.actions.examples import scan_params
from core.data.cleaning import Choices
from core.data.draft import Draft, has_draft
from core.data.readers import ReadOptions
from core.data.versions.carried import Decided, carried_over, decided
from core.errors import UserFacingError
from core.language import _, ngettext
from gui.examples.findings.edit_history import EditHistory, Edits, Reading
from gui.examples.panes.arranged_page import ArrangedPage
from gui.wizard.session import Session

_DECIDED = "decided"  # not shown: the name in the page's memory


class ReadingPage(ArrangedPage):
    """A page with a draft, which is replaced when its files are read in another way.

    Attributes:
        draft: what was read, while it is open.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.draft: Draft | None = None
        self._goes_back = False  # the files are read as they were before the last reading

    def leave(self) -> None:
        """Keep the decisions in the project."""
        if self.draft is not None:
            self.remember(**self.edits.to_memory(self.draft.name))

    def read_files(self, paths: list[Path], options: ReadOptions | None = None) -> None:
        """Read files into a new draft; the present one stays until that is done.

        A reading that is under way ends: what was wanted last counts.
        """
        project = self.session.require_project()
        if self.draft is not None:
            known = decided(self.draft, self.choices)
            self.leave()
            self.remember(**{_DECIDED: known.model_dump(mode="json")})
        self._job.cancel()
        self._goes_back = False
        self._job_about = "reading"
        self.awaited.emit()
        self._job.run(
            project.new_run("scan"), _("Reading your examples …"), scan_params(paths, options)
        )

    def add_files(self, paths: list[Path]) -> None:
        """Read files behind those in use, in the same way; what was decided stays."""
        if self.draft is None and has_draft(self.session.require_project().draft):
            self._open_draft()
        if self.draft is None:
            self.read_files(paths)
            return
        now = Reading.of(self.draft.summary)
        self.read_files(list(dict.fromkeys([*now.files(), *paths])), now.options.read)

    def _read_again(self, options: ReadOptions) -> None:
        if self.draft is not None:
            self.read_files(Reading.of(self.draft.summary).files(), options)

    def undo(self) -> None:
        """Go back to the choices before the last one, and to the files that they are about."""
        before = self.edits.reading_before
        if before is None or before == self.edits.reading:
            super().undo()
        elif not self.is_busy():
            self.read_files(before.files(), before.options.read)
            self._goes_back = True

    @abstractmethod
    def _open_draft(self) -> None:
        """Open what the project holds, in several turns of the event loop."""

    def _take_draft(self) -> Draft | None:
        """Open the project's draft with what was decided about it, or say why that fails."""
        try:
            draft = Draft(self.session.require_project().draft)
        except UserFacingError as error:
            self.failed.emit(error)
            return None
        self.draft = draft
        reading, known = Reading.of(draft.summary), self.memory()
        if known.get("draft") == draft.name:
            self.edits = EditHistory.from_memory(known, draft.name, reading)
        elif self._goes_back and self.edits.reading_before == reading:
            self.edits.undo()
            self.leave()
        else:
            self._carry_over(draft, reading)
            self.leave()
        self._goes_back = False
        return draft

    def _carry_over(self, draft: Draft, reading: Reading) -> None:
        """Decide about a new draft as about the last one, where it holds the same files."""
        known = self._last_decided()
        choices = carried_over(known, draft) if known is not None else None
        if known is None or choices is None:
            now = Edits(reading=reading)
        else:
            if self.edits.reading is None:  # the window was closed while it was read
                memory = self.memory()
                before = Reading(sources=known.sources, options=known.options)
                self.edits = EditHistory.from_memory(memory, str(memory.get("draft")), before)
            now = self.edits.now.model_copy(update={"choices": choices, "reading": reading})
        if self.edits.reading is None:
            self.edits = EditHistory(now)
            return
        # Translators: what undo takes back.
        self.edits.replace(_("reading of your files"), now)
        if known is not None and choices is not None and known.choices != Choices():
            self._offer_undo(_what_stays(len(known.rows) - len({*choices.rows, *choices.reviewed})))

    def _last_decided(self) -> Decided | None:
        try:
            return Decided.model_validate(self.memory().get(_DECIDED))
        except ValidationError:
            return None


def _what_stays(lost: int) -> str:
    if not lost:
        return _("Your files were read. What you decided before stays.")
    return ngettext(
        "Your files were read. What you decided before stays, but for {count:,} row that is no "
        "longer there.",
        "Your files were read. What you decided before stays, but for {count:,} rows that are no "
        "longer there.",
        lost,
    )

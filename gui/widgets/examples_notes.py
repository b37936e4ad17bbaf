"""One sentence about the examples as a whole: none left, unreadable rows, too few."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from core.data.draft import DraftSummary
from core.data.findings.kinds import Kind
from gui.widgets.message_bar import MessageBar
from gui.wording import plural

_FEW = 100


class ExamplesNotes(MessageBar):
    """Hidden where there is nothing to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, dismissable=False)

    def show_notes(self, summary: DraftSummary, kept: int) -> None:
        """Say what matters most about a draft of which ``kept`` rows stay."""
        problems = summary.problems
        if kept == 0:
            self.say(
                "problem",
                "No example is left.",
                "Check the columns above, ignore some findings, or choose another file.",
            )
        elif problems:
            first = problems[0]
            self.say(
                "warning",
                f"{plural(summary.findings[Kind.MALFORMED_ROW], 'row')} could not be read"
                f" – the first is {first.file}, line {first.line:,}: {first.reason}.",
                "The rest is used; the card below shows all of them.",
            )
        elif kept < _FEW:
            self.say(
                "warning",
                f"Only {plural(kept, 'example')}.",
                "Fine for changing style; too few to teach new knowledge.",
            )
        else:
            self.hide()

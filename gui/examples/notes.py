"""One sentence about the examples as a whole: none left, unreadable rows, too few."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from core.data.draft import DraftSummary
from core.data.findings.kinds import Kind
from core.language import _, ngettext
from gui.kit.labels import set_look
from gui.kit.message_bar import MessageBar
from gui.kit.theme import Tone

_FEW = 100


class ExamplesNotes(MessageBar):
    """Hidden where there is nothing to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, dismissable=False)

    def say(self, tone: Tone, what: str, todo: str = "", *_more: object) -> None:
        """Say it quietly: a sign and a sentence, no bar."""
        super().say(tone, what, todo)
        set_look(self, card="quiet")

    def show_notes(self, summary: DraftSummary, kept: int) -> None:
        """Say what matters most about a draft of which ``kept`` rows stay."""
        problems = summary.problems
        if kept == 0 and summary.speakers:
            self.hide()  # the question above says what is wanted
        elif kept == 0:
            self.say(
                "problem",
                _("No examples are left."),
                _("Check the columns above, ignore some findings, or choose another file."),
            )
        elif problems:
            first = problems[0]
            self.say(
                "warning",
                ngettext(
                    "{count:,} row could not be read: {file}, line {line:,}: {reason}.",
                    "{count:,} rows could not be read. The first is {file}, line {line:,}: "
                    "{reason}.",
                    summary.findings[Kind.MALFORMED_ROW],
                    file=first.file,
                    line=first.line,
                    reason=first.reason,
                ),
                _("All other rows are used. The card below lists the unreadable ones."),
            )
        elif kept < _FEW:
            self.say(
                "warning",
                ngettext("Only {count:,} example.", "Only {count:,} examples.", kept),
                _("This is enough to change the style, but too few to teach new knowledge."),
            )
        else:
            self.hide()

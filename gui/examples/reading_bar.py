"""How the files of examples were read, with ways to correct it and to see the last receipt."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from core.data.draft import DraftSummary
from core.data.readers import ReadOptions
from core.data.report import SURE
from core.language import _, ngettext
from gui.examples.column_mapping import ColumnMapping, guessed_in_words, notices_in_words
from gui.examples.speaker_question import SpeakerQuestion
from gui.kit.boxes import vbox
from gui.kit.flow import Flow
from gui.kit.labels import label
from gui.kit.theme import Space


class ReadingBar(QWidget):
    """Says what was guessed; unfolds the mapping where the guess is not sure.

    Attributes:
        corrected: read again; carries ``ReadOptions``.
    """

    corrected = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.guessed = label("", "small")
        self.in_use = label("", "small")
        self.in_use.hide()
        self.receipt = QPushButton(_("What was changed …"))
        self.receipt.setAccessibleName(_("Receipt for the examples you accepted last"))
        self.receipt.hide()
        self.correct = QPushButton(_("Correct columns or encoding …"))
        self.correct.setCheckable(True)
        for button in (self.receipt, self.correct):
            button.setProperty("kind", "link")
        self.mapping = ColumnMapping()
        self.mapping.hide()
        self.mapping.corrected.connect(self._correct)
        self._read = ReadOptions()
        self.who = SpeakerQuestion()
        self.who.chosen.connect(self._choose_speakers)
        self.correct.toggled.connect(self._show_mapping)
        vbox(
            vbox(self.guessed, self.in_use, Flow(self.correct, self.receipt), spacing=Space.TINY),
            self.who,
            self.mapping,
            on=self,
            margins=0,
            spacing=Space.MEDIUM,
        )

    def _show_mapping(self, shown: bool) -> None:
        self.mapping.setVisible(shown)
        self.correct.setText(
            _("Close the correction") if shown else _("Correct columns or encoding …")
        )

    def show_use(self, counts: Mapping[str, int], left_out: int) -> None:
        """Say how many examples are in use now, the same number as on the pages behind.

        Args:
            counts: of each part of the version.
            left_out: examples that a later page left out of what was accepted here.
        """
        total = sum(counts.values())
        said = ngettext("In use now: {count:,} example.", "In use now: {count:,} examples.", total)
        later = ngettext(
            "{count:,} was left out in the settings: nothing of it could be learned.",
            "{count:,} were left out in the settings: nothing of them could be learned.",
            left_out,
        )
        self.in_use.setText(f"{said} {later}" if left_out > 0 else said)
        self.in_use.show()

    def show_summary(self, summary: DraftSummary) -> None:
        """Say how a draft's files were read."""
        words = (guessed_in_words(summary), notices_in_words(summary))
        self.guessed.setText("\n".join(filter(None, words)))
        self.mapping.show_summary(summary)
        self.correct.setChecked(summary.confidence < SURE)
        self._read = summary.options.read
        self.who.show_summary(summary)

    def _choose_speakers(self, given: dict[str, str]) -> None:
        self.corrected.emit(self._read.model_copy(update={"speakers": given}))

    def _correct(self, options: ReadOptions) -> None:
        """Columns and encoding are others; what was said about speakers stays."""
        self.corrected.emit(options.model_copy(update={"speakers": self._read.speakers}))

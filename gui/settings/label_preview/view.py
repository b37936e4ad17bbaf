"""Examples one by one as the model will read them, and how long they are."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton, QWidget

from core.chat.label_preview import LabelledText, LabelPreview
from core.language import _, ngettext
from gui.kit.boxes import vbox
from gui.kit.fields.dropdown import Dropdown
from gui.kit.flow import Flow
from gui.kit.labels import announce, label
from gui.kit.theme import Space
from gui.kit.value_table import table_button
from gui.settings.label_preview.check import PART_NAMES
from gui.settings.label_preview.length_histogram import LengthHistogram
from gui.settings.label_preview.token_text import TokenText

_TEXT_HEIGHT = 230
_ANY, _LONGEST, _LOST = "any", "longest", "lost"
_LONGEST_SHOWN = 20


class LabelPreviewView(QWidget):
    """Pages through the texts that the check kept.

    Attributes:
        place: which of the chosen texts is shown, from 0.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._learning: LabelPreview | None = None
        self._limit = 0
        self._chosen: list[LabelledText] = []
        self.place = 0
        self.which = Dropdown()
        self.which.setAccessibleName(_("Which examples are shown"))
        self.which.activated.connect(lambda _: self._choose())
        self.where = label("", "muted")
        self.previous = QPushButton(_("Previous"))
        self.next = QPushButton(_("Next"))
        self.previous.clicked.connect(lambda: self.go(self.place - 1))
        self.next.clicked.connect(lambda: self.go(self.place + 1))
        self.text = TokenText()
        self.text.setMinimumHeight(_TEXT_HEIGHT)
        self.lengths = LengthHistogram()
        self.lengths_table = table_button(self.lengths.values)
        self._lay_out()

    def _lay_out(self) -> None:
        row = Flow(self.which, self.previous, self.next, self.where, stretch=self.where)
        caption = label(_("How long the examples are"), "small")
        vbox(
            row,
            (self.text, 1),
            Flow(caption, self.lengths_table, stretch=caption),
            self.lengths,
            on=self,
            margins=(0, Space.SMALL, 0, 0),
            spacing=Space.SMALL,
        )

    def show_preview(self, preview: LabelPreview, limit: int) -> None:
        """Show the texts under a length limit; stay at the present one if there is one."""
        is_new = preview is not self._learning
        self._learning, self._limit = preview, limit
        lost = len(self._lost())
        chosen = _ANY if is_new else self.which.currentData()
        self.which.clear()
        self.which.addItem(_("Random examples"), _ANY)
        self.which.addItem(_("The longest examples"), _LONGEST)
        if lost:
            self.which.addItem(_("Nothing to learn"), _LOST)
        self.which.setCurrentIndex(max(0, self.which.findData(chosen)))
        self.lengths.show_lengths(preview.facts["tokens"], limit)
        self._choose(0 if is_new else self.place)

    def _lost(self) -> list[LabelledText]:
        if self._learning is None:
            return []
        lost = set(self._learning.unlearnable(self._limit).tolist())
        return [text for text in self._learning.texts if text.index in lost]

    def _choose(self, place: int = 0) -> None:
        if self._learning is None:
            return
        texts, wanted = self._learning.texts, self.which.currentData()
        if wanted == _LOST:
            self._chosen = self._lost()
        elif wanted == _LONGEST:
            ordered = sorted(texts, key=lambda text: -len(text.ids))
            self._chosen = ordered[:_LONGEST_SHOWN]
        else:
            self._chosen = [text for text in texts if not text.fault] or list(texts)
        self.go(place)

    def go(self, place: int) -> None:
        """Show the text at ``place`` of the chosen ones."""
        if not self._chosen:
            return
        self.place = min(max(0, place), len(self._chosen) - 1)
        text = self._chosen[self.place]
        self.text.show_text(text, self._limit)
        self.previous.setEnabled(self.place > 0)
        self.next.setEnabled(self.place < len(self._chosen) - 1)
        where = _("{place:,} of {count:,}", place=self.place + 1, count=len(self._chosen))
        parts = (where, _origin(text), _(PART_NAMES[text.part]), _tokens(text, self._limit))
        self.where.setText(" · ".join(parts))
        announce(self, self.where.text())


def _origin(text: LabelledText) -> str:
    if text.texts == 1:
        return _("{file}, line {line:,}", file=text.file, line=text.line)
    return _(
        "{file}, line {line:,}, text {number} of {count}",
        file=text.file,
        line=text.line,
        number=text.number + 1,
        count=text.texts,
    )


def _tokens(text: LabelledText, limit: int) -> str:
    return ngettext(
        "{count:,} token, {learned:,} learned",
        "{count:,} tokens, {learned:,} learned",
        len(text.ids),
        learned=text.trained(limit),
    )

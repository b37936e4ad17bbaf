"""What the job had to say, newest first."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from core.events import Notice
from gui.kit.boxes import vbox
from gui.kit.message_bar import note
from gui.kit.theme import Space, Tone

_SHOWN = 5
_TONES: dict[str, Tone] = {"info": "neutral"}


class NoticeList(QWidget):
    """Up to five sentences; the same sentence is shown once."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layout = vbox(on=self, margins=0, spacing=Space.SMALL)
        self._shown: list[tuple[Tone, str]] = []
        self.hide()

    def show_notices(self, notices: Sequence[Notice]) -> None:
        """Replace what is shown."""
        newest = list(dict.fromkeys(_sentence(notice) for notice in reversed(notices)))[:_SHOWN]
        if newest == self._shown:
            return
        self._shown = newest
        while (item := self._layout.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for tone, text in newest:
            self._layout.addWidget(note(tone, text))
        self.setVisible(bool(newest))


def _sentence(notice: Notice) -> tuple[Tone, str]:
    tone: Tone = _TONES.get(notice.level, notice.level)  # type: ignore[arg-type]
    return tone, f"{notice.text} {notice.todo}".strip()

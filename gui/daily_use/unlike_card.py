"""Questions of daily use that no training example resembles."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QWidget

from core.language import _, ngettext
from core.serving.use.unlike import Found, Unlike
from gui.kit.boxes import vbox
from gui.kit.labels import label, selectable, set_look
from gui.kit.theme import Space

_MOST = 8
_LETTERS = 200


class UnlikeCard(QFrame):
    """The least alike ones, each with the example that comes nearest; hidden without questions."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_look(self, card="true")
        self.text = label("")
        self.rows: list[QWidget] = []
        self._list = vbox(spacing=Space.MEDIUM)
        vbox(
            label(_("Unlike your examples"), "heading"),
            self.text,
            self._list,
            on=self,
            margins=Space.LARGE,
            spacing=Space.SMALL,
        )
        self.hide()

    def show_found(self, found: Found | None) -> None:
        """Show what was found; ``None`` for nothing to compare."""
        for row in self.rows:
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = []
        if found is None or not found.compared:
            self.hide()
            return
        different = {one.use.prompt: one for one in found.unlike}
        for one in list(different.values())[:_MOST]:
            self.rows.append(_row(one))
            self._list.addWidget(self.rows[-1])
        self.text.setText(_in_words(found))
        self.show()


def _in_words(found: Found) -> str:
    if not found.unlike:
        return ngettext(
            "{count:,} question was compared. It resembles your training examples.",
            "{count:,} questions were compared. All resemble your training examples.",
            found.compared,
        )
    return ngettext(
        "{count:,} of {compared:,} questions ({share:.0%}) resembles no training example. "
        "Examples like it would help.",
        "{count:,} of {compared:,} questions ({share:.0%}) resemble no training example. "
        "Examples like them would help.",
        len(found.unlike),
        compared=found.compared,
        share=found.share,
    )


def _row(one: Unlike) -> QWidget:
    row = QWidget()
    parts: list[QWidget] = [selectable(_short(one.use.prompt))]
    if one.nearest:
        nearest = _("Nearest example: {text}", text=_short(one.nearest))
        parts.append(label(nearest, "small"))
    vbox(*parts, on=row, margins=0, spacing=2)
    return row


def _short(text: str) -> str:
    words = " ".join(text[: 2 * _LETTERS].split())
    return words if len(words) <= _LETTERS else words[:_LETTERS].rsplit(" ", 1)[0] + " …"

"""An example as the model reads it: what is learned, only read, cut off, and where answers end."""

from __future__ import annotations

from PySide6.QtGui import QColor, QFont, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QWidget

from core.chat.label_preview import LabelledText, TokenKind
from core.language import N_, _, ngettext
from gui.kit.boxes import vbox
from gui.kit.flow import Flow
from gui.kit.labels import label, set_look, text_pane
from gui.kit.theme import Space, colors
from gui.rows.difference import with_signs

_MOST_CHARACTERS = 20_000
_LEGEND: tuple[tuple[TokenKind, str], ...] = (
    ("trained", N_("learned")),
    ("end", N_("‹end of the answer›, learned too")),
    ("masked", N_("only read")),
    ("cut", N_("cut off")),
)


class TokenText(QWidget):
    """A read-only text in which no kind of token is told by its colour alone."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pane = text_pane(_("The example as the model reads it"), role="mono")
        legend = Flow(spacing=Space.MEDIUM)
        for kind, text in _LEGEND:
            sample = label(_(text), wrap=False)
            set_look(sample, token=kind)
            legend.addWidget(sample)
        vbox((self.pane, 1), legend, on=self, margins=0, spacing=Space.SMALL)

    def show_text(self, text: LabelledText, max_length: int) -> None:
        """Show ``text`` as a run with this length limit receives it."""
        self.pane.clear()
        cursor = QTextCursor(self.pane.document())
        room = _MOST_CHARACTERS
        for kind, piece in text.runs(max_length):
            shown = with_signs(piece[:room])
            cursor.insertText(f"‹{shown}›" if kind == "end" else shown, format_of(kind))
            room -= len(piece)
            if room <= 0:
                cursor.insertText(" …", format_of("masked"))
                break
        if text.fault:
            cursor.insertText(text.problem, format_of("masked"))
        self.pane.moveCursor(QTextCursor.MoveOperation.Start)
        self.pane.setAccessibleDescription(_in_words(text, max_length))


def format_of(kind: TokenKind) -> QTextCharFormat:
    """Return how tokens of a kind are written."""
    c = colors()
    look = QTextCharFormat()
    if kind in ("trained", "end"):
        look.setForeground(QColor(c.good))
        look.setBackground(QColor(c.tint_good))
        look.setFontUnderline(True)
    if kind == "end":
        look.setFontWeight(QFont.Weight.Bold)
    if kind == "masked":
        look.setForeground(QColor(c.muted))
    if kind == "cut":
        look.setForeground(QColor(c.problem))
        look.setFontStrikeOut(True)
    return look


def _in_words(text: LabelledText, max_length: int) -> str:
    """Say what is learned, for those who hear the text."""
    if text.fault:
        return text.problem
    learned = "".join(piece for kind, piece in text.runs(max_length) if kind == "trained")
    cut = max(0, len(text.ids) - max_length)
    said: list[str] = [
        ngettext(
            "{learned:,} of {count:,} token is learned.",
            "{learned:,} of {count:,} tokens are learned.",
            len(text.ids),
            learned=text.trained(max_length),
        )
    ]
    if cut:
        said.append(ngettext("{count:,} is cut off.", "{count:,} are cut off.", cut))
    return " ".join((*said, _("Learned: {text}", text=learned[:500])))

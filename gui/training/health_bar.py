"""How the run is doing, as a traffic light: three lamps, a word, a sentence, what can be done."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QLayout, QWidget

from core.language import N_, _
from gui.kit.flow import Flow
from gui.kit.icons import pixmap
from gui.kit.labels import label, set_look, set_tip
from gui.kit.look.fonts import grown
from gui.kit.message_bar import MessageBar
from gui.kit.theme import Tone, colors

_LAMPS: tuple[Tone, ...] = ("problem", "warning", "good")
_SIGNS = {"problem": "close", "warning": "warning", "good": "check"}
_WORDS: dict[Tone, str] = {
    "good": N_("Good"),
    "warning": N_("Take a look"),
    "problem": N_("Stopped"),
    "neutral": N_("No verdict yet"),
}
_LAMP, _GAP = 22, 4
_SIGN = 14
_SCALE = 2


class HealthBar(MessageBar):
    """The lit lamp has its own sign: red ×, amber !, green ✓; none is lit while it waits."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._word = label("", "badge", wrap=False)
        super().__init__(parent, dismissable=False)

    def _first_line(self) -> QLayout:
        """The word beside the sentence, or above it where that leaves too little room."""
        return Flow(self._word, self.what, stretch=self.what)

    @property
    def word(self) -> str:
        """What the light means."""
        return self._word.text()

    def show_health(
        self,
        tone: Tone,
        sentence: str,
        details: str = "",
        actions: tuple[tuple[str, Callable[[], None]], ...] = (),
        word: str = "",
    ) -> None:
        """Show a light; nothing moves and nothing is said again when nothing changed.

        Args:
            word: what the light means, where it is not what its colour always means.
        """
        shown = (tone, sentence, details, word, [label for label, _do in actions])
        if shown == self.property("shown"):
            return
        self.setProperty("shown", shown)
        self._word.setText(word or _(_WORDS[tone]))
        set_look(self._word, tone="" if tone == "neutral" else tone)
        self.say(tone, sentence, "", details, actions)
        self._sign.setPixmap(lamps(tone))
        self._sign.setAccessibleName(_("Traffic light: {word}", word=self.word))
        set_tip(self._sign, self.word)


def lamps(tone: Tone) -> QPixmap:
    """Draw three lamps side by side, the one of ``tone`` lit."""
    lamp, gap = grown(_LAMP), grown(_GAP)
    width = len(_LAMPS) * (lamp + gap) - gap
    drawn = QPixmap(width * _SCALE, lamp * _SCALE)
    drawn.setDevicePixelRatio(_SCALE)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for place, meaning in enumerate(_LAMPS):
        _draw_lamp(painter, place * (lamp + gap), meaning, lit=meaning == tone)
    painter.end()
    return drawn


def _draw_lamp(painter: QPainter, left: int, meaning: Tone, *, lit: bool) -> None:
    c, lamp, sign = colors(), grown(_LAMP), grown(_SIGN)
    color = QColor(c.of(meaning) if lit else c.line)
    painter.setPen(QPen(color, 1.5))
    painter.setBrush(color if lit else Qt.BrushStyle.NoBrush)
    painter.drawEllipse(QRectF(left + 1, 1, lamp - 2, lamp - 2))
    if lit:
        inset = (lamp - sign) / 2
        painter.drawPixmap(QPointF(left + inset, inset), pixmap(_SIGNS[meaning], c.surface, _SIGN))

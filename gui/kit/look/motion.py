"""Transitions of 150 ms; none where the system asks for less motion."""

from __future__ import annotations

import os
import time
from contextlib import suppress

from PySide6.QtCore import QEasingCurve, QObject, QPropertyAnimation, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QApplication, QGraphicsOpacityEffect, QStyle, QWidget

MILLISECONDS = 150
GTK = "GTK_ENABLE_ANIMATIONS"  # not shown: an environment variable of desktops
STILL = "HOMELAB_TUNER_STILL"  # not shown: an environment variable


def is_reduced() -> bool:
    """Return whether nothing should move: the system says so, or nobody looks."""
    unseen = QGuiApplication.platformName() == "offscreen"
    return bool(os.environ.get(STILL)) or unseen or _system_asks()


def _system_asks() -> bool:
    """Return whether the desktop wants no animations: in Qt's words they then take no time."""
    takes = QApplication.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration)
    return takes == 0 or os.environ.get(GTK, "").strip() == "0"


def fade_in(widget: QWidget) -> QPropertyAnimation | None:
    """Let a widget appear; small ones only, since all of it is drawn at each step."""
    if is_reduced():
        return None
    effect = QGraphicsOpacityEffect(widget)
    widget.setGraphicsEffect(effect)
    motion = _run(effect, widget, 0.0, 1.0)
    motion.finished.connect(lambda: _drop_effect(widget))
    return motion


def crossfade(around: QWidget, seen: QWidget) -> None:
    """Let what is seen now fade over whatever takes its place in ``around``; call it before."""
    if is_reduced() or not seen.isVisible():
        return
    picture = _Picture(seen.grab(), around)
    effect = QGraphicsOpacityEffect(picture)
    picture.setGraphicsEffect(effect)
    picture.show()
    picture.raise_()
    _run(effect, picture, 1.0, 0.0).finished.connect(picture.deleteLater)
    QTimer.singleShot(0, picture, picture.give_up_if_late)


class _Picture(QWidget):
    """What was seen, over what is there now."""

    def __init__(self, seen: QPixmap, around: QWidget) -> None:
        super().__init__(around)
        self._seen = seen
        self._since = time.monotonic()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setGeometry(around.rect())

    def give_up_if_late(self) -> None:
        """A page that is slow to come would stand half seen through the one before."""
        if 1000 * (time.monotonic() - self._since) > MILLISECONDS:
            self.hide()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it where it was."""
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._seen)
        painter.end()


def _run(effect: QObject, owner: QWidget, start: float, end: float) -> QPropertyAnimation:
    motion = QPropertyAnimation(effect, b"opacity", owner)
    motion.setDuration(MILLISECONDS)
    motion.setStartValue(start)
    motion.setEndValue(end)
    motion.setEasingCurve(QEasingCurve.Type.OutCubic)
    motion.start(QPropertyAnimation.DeletionPolicy.DeleteWhenStopped)
    return motion


def _drop_effect(widget: QWidget) -> None:
    with suppress(RuntimeError):  # the widget went away meanwhile
        widget.setGraphicsEffect(None)  # type: ignore[arg-type]

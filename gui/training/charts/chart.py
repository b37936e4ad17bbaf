"""A plot that answers mouse and keyboard: zoom, and the values at a place."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRect, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QRubberBand, QWidget

from gui.training.charts.canvas import ChartCanvas

_ZOOM_STEP = 0.6
_WHEEL_NOTCH = 120
_SHORTEST_DRAG = 6  # pixels; less is a click
_LEAP = 0.1  # share of what is shown that Page Up and Down go


class Chart(ChartCanvas):
    """Drag or Ctrl and wheel zoom; the pointer or the arrow keys choose the place.

    Attributes:
        zoomed: another part is looked at.
    """

    zoomed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self._drag_from: QPointF | None = None
        self._rubber = QRubberBand(QRubberBand.Shape.Rectangle, self.viewport())

    def zoom_in(self) -> None:
        """Look closer, around the cross line or the middle."""
        self._zoom(_ZOOM_STEP)

    def zoom_out(self) -> None:
        """Look from farther away."""
        self._zoom(1 / _ZOOM_STEP)

    def zoom_reset(self) -> None:
        """Look at everything."""
        self.view_range.reset()
        self._zoom_changed()

    def _zoom(self, factor: float, around: float | None = None) -> None:
        low, high = self.view_range.shown
        middle = self.at if self.at is not None and low <= self.at <= high else (low + high) / 2
        self.view_range.zoom(factor, middle if around is None else around)
        self._zoom_changed()

    def _zoom_changed(self) -> None:
        self.refresh()
        self.zoomed.emit()

    def _step(self, points: int) -> None:
        leader = self.leader()
        if leader is None:
            return
        place = leader.nearest(self.at) + points if self.at is not None else len(leader) - 1
        x = float(leader.x[min(max(place, 0), len(leader) - 1)])
        self.view_range.reveal(x)
        self.refresh()
        self.point_at(x)

    def _leap(self, direction: int) -> None:
        leader = self.leader()
        if leader is not None:
            inside = len(leader.between(*self.view_range.shown)[0])
            self._step(direction * max(1, round(_LEAP * inside)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows and Page keys go along the curve, + and − zoom, 0 shows everything."""
        does = {
            Qt.Key.Key_Left: lambda: self._step(-1),
            Qt.Key.Key_Right: lambda: self._step(1),
            Qt.Key.Key_PageUp: lambda: self._leap(-1),
            Qt.Key.Key_PageDown: lambda: self._leap(1),
            Qt.Key.Key_Home: lambda: self._step(-(10**9)),
            Qt.Key.Key_End: lambda: self._step(10**9),
            Qt.Key.Key_Plus: self.zoom_in,
            Qt.Key.Key_Equal: self.zoom_in,
            Qt.Key.Key_Minus: self.zoom_out,
            Qt.Key.Key_0: self.zoom_reset,
        }.get(Qt.Key(event.key()))
        if does is None or event.modifiers() & Qt.KeyboardModifier.AltModifier:
            event.ignore()
        else:
            does()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Begin at the newest point."""
        super().focusInEvent(event)
        if self.at is None:
            self._step(0)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page, but zoom with Ctrl."""
        notches = event.angleDelta().y() / _WHEEL_NOTCH
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier and notches:
            self._zoom(_ZOOM_STEP**notches, self._x_at(event.position()))
            event.accept()
        else:
            event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to drag out a piece."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._drag_from = event.position()
            self.setFocus(Qt.FocusReason.MouseFocusReason)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show values, or how far the piece goes."""
        if self._drag_from is None:
            self.point_at(self._x_at(event.position()))
            return
        left, right = sorted((self._drag_from.x(), event.position().x()))
        self._rubber.setGeometry(QRect(round(left), 0, round(right - left), self.height()))
        self._rubber.show()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Look at the piece that was dragged out."""
        begun, self._drag_from = self._drag_from, None
        self._rubber.hide()
        if begun is None or abs(event.position().x() - begun.x()) < _SHORTEST_DRAG:
            return
        self.view_range.look_at(self._x_at(begun), self._x_at(event.position()))
        self._zoom_changed()

    def leaveEvent(self, event: QEvent) -> None:
        """Without mouse and keyboard nothing is pointed at."""
        super().leaveEvent(event)
        if not self.hasFocus():
            self.point_at(None)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The same when the keyboard focus moves on."""
        super().focusOutEvent(event)
        self.point_at(None)

    def _x_at(self, place: QPointF) -> float:
        scene = self.mapToScene(place.toPoint())
        return float(self.getPlotItem().getViewBox().mapSceneToView(scene).x())

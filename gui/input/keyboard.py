"""Where the keyboard is: Tab follows what the eye reads, and a vanished button loses nothing.

A button that is pressed often hides or greys itself. Qt then moves the keyboard to whatever was
made after it, and the next key changes a value or removes something. Here it stays on the card
around the button instead, where no key does anything; Tab moves on to the button's neighbour, and
the button gets the keyboard back if it returns before anything else was chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLayout,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QWidget,
)
from shiboken6 import isValid

_REASON = Qt.FocusReason.OtherFocusReason
_CHANGES = (QEvent.Type.EnabledChange, QEvent.Type.Show)


def in_order(widget: QWidget) -> Iterator[QWidget]:
    """Yield a widget and everything in it, as it is read: by layouts, not by age."""
    yield widget
    if isinstance(widget, QScrollArea):
        yield from _in_order_of([widget.widget()])
    elif isinstance(widget, QStackedWidget):
        yield from _in_order_of([widget.currentWidget()])
    elif isinstance(widget, QSplitter):
        yield from _in_order_of([widget.widget(place) for place in range(widget.count())])
    else:
        inside = list(dict.fromkeys(_laid_out(widget.layout())))
        children = widget.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
        inside += [child for child in children if child not in inside and not child.isWindow()]
        yield from _in_order_of(inside)


def _in_order_of(inside: Sequence[QWidget | None]) -> Iterator[QWidget]:
    for child in inside:
        if child is not None:
            yield from in_order(child)


def _laid_out(layout: QLayout | None) -> Iterator[QWidget]:
    for place in range(layout.count() if layout is not None else 0):
        item = layout.itemAt(place) if layout is not None else None
        if item is None:
            continue
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            yield widget
        elif inner is not None:
            yield from _laid_out(inner)


def takes_tab(widget: QWidget, within: QWidget) -> bool:
    """Return whether Tab stops at a widget when what it lies ``within`` is shown."""
    by_tab = Qt.FocusPolicy.TabFocus
    return (
        widget.focusPolicy() & by_tab == by_tab
        and widget.isVisibleTo(within)
        and widget.isEnabled()
        and widget.focusProxy() is None
    )


class Keyboard(QObject):
    """Follows the keyboard through a window.

    Args:
        home: what holds the keyboard where no card does.

    Attributes:
        lost: what had the keyboard until it hid, greyed or was deleted, and may come back.
    """

    def __init__(self, window: QWidget, home: Callable[[], QWidget]) -> None:
        super().__init__(window)
        self._window = window
        self._home = home
        self._anchor: QWidget | None = None
        self._way: list[QWidget] = []  # what the one with the keyboard lies in, innermost first
        self.lost: QWidget | None = None
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._focus_changed)

    def move(self, *, forward: bool) -> bool:
        """Do what Tab asks for, or, where the one with the keyboard went, stay at its place."""
        now = self._window.focusWidget()
        if now is not None and not (now.isVisible() and now.isEnabled()):
            if self._window.isVisible():
                self._stay_near(now)
            return True
        return self._go(now, forward=forward)

    def wait_for(self, widget: QWidget | None, anchor: QWidget) -> None:
        """Wait at ``anchor`` until ``widget`` can take the keyboard, or something is chosen."""
        self._settle(anchor, widget)

    def _go(self, now: QWidget | None, *, forward: bool) -> bool:
        order = list(in_order(self._window))
        stops = [n for n, widget in enumerate(order) if takes_tab(widget, self._window)]
        if not stops:
            return False
        place = self._place(order, now)
        if forward:
            chosen = next((n for n in stops if n > place), stops[0])
        else:
            chosen = next((n for n in reversed(stops) if n < place), stops[-1])
        target = order[chosen]
        reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
        target.setFocus(reason)
        bring_into_sight(target)
        return True

    def _place(self, order: list[QWidget], now: QWidget | None) -> int:
        """Return where to go on from: the lost one, even if it is gone, else the present one."""
        lost = self.lost if now is not None and now is self._anchor else None
        if lost is not None and isValid(lost) and lost in order:
            return order.index(lost)
        return order.index(now) if now in order else -1

    def _stay_near(self, gone: QWidget) -> None:
        around = gone.parentWidget()
        while around is not None and around is not self._window:
            if _can_anchor(around):
                self._settle(around, gone)
                return
            around = around.parentWidget()
        self._settle(self._home(), gone)

    def _settle(self, anchor: QWidget, waiting: QWidget | None) -> None:
        self._release()
        self._anchor, self.lost = anchor, waiting
        if waiting is not None:
            waiting.installEventFilter(self)
        anchor.setFocus(_REASON)

    def _release(self) -> None:
        if self.lost is not None and isValid(self.lost):
            self.lost.removeEventFilter(self)
        self.lost = self._anchor = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Give the keyboard back to one that has returned, unless it has gone elsewhere."""
        if watched is self.lost and event.type() in _CHANGES and self.lost is not None:
            back, waits = self.lost, self._window.focusWidget() is self._anchor
            if back.isEnabled() and back.isVisible():
                self._release()
                if waits:
                    back.setFocus(_REASON)
        return False

    def _focus_changed(self, _old: QWidget | None, now: QWidget | None) -> None:
        if not isValid(self._window):
            return
        if now is not None and now.window() is self._window:
            if now is not self._anchor:
                self._release()
            self._way = _ancestors(now, self._window)
        elif now is None and self._window.isActiveWindow() and self._window.focusWidget() is None:
            self._deleted()

    def _deleted(self) -> None:
        """The one with the keyboard was deleted: stay with the nearest thing around it."""
        for around in self._way:
            if isValid(around) and _can_anchor(around):
                self._settle(around, None)
                return
        self._settle(self._home(), None)


def _ancestors(widget: QWidget, window: QWidget) -> list[QWidget]:
    found = []
    around = widget.parentWidget()
    while around is not None and around is not window:
        found.append(around)
        around = around.parentWidget()
    return found


def _can_anchor(widget: QWidget) -> bool:
    """Return whether a widget may hold the keyboard for one in it: a card or a page."""
    is_card = isinstance(widget, QFrame) and widget.property("card") is not None
    is_page = bool(widget.focusPolicy() & Qt.FocusPolicy.ClickFocus) and not is_card
    return (is_card or is_page) and widget.isVisible() and widget.isEnabled()


def bring_into_sight(widget: QWidget) -> None:
    """Scroll so that a widget is in sight."""
    around = widget.parentWidget()
    while around is not None:
        if isinstance(around, QScrollArea):
            around.ensureWidgetVisible(widget)
        around = around.parentWidget()

"""What screen readers are told of scroll areas and plots.

WORKAROUND for Qt (seen in 6.11): the tree of a scroll area counts its scroll bars only while they
are shown, and a child that is asked for by a number that was right a moment ago is read behind the
end of the list. A screen reader asks so while a page is laid out, and the application dies.
"""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QAbstractScrollArea, QAccessibleWidget

_KINDS = ("QScrollArea", "QAbstractScrollArea")


def mend_scroll_areas() -> None:
    """Describe scroll areas as plain widgets, whose children are looked for within bounds."""
    QAccessible.installFactory(_describe)


def _describe(kind: str, thing: QObject) -> QAccessibleInterface | None:
    """Qt asks with the name of each class of a widget, the most special one first."""
    if kind not in _KINDS or not isinstance(thing, QAbstractScrollArea):
        return None
    if thing.property("role") == "chart":
        return QAccessibleWidget(thing, QAccessible.Role.Chart)
    return QAccessibleWidget(thing)

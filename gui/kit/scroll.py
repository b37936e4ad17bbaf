"""Pages scroll when the window is small or the text is large; nothing is ever cut off."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLayout, QScrollArea, QWidget

from gui.kit.boxes import vbox
from gui.kit.look.column import Column, Roomy
from gui.kit.look.sizes import Space


def scrolled(page: QWidget, content: QLayout, limit: int = 0) -> QScrollArea:
    """Fill ``page`` with a scroll area around ``content``.

    With a ``limit``, what scrolls stands in the middle of the window and is not wider than that.
    """
    area = QScrollArea()
    inner = Column(limit, area=area) if limit else Roomy()
    content.setContentsMargins(0, Space.SMALL, Space.SMALL, Space.LARGE if limit else Space.SMALL)
    inner.setLayout(content)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(inner)
    vbox(area, on=page, margins=0)
    return area

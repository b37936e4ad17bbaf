"""Large buttons: what can be done at once, and the projects with the curve of their last run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QLabel, QWidget

from core import language
from core.language import _
from core.library.overview import Overview
from gui.kit.boxes import hbox, vbox
from gui.kit.cards.tile import Tile
from gui.kit.icons import pixmap
from gui.kit.labels import label, set_look, set_tip
from gui.kit.look.sizes import Space
from gui.kit.theme import colors
from gui.start.project_menu import ProjectMenu
from gui.wizard.step_names import NAMES

_CURVE_HEIGHT = 44


class ActionTile(Tile):
    """Does something at once."""

    def __init__(self, title: str, text: str, picture: str) -> None:
        super().__init__()
        sign = QLabel()
        sign.setPixmap(pixmap(picture, colors().accent, 26))
        texts = vbox(label(title, "strong"), label(text, "muted"), 1, spacing=Space.TINY)
        hbox(
            (sign, 0, Qt.AlignmentFlag.AlignTop), (texts, 1),
            on=self, margins=Space.CARD, spacing=Space.MEDIUM,
        )  # fmt: skip
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        self.let_the_mouse_through()


class Curve(QWidget):
    """A small picture of a run; it says nothing that the words beside it do not say."""

    def __init__(self) -> None:
        super().__init__()
        self._values: tuple[float, ...] = ()
        self.setFixedHeight(_CURVE_HEIGHT)

    def show_curve(self, values: Sequence[float]) -> None:
        """Draw these losses."""
        self._values = tuple(values)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the line, or a hairline where nothing was trained yet."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if len(self._values) < 2:
            painter.setPen(QPen(QColor(colors().hairline), 1))
            painter.drawLine(0, self.height() - 3, self.width(), self.height() - 3)
            painter.end()
            return
        low, high = min(self._values), max(self._values)
        span = (high - low) or 1.0
        across = self.width() / (len(self._values) - 1)
        points = [
            QPointF(place * across, 3 + (high - value) / span * (self.height() - 6))
            for place, value in enumerate(self._values)
        ]
        fill = QColor(colors().accent)
        fill.setAlphaF(0.10)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        corners = [QPointF(self.width(), self.height()), QPointF(0, self.height())]
        painter.drawPolygon(QPolygonF([*points, *corners]))
        painter.setPen(QPen(QColor(colors().accent), 1.75))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF(points))
        painter.end()


class ProjectTile(Tile):
    """A project: its name, where it was left, its result, when, and its curve."""

    def __init__(self, root: Path) -> None:
        super().__init__()
        self.root = root
        self.name = label(root.name, "strong")
        self.date = label("", "small", wrap=False)
        self.curve = Curve()
        self.state = label("", "muted")
        self.result = label("", "small")
        top = Qt.AlignmentFlag.AlignTop
        self.more = ProjectMenu(root, self)
        head = hbox((self.name, 1), (self.more, 0, top), spacing=Space.SMALL)
        below = hbox((self.state, 1), (self.date, 0, top), spacing=Space.SMALL)
        vbox(
            head, below, self.result, 1, self.curve,
            on=self, margins=Space.CARD, spacing=Space.TINY,
        )  # fmt: skip
        self.setAccessibleName(_("Open “{project}”", project=root.name))
        set_tip(self, str(root))
        self.let_the_mouse_through()
        self.more.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, on=False)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The right mouse button and the menu key open the same menu."""
        self.more.menu_.popup(event.globalPos())

    def show_overview(self, found: Overview | None) -> None:
        """Fill in what was read; ``None``: it is not there any more."""
        if found is None:
            self.state.setText(_("This project cannot be read now."))
            set_look(self.state, role="muted")
            return
        self.name.setText(found.name)
        self.more.show_name(found.name)
        self.date.setText(language.date(found.changed))
        step = _(NAMES[found.step])
        self.state.setText(_("Training now") if found.is_training else step)
        self.result.setText(found.result or _("No result yet"))
        self.curve.show_curve(found.curve)
        said = (self.state.text(), self.result.text(), self.date.text())
        self.setAccessibleDescription(" · ".join(said))

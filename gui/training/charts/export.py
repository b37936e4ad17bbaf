"""A plot as a picture or as a table of values, in a file that the user chose."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPoint
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPixmap, QRegion
from PySide6.QtWidgets import QFileDialog, QWidget

from core.language import N_, _
from gui.kit.theme import Space, colors
from gui.training.charts.measures import Measure, Trace

_SCALE = 2  # a picture has twice the pixels of the screen, for print
_PNG, _CSV = "png", "csv"
_FILTERS = {_PNG: N_("Picture"), _CSV: N_("Table")}
_TITLES = {_PNG: N_("Save as picture"), _CSV: N_("Save as table")}
_FORMULA = ("=", "+", "-", "@")


def picture_of(title: str, parts: Sequence[QWidget]) -> bytes:
    """Return a plot as PNG: its title, and what these widgets show below one another."""
    font = parts[0].font()
    font.setBold(True)
    head = QFontMetrics(font).height() + 2 * Space.SMALL
    width = max(part.width() for part in parts) + 2 * Space.MEDIUM
    height = head + sum(part.height() for part in parts) + Space.MEDIUM
    picture = QPixmap(width * _SCALE, height * _SCALE)
    picture.setDevicePixelRatio(_SCALE)
    picture.fill(QColor(colors().surface))
    painter = QPainter(picture)
    painter.setFont(font)
    painter.setPen(QColor(colors().text))
    painter.drawText(Space.MEDIUM, head - Space.SMALL - QFontMetrics(font).descent(), title)
    top = head
    for part in parts:
        painter.drawPixmap(Space.MEDIUM, top, _shown_by(part))
        top += part.height()
    painter.end()
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, "PNG")
    buffer.close()
    return bytes(content.data())


def _shown_by(widget: QWidget) -> QPixmap:
    picture = QPixmap(widget.size() * _SCALE)
    picture.setDevicePixelRatio(_SCALE)
    picture.fill(QColor(colors().surface))
    only_inside = QWidget.RenderFlag.DrawChildren
    # A view has another ``render`` of its own.
    QWidget.render(widget, picture, QPoint(), QRegion(), only_inside)
    return picture


def table_of(measure: Measure, traces: Sequence[Trace]) -> bytes:
    """Return all points of all lines as CSV: line, place, value; in UTF-8."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(("line", measure.along, measure.axis or measure.name))
    for trace in traces:
        name = _harmless(trace.name)
        points = zip(trace.series.x.tolist(), trace.series.y.tolist(), strict=True)
        table.writerows((name, _place(x), repr(y)) for x, y in points)
    return text.getvalue().encode("utf-8")


def _place(x: float) -> str:
    """A step is a whole number, a minute has every digit."""
    return str(int(x)) if x.is_integer() else repr(x)


def _harmless(text: str) -> str:
    """A spreadsheet must not take a name for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def ask_where(parent: QWidget, kind: str, name: str) -> Path | None:
    """Let the user choose a file, asking before one is replaced; ``None`` if they did not."""
    dialog = QFileDialog(parent, _(_TITLES[kind]))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilter(f"{_(_FILTERS[kind])} (*.{kind})")
    dialog.setDefaultSuffix(kind)  # completed before the question whether to replace
    dialog.setDirectory(str(Path.home()))
    dialog.selectFile(f"{name}.{kind}")
    chosen = dialog.selectedFiles() if dialog.exec() else []
    dialog.deleteLater()
    return Path(chosen[0]) if chosen else None

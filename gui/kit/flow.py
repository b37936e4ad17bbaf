"""A row that becomes several when it is too narrow: buttons go below the text, none is cut."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtWidgets import QLabel, QLayout, QLayoutItem, QStyle, QWidget

from gui.kit.theme import Space

_TEXT_LETTERS = 24  # this much of a text should fit in a line before buttons stand beside it
_Line = list[QLayoutItem]


class Flow(QLayout):
    """Widgets beside each other as far as they fit, the others below.

    Args:
        stretch: the widget that takes what is left of its line, usually the text. Where all do not
            fit beside each other, it has a line of its own.
        letters: how many letters of it must fit beside the others.
        at_end: whether lines without it end at the right.
        balanced: whether one that would be alone on the last line gets its neighbour beside it, for
            buttons of equal rank.
        even: whether all are equally wide and fill their lines, for buttons that are one choice.
    """

    def __init__(
        self,
        *widgets: QWidget,
        stretch: QWidget | None = None,
        letters: int = _TEXT_LETTERS,
        at_end: bool = False,
        even: bool = False,
        balanced: bool = False,
        spacing: int = Space.SMALL,
    ) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self._heights: dict[int, int] = {}  # by width; layouts around it ask again and again
        self._stretch = stretch
        self._letters = letters
        self._at_end = at_end
        self._even = even
        self._balances = balanced
        self.setContentsMargins(0, 0, 0, 0)
        self.setSpacing(spacing)
        for widget in widgets:
            self.addWidget(widget)

    def addItem(self, item: QLayoutItem) -> None:
        """Put an item behind the others."""
        self._items.append(item)

    def count(self) -> int:
        """Return the number of items."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem:
        """Return an item, ``None`` behind the last."""
        return self._items[index] if 0 <= index < len(self._items) else None  # type: ignore[return-value]

    def takeAt(self, index: int) -> QLayoutItem:
        """Take an item out."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None  # type: ignore[return-value]

    def expandingDirections(self) -> Qt.Orientation:
        """Return nothing: it takes the height that it needs."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        """Return that the height depends on the width."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of all lines in ``width``."""
        if width not in self._heights:
            self._heights[width] = self._height_in(width)
        return self._heights[width]

    def invalidate(self) -> None:
        """Forget the heights: something in it has changed."""
        self._heights = {}
        super().invalidate()

    def _height_in(self, width: int) -> int:
        margins = self.contentsMargins()
        inner = width - margins.left() - margins.right()
        heights = [max(high for _, _, high in line) for line in self._placed(inner)]
        between = self.spacing() * max(0, len(heights) - 1)
        return sum(heights) + between + margins.top() + margins.bottom()

    def sizeHint(self) -> QSize:
        """Return the size of one line."""
        items = self._visible()
        wide = sum(item.sizeHint().width() for item in items)
        wide += self.spacing() * max(0, len(items) - 1)
        return self._with_margins(wide, self._tallest(items))

    def minimumSize(self) -> QSize:
        """Return the size at which the widest item still fits."""
        items = self._visible()
        wide = max((self._least(item) for item in items), default=0)
        return self._with_margins(wide, self._tallest(items))

    def setGeometry(self, rect: QRect) -> None:
        """Put every item into its place."""
        super().setGeometry(rect)
        inner = rect.marginsRemoved(self.contentsMargins())
        top = inner.top()
        lines = list(self._placed(inner.width()))
        for line in lines:
            # A single line may be given more height than it needs; then it stands in its middle.
            high = inner.height() if len(lines) == 1 else max(high for _, _, high in line)
            used = sum(wide for _, wide, _ in line) + self.spacing() * (len(line) - 1)
            alone = not any(self._stretches(item) for item, _, _ in line)
            left = inner.left() + (max(0, inner.width() - used) if self._at_end and alone else 0)
            for item, wide, tall in line:
                above = max(0, high - tall) // 2
                place = QRect(left, top + above, wide, min(tall, high))
                item.setGeometry(QStyle.visualRect(self._direction(), inner, place))
                left += wide + self.spacing()
            top += high + self.spacing()

    def _direction(self) -> Qt.LayoutDirection:
        """Return where a line begins."""
        around = self.parentWidget()
        return around.layoutDirection() if around is not None else Qt.LayoutDirection.LeftToRight

    def _with_margins(self, wide: int, high: int) -> QSize:
        margins = self.contentsMargins()
        across, along = margins.left() + margins.right(), margins.top() + margins.bottom()
        return QSize(wide + across, high + along)

    def _tallest(self, items: Sequence[QLayoutItem]) -> int:
        return max((item.minimumSize().height() for item in items), default=0)

    def _visible(self) -> _Line:
        return [item for item in self._items if not item.isEmpty()]

    def _stretches(self, item: QLayoutItem) -> bool:
        return self._stretch is not None and item.widget() is self._stretch

    def _least(self, item: QLayoutItem) -> int:
        if self._stretches(item):
            return item.minimumSize().width()
        return min(item.sizeHint().width(), item.maximumSize().width())

    def _wanted(self, item: QLayoutItem) -> int:
        """Return the width below which an item does not stand beside others."""
        widget = item.widget()
        if widget is None or not self._stretches(item):
            return self._least(item)
        letters = widget.fontMetrics().averageCharWidth() * self._letters
        return max(item.minimumSize().width(), min(_unbroken(widget), letters))

    def _lines(self, width: int) -> Iterator[_Line]:
        """Divide the items into lines; those of a widget that stretches are never filled up."""
        items, gap = self._visible(), self.spacing()
        if not items:
            return
        if sum(map(self._wanted, items)) + gap * (len(items) - 1) <= width:
            yield items
            return
        line: _Line = []
        used = 0
        for item in items:
            wide = self._least(item)
            full = used + gap + wide > width or self._stretches(item)
            if line and (full or self._stretches(line[-1])):
                yield line
                line, used = [], 0
            used += wide + (gap if line else 0)
            line.append(item)
        yield line

    def _balanced(self, width: int) -> list[_Line]:
        """Return the lines; one that is left alone at the end gets the one before it beside it."""
        lines = list(self._lines(width))
        if self._balances and len(lines) > 1 and len(lines[-1]) == 1 and len(lines[-2]) > 2:
            before, alone = lines[-2][-1], lines[-1][0]
            needed = self._least(before) + self.spacing() + self._least(alone)
            if needed <= width and not self._stretches(before) and not self._stretches(alone):
                lines[-1].insert(0, lines[-2].pop())
        return lines

    def _placed(self, width: int) -> Iterator[list[tuple[QLayoutItem, int, int]]]:
        """Give every item of every line its width and height."""
        if self._even:
            yield from self._placed_evenly(width)
            return
        for line in self._balanced(width):
            others = sum(self._least(item) for item in line if not self._stretches(item))
            rest = width - others - self.spacing() * (len(line) - 1)
            placed = []
            for item in line:
                wide = max(1, rest) if self._stretches(item) else min(self._least(item), width)
                placed.append((item, wide, _height(item, wide)))
            yield placed

    def _placed_evenly(self, width: int) -> Iterator[list[tuple[QLayoutItem, int, int]]]:
        """Divide the items into lines of the same number, as few lines as their texts allow."""
        items, gap = self._visible(), self.spacing()
        widest = max(map(self._least, items), default=0)
        columns = next(
            (n for n in range(len(items), 1, -1)
             if len(items) % n == 0 and n * (widest + gap) - gap <= width),
            1,
        )  # fmt: skip
        wide = max(1, (width - gap * (columns - 1)) // columns)
        for start in range(0, len(items), columns):
            line = items[start : start + columns]
            yield [(item, wide, _height(item, wide)) for item in line]


def _unbroken(widget: QWidget) -> int:
    """Return how wide the widget's longest text is in one line."""
    texts = [widget] if isinstance(widget, QLabel) else widget.findChildren(QLabel)
    wide = [text.fontMetrics().horizontalAdvance(text.text()) for text in texts]
    return max(wide, default=widget.sizeHint().width())


def _height(item: QLayoutItem, wide: int) -> int:
    high = item.heightForWidth(wide) if item.hasHeightForWidth() else item.sizeHint().height()
    return min(max(high, item.minimumSize().height()), item.maximumSize().height())

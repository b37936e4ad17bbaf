"""Two versions of an example side by side, with what differs marked."""

from __future__ import annotations

import re
from collections.abc import Iterable

from PySide6.QtGui import QColor, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit

from core.data.example import BadRow, Example, Message, Role
from core.language import N_, _
from gui.kit.theme import colors
from gui.rows.code_look import show_text

_NAMES = {
    "user": N_("Question:"),
    "assistant": N_("Answer:"),
    "system": N_("Instruction:"),
    "tool": N_("Tool:"),
}
_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u200b\u2028\u2029\u2060\ufeff]")
_TAB = "→   "
_LINE_END = re.compile(r"[ ]+(?=\n|\Z)")
_LINE_ENDS = re.compile("\r\n?")  # of other systems: an end of a line like any other
_LARGE = re.compile("[\U00010000-\U0010ffff]")


def readable(item: Example | BadRow) -> str:
    """Return an example as plain text with the roles spelled out."""
    if isinstance(item, BadRow):
        return f"{_('Not readable: {reason}', reason=item.reason)}\n\n{item.raw}"
    return "\n\n".join(map(_readable_turn, item.messages))


def readable_talk(turns: Iterable[tuple[Role, str]]) -> str:
    """Return turns as plain text, each with who speaks."""
    return "\n\n".join(_readable_turn(Message(role, text)) for role, text in turns)


def _readable_turn(message: Message) -> str:
    thought = f"{_('Reasoning:')}\n{message.reasoning}\n\n" if message.reasoning else ""
    return f"{thought}{_(_NAMES[message.role])}\n{message.content}"


def show_difference(
    first_pane: QPlainTextEdit, second_pane: QPlainTextEdit, first: str, second: str
) -> None:
    """Show two texts; mark where they differ and scroll there; show invisible characters."""
    first, second = (with_marks(_LINE_ENDS.sub("\n", text)) for text in (first, second))
    begin, end = differing_span(first, second)
    for pane, text in ((first_pane, first), (second_pane, second)):
        show_text(pane, text)
        _mark(pane, begin, max(begin, len(text) - end))


def differing_span(first: str, second: str) -> tuple[int, int]:
    """Return how many characters are the same at the beginning and at the end."""
    shortest = min(len(first), len(second))
    begin = next((n for n in range(shortest) if first[n] != second[n]), shortest)
    rest = range(shortest - begin)
    end = next((n for n in rest if first[-1 - n] != second[-1 - n]), len(rest))
    return begin, end


def _mark(pane: QPlainTextEdit, begin: int, end: int) -> None:
    cursor = QTextCursor(pane.document())
    cursor.setPosition(begin)
    pane.setTextCursor(cursor)
    pane.centerCursor()
    cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
    mark = QTextEdit.ExtraSelection()
    mark.cursor = cursor
    mark.format.setBackground(QColor(colors().selection))
    mark.format.setFontUnderline(True)
    pane.setExtraSelections([mark] if cursor.hasSelection() else [])


def with_marks(text: str) -> str:
    """Return ``text`` with signs for what cannot be seen otherwise, also spaces at line ends."""
    text = text.replace("\t", _TAB)
    return with_signs(_LINE_END.sub(lambda match: "·" * len(match.group()), text))


def with_signs(text: str) -> str:
    """Return ``text`` with signs for tabs and characters that nobody sees.

    Positions in a text document count UTF-16 units, so that letters that need two become a box.
    """
    text = text.replace("\t", _TAB)
    text = _INVISIBLE.sub(lambda match: f"⟨U+{ord(match.group()):04X}⟩", text)
    return _LARGE.sub("\u25a1", text)

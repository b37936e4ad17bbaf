"""Web pages that programs export for looking at chats: Telegram, Discord, Gemini (Takeout)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import IO

from selectolax.lexbor import LexborHTMLParser, LexborNode

from core.data.readers.conversations.flat_rows import PROMPTED
from core.data.readers.documents.html import check_depth
from core.data.readers.documents.paragraphs import UnreadableError
from core.data.readers.documents.snippets import plain
from core.data.readers.formats.records import Record
from core.storage.files import JsonObject

_LIMIT = 64 << 20  # bytes
_DATE = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|[A-Z][a-z]+ \d{1,2}, \d{4}")
_GEMINI_TIME = re.compile(r"[^\n]{0,60}\b\d{1,2}:\d{2}[^\n]{0,40}")
_DISCORD = ".chatlog__message-container, .chatlog__message-group > .chatlog__message"  # not shown


def is_chat_page(text: str) -> bool:
    """Return whether a page begins as one of these exports does."""
    return any(all(sign in text for sign in signs) for signs, _ in _PAGES)


def chat_page_rows(stream: IO[bytes], encoding: str) -> Iterator[Record]:
    """Yield one row a message, or a question and its answer.

    Raises:
        UnreadableError: it is too large, or nobody wrote a page like this.
    """
    content = stream.read(_LIMIT + 1)
    if len(content) > _LIMIT:
        raise UnreadableError("too_large")
    markup = content.decode(encoding or "utf-8", "replace")
    check_depth(markup)
    tree = LexborHTMLParser(markup)
    for signs, read in _PAGES:
        if all(sign in markup for sign in signs):
            yield from (Record(n, row) for n, row in enumerate(read(tree), start=1))
            return


def _telegram(tree: LexborHTMLParser) -> Iterator[JsonObject]:
    """What somebody writes on has no name above it."""
    who = day = ""
    for message in tree.css("div.message.default"):
        name = message.css_first(".body > .from_name")
        who = _text(name) or who
        date = message.css_first(".date")
        day = ((date.attributes.get("title") if date else "") or "").partition(" ")[0] or day
        if (said := _text(message.css_first(".body > .text"))) and who:
            yield {"speaker": who, "said": said, "day": day}


def _discord(tree: LexborHTMLParser) -> Iterator[JsonObject]:
    who = day = ""
    for message in tree.css(_DISCORD):
        who = _text(message.css_first(".chatlog__author, .chatlog__author-name")) or who
        found = _DATE.search(_text(message.css_first(".chatlog__timestamp")))
        day = found.group() if found else day
        if (said := _text(message.css_first(".chatlog__content"))) and who:
            yield {"speaker": who, "said": said, "day": day}


def _gemini(tree: LexborHTMLParser) -> Iterator[JsonObject]:
    """The question, a time and the answer stand in one cell; the newest stands first."""
    for cell in tree.css(".content-cell.mdl-typography--body-1"):
        parts = (cell.html or "").split("<br>", 2)
        asked = plain(parts[0])
        if len(parts) == 3 and PROMPTED.match(asked) and _GEMINI_TIME.fullmatch(plain(parts[1])):
            question = PROMPTED.sub("", asked, count=1)
            if question and (answer := plain(parts[2])):
                yield {"question": question, "answer": answer}


def _text(node: LexborNode | None) -> str:
    return plain((node.html or "").replace("<br>", "\n")) if node is not None else ""


_PAGES: tuple[tuple[tuple[str, ...], Callable[[LexborHTMLParser], Iterator[JsonObject]]], ...] = (
    (("chat_page", "from_name", "clearfix"), _telegram),
    (("chatlog__message", "chatlog__content"), _discord),
    (("content-cell", "mdl-typography--body-1", ">Gemini"), _gemini),
)
"""Words in the source of each page, and how it is read."""

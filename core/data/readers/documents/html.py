"""Web pages and the chapters of electronic books: their text without menus, scripts and forms."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import IO

from selectolax.lexbor import LexborHTMLParser, LexborNode

from core.data.readers.documents.paragraphs import (
    Paragraph,
    UnreadableError,
    squeezed,
)

_NEVER_TEXT = [
    "script", "style", "noscript", "template", "nav", "form", "button", "svg", "iframe", "head",
    "footer", "aside", "select",
]  # fmt: skip
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS = frozenset(
    {
        *_HEADINGS, "p", "li", "dt", "dd", "blockquote", "pre", "td", "th", "tr", "table", "div",
        "section", "article", "main", "body", "ul", "ol", "dl", "figure", "figcaption", "header",
        "caption", "address", "details", "summary", "hr", "center", "html", "tbody", "thead",
    }
)  # fmt: skip

_LIMIT = 32 << 20  # bytes
_DEEPEST = 2000
"""Elements inside each other; the time that the library takes grows with the square of them."""
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]{0,30})")
_NEVER_CLOSED = frozenset(
    {
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param",
        "source", "track", "wbr", "p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody",
        "tfoot", "option", "colgroup", "html", "head", "body", "rt", "rp",
    }
)  # fmt: skip


def html_paragraphs(stream: IO[bytes], encoding: str) -> Iterator[Paragraph]:
    """Yield the paragraphs of a web page.

    Raises:
        UnreadableError: it is too large, or holds no text.
    """
    content = stream.read(_LIMIT + 1)
    if len(content) > _LIMIT:
        raise UnreadableError("too_large")
    found = False
    for paragraph in paragraphs_in(content.decode(encoding or "utf-8", "replace"), 1):
        found = True
        yield paragraph
    if not found:
        raise UnreadableError("empty")


def paragraphs_in(markup: str, place: int) -> Iterator[Paragraph]:
    """Yield the paragraphs of a page; the main part alone where the page names it.

    Raises:
        UnreadableError: nobody wrote a page like this.
    """
    check_depth(markup)
    tree = LexborHTMLParser(markup)
    tree.strip_tags(_NEVER_TEXT)
    main = tree.css("main") or tree.css("article")
    roots = [main[0]] if len(main) == 1 else [tree.body] if tree.body else []
    for root in roots:
        gathered = _Gatherer(place)
        _walk(root, gathered)
        yield from gathered.done()


def check_depth(markup: str) -> None:
    """Refuse a page that would take the library for ever.

    Raises:
        UnreadableError: nobody wrote a page like this.
    """
    if sum(_open_tags(markup).values()) > _DEEPEST:
        raise UnreadableError("damaged", "too many elements that are never closed")


def _open_tags(markup: str) -> Counter[str]:
    """Return how many elements of each kind are never closed."""
    left: Counter[str] = Counter()
    for slash, name in _TAG.findall(markup):
        tag = name.lower()
        if tag not in _NEVER_CLOSED:
            left[tag] = max(0, left[tag] + (-1 if slash else 1))
    return left


class _Gatherer:
    """Puts running text together until a block begins or ends."""

    def __init__(self, place: int) -> None:
        self._place = place
        self._pieces: list[str] = []
        self._found: list[Paragraph] = []

    def add(self, text: str) -> None:
        """Take a run of text."""
        self._pieces.append(text)

    def end(self, level: int = 0, *, lines: bool = False) -> None:
        """A block is complete; ``lines`` keeps its line ends."""
        text = "".join(self._pieces)
        self._pieces = []
        text = text.strip("\n") if lines else squeezed(text)
        if text.strip():
            self._found.append(Paragraph(text, self._place, level))

    def done(self) -> list[Paragraph]:
        """Return what was found."""
        self.end()
        return self._found


def _walk(root: LexborNode, gathered: _Gatherer) -> None:
    """Visit all text below ``root``, without recursion: a page may be nested without end."""
    stack: list[tuple[LexborNode | None, str]] = [(root, "")]
    while stack:
        node, ends = stack.pop()
        if node is None:
            gathered.end(_HEADINGS.get(ends, 0), lines=ends == "pre")
        elif node.tag == "-text":
            gathered.add(node.text_content or "")
        elif node.tag == "br":
            gathered.add(" ")
        elif node.tag is not None and not node.tag.startswith(("-", "!")):
            tag = node.tag
            if tag in _BLOCKS:
                gathered.end()
                stack.append((None, tag))
            stack += [(child, "") for child in reversed(list(node.iter(include_text=True)))]

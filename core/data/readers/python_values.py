"""Values as Python and numpy print them: ``{'role': 'user'}``, ``[{…} {…}]``, ``array([…])``.

Python's own reader builds a tree that takes hundreds of times the memory of the text. Here the
text is turned into JSON token by token, in time and memory linear in its length.
"""

from __future__ import annotations

import re
from typing import Any

import orjson

from core.data.readers.encoding import without_surrogates

LONGEST = 1 << 20
"""Longest text (characters) that is looked at; longer rows are written as JSON by any program."""

_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<dtype>,\s*dtype=[\w.']+)
    |(?P<text>[bBuU]?(?:'(?:[^'\\]|\\.)*+'|"(?:[^"\\]|\\.)*+"))
    |(?P<call>[A-Za-z_][\w.]*\()
    |(?P<open>[\[{(])
    |(?P<close>[\]})])
    |(?P<mark>[,:])
    |(?P<number>-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)
    |(?P<word>-?[A-Za-z]\w*)""",
    re.X | re.S,
)
_WORDS = {
    "True": "true", "False": "false", "None": "null", "nan": "null", "NaN": "null", "inf": "null",
    "-inf": "null", "NaT": "null",
}  # fmt: skip
_CALLS = ("array(", "np.array(", "list(", "tuple(", "OrderedDict(", "deque(", "dict(")
_CLOSES = {"[": "]", "{": "}", "(": "]"}
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.S)
_SINGLE = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "a": "\a", "b": "\b", "f": "\f", "\n": ""}
_LAST_CHARACTER = 0x10FFFF


def python_value(text: str) -> Any:
    """Return the value that ``text`` prints, as JSON would hold it; ``None`` if it prints none."""
    if len(text) > LONGEST:
        return None
    converted = _Converter().json_of(text)
    if converted is None:
        return None
    try:
        return orjson.loads(converted)
    except orjson.JSONDecodeError:
        return None


class _Converter:
    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._closing: list[str] = []
        self._after_value = False

    def json_of(self, text: str) -> str | None:
        """Return the same value as JSON, ``None`` where a sign belongs to no value."""
        place = 0
        while place < len(text):
            match = _TOKEN.match(text, place)
            if match is None or not self._add(str(match.lastgroup), match.group()):
                return None
            place = match.end()
        return None if self._closing else "".join(self._pieces)

    def _add(self, kind: str, token: str) -> bool:
        if kind in ("space", "dtype"):
            return True
        if kind == "mark":
            self._pieces.append(token)
            self._after_value = False
            return True
        if kind == "close":
            return self._close()
        return self._begin(kind, token)

    def _begin(self, kind: str, token: str) -> bool:
        if self._after_value:  # numpy prints no commas between the elements of a list
            self._pieces.append(",")
        self._after_value = kind not in ("open", "call")
        if kind == "call":
            if token not in _CALLS:
                return False
            self._closing.append("")
        elif kind == "open":
            self._pieces.append("{" if token.startswith("{") else "[")
            self._closing.append(_CLOSES[token])
        elif kind == "text":
            self._pieces.append(_string(token))
        elif kind == "number":
            self._pieces.append(token)
        elif token in _WORDS:
            self._pieces.append(_WORDS[token])
        else:
            return False
        return True

    def _close(self) -> bool:
        if not self._closing:
            return False
        if self._pieces[-1:] == [","]:
            self._pieces.pop()
        self._pieces.append(self._closing.pop())
        self._after_value = True
        return True


def _string(token: str) -> str:
    body = token[token.index(token[-1]) + 1 : -1]
    if "\\" in body:
        body = _ESCAPE.sub(_unescaped, body)
    return orjson.dumps(without_surrogates(body)).decode()


def _unescaped(match: re.Match[str]) -> str:
    code = match[1] or match[2] or match[3]
    if code:
        return chr(int(code, 16)) if int(code, 16) <= _LAST_CHARACTER else "\ufffd"
    return _SINGLE.get(match[4], match[4] if match[4] in "\\'\"" else match.group())

"""A chat with an assistant saved as Markdown: a heading above each turn says whose it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO

from core.data.readers.encoding import KEPT_BYTES, decoded
from core.data.readers.formats.prose import is_answer_mark
from core.data.readers.formats.records import Record
from core.data.readers.options import LINE_LIMIT

_ASKS = r"you|user|human|me|prompt"
_ANSWERS = (  # not shown
    r"chatgpt|gpt-?[\w.]{1,8}|assistant|ai|claude|gemini|copilot|cursor|grok|deepseek|mistral"
    r"|le chat|llama|perplexity|bot|model|response"
)
_HEAD = re.compile(
    r"(?P<mark>\#{1,6}\s*|\*{2}|_{2})?(?P<sign>[^\w\s\#*_]{1,8}\s*)?\*{0,2}"
    rf"(?:(?P<asks>{_ASKS})|(?P<answers>{_ANSWERS}))(?: said| asked| wrote)?"
    r"(?:\s*\([^()\n]{0,60}\))?(?P<colon>:)?\s*(?:\*{2}|_{2})?(?P<late>:)?\s*",
    re.I,
)
_RULE = re.compile(r"\s*(?:-{3,}|\*{3,}|_{3,})\s*")
_LINES_LOOKED_AT = 400
_HEADS_WITHIN = 30


def _head(line: str) -> re.Match[str] | None:
    match = _HEAD.fullmatch(line.rstrip("\r\n"))
    return match if match and (match["mark"] or match["colon"] or match["late"]) else None


def is_dialogue(text: str) -> bool:
    """Return whether such headings stand in a text; questions and answers are read elsewhere."""
    lines = text.lstrip("\ufeff").splitlines()[:_LINES_LOOKED_AT]
    heads = [(n, line, match) for n, line in enumerate(lines) if (match := _head(line))]
    asks = [match for _, _, match in heads if match["asks"]]
    answers = [line for _, line, match in heads if match["answers"]]
    if not asks or not answers or heads[0][0] > _HEADS_WITHIN:
        return False
    return not all(map(is_answer_mark, answers))


def dialogue_rows(stream: IO[bytes], encoding: str) -> Iterator[Record]:
    """Yield the whole chat as one row; what stands above its first heading is no turn."""
    turns: list[tuple[str, list[str]]] = []
    begin = 0
    with decoded(stream, encoding) as text:
        for number, line in enumerate(iter(lambda: text.readline(LINE_LIMIT), ""), start=1):
            if match := _head(line.lstrip("\ufeff")):
                begin = begin or number
                turns.append(("user" if match["asks"] else "assistant", []))
            elif turns:
                turns[-1][1].append(line)
    said = [{"role": role, "content": _tidy(lines)} for role, lines in turns]
    if said := [turn for turn in said if turn["content"]]:
        broken = any(KEPT_BYTES.search(turn["content"]) for turn in said)
        yield Record(begin, {"messages": said}, broken=broken)


def _tidy(lines: list[str]) -> str:
    """Return a turn without the line that divides it from the next."""
    while lines and (not lines[-1].strip() or _RULE.fullmatch(lines[-1])):
        lines = lines[:-1]
    return "".join(lines).strip().replace("\r\n", "\n")

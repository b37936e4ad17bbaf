"""Answers that ran out of room, shown so that this does not tell who wrote them.

A fine-tune learns how long answers are, a base model does not: nearly every answer that is cut is
the base model's. One that breaks off in the middle of a word would therefore give its author away
in the blind rating, and so would a mark on that answer alone. So both answers of such a pair are
treated alike: a cut one ends with its last finished sentence, as any other answer does, and the
same mark follows both. It says that one of the two had more to say, and not which. Neither is
shortened to the length of the other: how much a model says is part of what is judged.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.language import _

CUT_MARK = "\n\n[…]"
"""Follows both answers of a pair of which one was cut; the same in every language."""
_SENTENCE_END = re.compile(r"[.!?…](?=[\s\"'”’»)\]*_]|$)[\"'”’»)\]*_]*|[。！？]|\n")
_LEAST_KEPT = 0.25  # of the text; an end that comes earlier would hide too much


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model wrote; ``cut``: it ran out of room before it had finished."""

    text: str
    cut: bool = False


def is_cut(base: Answer, tuned: Answer) -> bool:
    """Return whether one answer of a pair was cut, so that both are marked."""
    return base.cut or tuned.cut


def shown(answer: Answer) -> str:
    """Return the text to judge: a cut one without the sentence that it broke off in."""
    if not answer.cut:
        return answer.text
    ends = [found.end() for found in _SENTENCE_END.finditer(answer.text)]
    last = max((end for end in ends if end >= _LEAST_KEPT * len(answer.text)), default=0)
    if last:
        return answer.text[:last].rstrip()
    words = answer.text.rsplit(maxsplit=1)  # the last word may be half of one
    return words[0] if len(words) > 1 else answer.text


def marked(text: str, *, cut: bool) -> str:
    """Return an answer as the rating keeps it; ``cut`` is that of its pair."""
    return f"{text}{CUT_MARK}" if cut else text


def explained(text: str) -> str:
    """Return an answer as the rating shows it: what the mark means stands beside it."""
    if not text.endswith(CUT_MARK):
        return text
    return f"{text} {_('At least one of the two answers is longer than shown here.')}"

"""Everyday questions that show what a model may have forgotten."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from functools import cache
from importlib.resources import files

from core.data.example import Example, Message, Source
from core.training.preferences.questions import JudgedText, fresh

_NO_ANSWER, _SOURCE = Message("assistant", ""), Source("general questions", 0)  # not shown
_FILE = files("resources") / "general_questions.json"


@cache
def general_questions() -> list[dict[str, str]]:
    """Return the packaged questions, each with an answer."""
    questions: list[dict[str, str]] = json.loads(_FILE.read_text(encoding="utf-8"))["questions"]
    return questions


def fresh_questions(
    judged: Collection[str], texts: Sequence[JudgedText] = ()
) -> list[dict[str, str]]:
    """Return those about which a fine-tune learned no judgement, nor about a near copy.

    Args:
        judged: hashes of the questions about which it did; ``texts``: what is known of them.
    """
    questions = general_questions()
    asked = [Example((Message("user", q["question"]), _NO_ANSWER), _SOURCE) for q in questions]
    known = fresh(asked, judged, texts)
    return [one for one, is_fresh in zip(questions, known, strict=True) if is_fresh]

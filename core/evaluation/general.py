"""Everyday questions that show what a model may have forgotten."""

from __future__ import annotations

import json
from collections.abc import Collection
from functools import cache
from pathlib import Path

from core.training.preferences.questions import question_hash

_FILE = Path(__file__).resolve().parents[2] / "resources" / "general_questions.json"


@cache
def general_questions() -> list[dict[str, str]]:
    """Return the packaged questions, each with an answer."""
    questions: list[dict[str, str]] = json.loads(_FILE.read_text(encoding="utf-8"))["questions"]
    return questions


def fresh_questions(judged: Collection[str]) -> list[dict[str, str]]:
    """Return those about which a fine-tune learned no judgement.

    Args:
        judged: hashes of the questions about which it did.
    """
    return [one for one in general_questions() if question_hash(one["question"]) not in judged]

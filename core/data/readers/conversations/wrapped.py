"""Questions and answers that already carry a chat template's marks.

The marks would be learned as text, and put around the turns once more by the base's own template.
Whether a file is like that is decided from its beginning, so that no ordinary text is touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.data.readers.conversations.template_marks import CLOSING
from core.data.readers.conversations.transcripts import bare_answer, open_prompt

_MOSTLY = 0.8
_LOOKED_AT = 50


def are_wrapped(questions: Sequence[Any], answers: Sequence[Any]) -> bool:
    """Return whether most questions are rendered prompts, or most answers end in a template's end.

    Args:
        answers: empty where there is no column of answers.
    """
    return _mostly(questions, _is_rendered) or _mostly(answers, _is_closed)


def _mostly(values: Sequence[Any], check: Any) -> bool:
    texts = [value for value in values[:_LOOKED_AT] if isinstance(value, str) and value.strip()]
    return bool(texts) and sum(map(check, texts)) >= _MOSTLY * len(texts)


def _is_rendered(text: str) -> bool:
    return open_prompt(text) is not None


def _is_closed(text: str) -> bool:
    return CLOSING.search(text) is not None


def asked_in(text: str) -> list[dict[str, str]] | None:
    """Return the turns of a rendered prompt, ``None`` where it is none."""
    said = open_prompt(text)
    return None if said is None else [{"role": role, "content": text} for role, text in said]


def answer_in(text: str) -> str:
    """Return the answer without marks and the space that a template puts around it."""
    return bare_answer(text).strip()

"""Where a chat ends for the model: at the last answer that says something.

Talks between people end in "thanks", "ok" and a smile. The model would be asked for these last, in
the scores, in the sample answer and in the blind comparison, while the real answer stands before.
"""

from __future__ import annotations

from core.data.example import Message

_TELLING = 12  # bytes of letters and digits: four signs of Chinese, or two short words of English


def up_to_last_word(turns: tuple[Message, ...]) -> tuple[Message, ...]:
    """Return ``turns`` without what follows the last answer that says something.

    All of them where no answer does.
    """
    for end in range(len(turns), 0, -1):
        last = turns[end - 1]
        if last.role == "assistant" and _says_something(last.content):
            return turns[:end]
    return turns


def _says_something(text: str) -> bool:
    return sum(len(sign.encode()) for sign in text if sign.isalnum()) >= _TELLING

"""Which names a few typed letters mean, best first."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from typing import TypeVar

Item = TypeVar("Item")  # not shown: a type

_START_OF_WORD = 8
_IN_A_ROW = 5
_WHOLE = 30  # the letters stand together
_FIRST = 20  # and at the very beginning
_KNOWN = 20  # another word for it begins with them


def plain(text: str) -> str:
    """Return the text in small letters without accents."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


def score(typed: str, name: str, words: str = "") -> int:
    """Return how well a name is meant; 0 if a typed letter is missing or out of order.

    Args:
        words: more that it is found by, by the beginning of each only.
    """
    wanted, text, known = plain(typed).split(), plain(name), plain(words)
    if not wanted:
        return 1
    scores = [_score_word(word, text) or _score_known(word, known) for word in wanted]
    return sum(scores) if all(scores) else 0


def _score_known(word: str, words: str) -> int:
    """Count less than the same letters in the name, more than letters here and there in it."""
    return _KNOWN + len(word) * _IN_A_ROW if f" {word}" in f" {words}" else 0


def _score_word(word: str, text: str) -> int:
    place = text.find(word)
    if place >= 0:
        begins = place == 0 or not text[place - 1].isalnum()
        bonus = _WHOLE + (_FIRST if place == 0 else 0) + (_START_OF_WORD if begins else 0)
        return bonus + len(word) * _IN_A_ROW
    return _score_letters(word, text)


def _score_letters(word: str, text: str) -> int:
    """Take each letter at the start of a word where there is one, else the next."""
    total, place = 1, -1
    for letter in word:
        after = place + 1
        starts = (
            at for at in range(after, len(text))
            if text[at] == letter and (at == 0 or not text[at - 1].isalnum())
        )  # fmt: skip
        following = after if after < len(text) and text[after] == letter else -1
        found = following if following > 0 else next(starts, text.find(letter, after))
        if found < 0:
            return 0
        begins = found == 0 or not text[found - 1].isalnum()
        if not begins and found != after:
            return 0  # letters from the middle of words mean nothing
        total += _START_OF_WORD if begins else _IN_A_ROW
        place = found
    return total


def ranked(
    typed: str, items: Sequence[Item], name: Callable[[Item], str],
    words: Callable[[Item], str] = lambda _item: "",
) -> list[Item]:  # fmt: skip
    """Return what is meant, best first; equal ones stay as they were."""
    scored = [(score(typed, name(item), words(item)), at) for at, item in enumerate(items)]
    kept = sorted((-points, place) for points, place in scored if points)
    return [items[place] for _points, place in kept]

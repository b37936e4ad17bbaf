"""Words with which many answers begin or end: greetings, signatures, footers.

The model learns what stands in every second answer before anything else, and writes it under
answers of its own where it means nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from core.data.findings.markup import looks_like_code

_MOST_LINES = 8
_FEWEST_ANSWERS = 10
_LARGE_SHARE = 0.1
_AS_OFTEN = 0.8  # a longer text that is nearly as frequent is meant rather than its end
_FEWEST_LETTERS = 4
_LONGEST = 400  # characters
_MOST_FRAMES = 6
_LETTER = re.compile(r"[^\W\d_]")
_GREETING = re.compile(r"[^.!?:\n]{3,60}!(?=[ \n])")

Place = Literal["begin", "end"]


class Frame(BaseModel):
    """Words at one end of many answers.

    Attributes:
        count: how many answers have it.
    """

    model_config = ConfigDict(frozen=True)

    place: Place
    text: str
    count: int


def find_frames(answers: Sequence[str]) -> tuple[Frame, ...]:
    """Return what begins or ends a large share of ``answers``, the most frequent first.

    Counted are whole lines, and a first sentence that is a call ("Hello!"). What is the whole
    answer is none.
    """
    least = max(_FEWEST_ANSWERS, round(_LARGE_SHARE * len(answers)))
    found = []
    for place in ("begin", "end"):
        counts = Counter(text for answer in answers for text in _candidates(answer, place))
        frequent = {text: n for text, n in counts.items() if n >= least and _is_said(text)}
        found += [
            Frame(place=place, text=text, count=count)
            for text, count in frequent.items()
            if not _is_part_of_another(text, frequent, place)
        ]
    return tuple(sorted(found, key=lambda frame: -frame.count)[:_MOST_FRAMES])


def has_frame(answer: str, frames: Iterable[Frame]) -> bool:
    """Return whether ``answer`` begins or ends with one of ``frames``."""
    return without_frames(answer, frames) != answer


def without_frames(answer: str, frames: Iterable[Frame]) -> str:
    """Return ``answer`` without the longest of ``frames`` at each end; something always stays."""
    by_length = sorted(frames, key=lambda frame: -len(frame.text))
    for place in ("end", "begin"):
        texts = set(_candidates(answer, place))
        fitting = (frame.text for frame in by_length if frame.place == place)
        text = next((text for text in fitting if text in texts), "")
        if text:
            answer = _cut(answer, text, place)
    return answer


def _candidates(answer: str, place: Place) -> Iterator[str]:
    """Yield what may be a frame of one answer: some of its lines, but not all."""
    lines = [" ".join(line.split()) for line in answer.split("\n")]
    lines = [line for line in lines if line]
    if place == "begin":
        greeting = _GREETING.match(" ".join(lines[:1]) + "\n")
        if greeting is not None and len(greeting.group()) < len(" ".join(lines)):
            yield greeting.group()
    for count in range(1, min(_MOST_LINES, len(lines) - 1) + 1):
        part = lines[:count] if place == "begin" else lines[-count:]
        text = "\n".join(part)
        if len(text) > _LONGEST:
            return
        if place == "begin" and count == 1 and _GREETING.fullmatch(text + "\n"):
            continue
        yield text


def _is_said(text: str) -> bool:
    return len(_LETTER.findall(text)) >= _FEWEST_LETTERS and not looks_like_code(text)


def _is_part_of_another(text: str, frequent: dict[str, int], place: Place) -> bool:
    """Return whether a longer text that is nearly as frequent holds it, or a shorter one more."""
    for other, count in frequent.items():
        longer, shorter = (other, text) if len(other) > len(text) else (text, other)
        inside = longer.endswith(shorter) if place == "end" else longer.startswith(shorter)
        if other == text or not inside:
            continue
        if other == longer and count >= _AS_OFTEN * frequent[text]:
            return True
        if other == shorter and frequent[text] < _AS_OFTEN * count:
            return True
    return False


def _cut(answer: str, text: str, place: Place) -> str:
    """Take the words of ``text`` away, however much space stands between them."""
    pattern = r"\s+".join(re.escape(word) for word in text.split())
    if place == "end":
        return re.sub(rf"\s*\n\s*{pattern}\s*\Z", "", answer)
    return re.sub(rf"\A\s*{pattern}\s+", "", answer)

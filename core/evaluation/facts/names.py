"""Names in a text: capitals where the language has them, other signs where it has none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.evaluation.facts.words import EVERY_SMALL, MONTHS, SMALL, WEEKDAYS, folded, words_of

_WORD = re.compile(r"[^\W\d_]+(?:['’\-.][^\W\d_]+)*\.?")
_BEGINS = re.compile(
    r"(?:^|[.!?:;…。！？]['\"”»)\]]*\s|\n|[|#>*•\-–—(\[“„«\"]\s?)\s*[*_“„«\"'(\[]*$"
)
_TITLES = words_of(  # not shown: words that are matched in texts
    "mr mrs ms miss dr prof professor sir lady herr frau doktor monsieur madame señor señora "
    "senhor senhora signor signora sr sra"
)
_JOINS = words_of(  # not shown: words that are matched in texts
    "of the de la le du des da do dos von van der den del di y e et und"
)
_GERMAN_NOUN_BEFORE = words_of(  # not shown: words that are matched in texts
    "der die das den dem des ein eine einen einem einer eines kein keine keinen keinem im am "
    "zum zur beim vom ins ans dieser diese dieses diesem diesen jeder jede jedes jedem jeden "
    "alle viele mehr sein seine seinen seinem seiner ihr ihre ihren ihrem ihrer unser unsere "
    "mein meine dein deine welche welcher welches zwei drei vier fünf und oder"
)
_GERMAN_ENDINGS = tuple(  # not shown: words that are matched in texts
    words_of(
        "ung ungen heit heiten keit keiten schaft schaften ion ionen tät täten nis nisse chen "
        "lein tum ismus ieren stelle zeit weise mittel teil kraft werk zahl preis haus arbeit "
        "plan jahr tag woche stunde minute monat prozent euro meter gramm liter grad uhr"
    )
)
_KATAKANA = re.compile(
    r"[ァ-ヺー]{2,}(?:[・＝=][ァ-ヺー]{2,})+|[ァ-ヺー]{3,}(?=さん|氏|教授|博士|先生|社長)"
)
_HAN_TITLE = re.compile(
    r"[\u4e00-\u9fff]{1,4}?(?=さん|氏(?!名)|教授|博士|先生|女士|社長|经理)"  # not shown: titles
)
_HAN_DOT = re.compile(r"[\u4e00-\u9fff]{2,6}(?:[·•][\u4e00-\u9fff]{2,6})+")
_CLAUSE = re.compile(r"[はがをにでともやへ、。，的在和与是由被对]")


@dataclass(frozen=True, slots=True)
class Word:
    """A word with its place in the text; ``begins``: it is the first one of a sentence."""

    start: int
    end: int
    text: str
    begins: bool

    @property
    def bare(self) -> str:
        """The word without a point, a possessive or an accent, in small letters."""
        return bare(self.text)


@dataclass(frozen=True, slots=True)
class Name:
    """Words that look like one name."""

    words: tuple[Word, ...]
    titled: bool = False


def bare(word: str) -> str:
    """Return a word without its possessive, in small letters."""
    return folded(re.sub(r"(?:['’]s?|\.)$", "", word))


def names_of(text: str, *, german: bool) -> Iterator[Name]:
    """Yield what looks like names."""
    for line in _lines(text):
        words = list(_words(text, *line))
        ends = text[slice(*line)].rstrip()[-1:] in ".!?。！？"
        if ends or not _is_heading(words):
            yield from _in_line(text, words, german=german)
    yield from _eastern(text)


def _lines(text: str) -> Iterator[tuple[int, int]]:
    place = 0
    for line in text.splitlines(keepends=True):
        yield place, place + len(line)
        place += len(line)


def _words(text: str, start: int, end: int) -> Iterator[Word]:
    for match in _WORD.finditer(text, start, end):
        word = match.group()
        stop = match.end()
        if word.endswith(".") and not (len(word) <= 3 or bare(word) in _TITLES):
            word, stop = word[:-1], stop - 1
        begins = bool(_BEGINS.search(text[max(start, match.start() - 8) : match.start()]))
        yield Word(match.start(), stop, word, begins or match.start() == start)


def _is_heading(words: list[Word]) -> bool:
    """A line with capitals throughout has them for its looks."""
    long = [word for word in words if len(word.text) > 3]
    return len(long) >= 3 and all(word.text[0].isupper() for word in long)


def _in_line(text: str, words: list[Word], *, german: bool) -> Iterator[Name]:
    held: list[Word] = []
    titled = False
    before = ""
    for word in words:
        if held and not _stands_beside(text, held[-1], word):
            yield from _name(held, titled, german=german, before=before)
            held, titled = [], False
        if _is_capital(word) and bare(word.text) in _TITLES:
            yield from _name(held, titled, german=german, before=before)
            held, titled = [], True
            continue
        if _is_capital(word):
            held.append(word)
            continue
        if held and word.text.lower() in _JOINS and not german:
            held.append(word)
            continue
        yield from _name(held, titled, german=german, before=before)
        held, titled, before = [], False, word.text.lower()
    yield from _name(held, titled, german=german, before=before)


def _stands_beside(text: str, one: Word, other: Word) -> bool:
    return text[one.end : other.start] in (" ", "-", "\u00a0") and not other.begins


def _is_capital(word: Word) -> bool:
    return word.text[0].isupper() and word.text != "I"


def _name(words: list[Word], titled: bool, *, german: bool, before: str) -> Iterator[Name]:
    kept = list(words)
    while kept and kept[-1].text.lower() in _JOINS and not kept[-1].text[0].isupper():
        kept.pop()
    while kept and _is_ordinary(kept[0]):
        kept.pop(0)
    if not kept:
        return
    if kept[0].begins:
        before = ""
    if titled or _looks_like_a_name(kept, german=german, before=before):
        yield Name(tuple(kept), titled)


def _is_ordinary(word: Word) -> bool:
    small = word.text.lower()
    return small in MONTHS or small in WEEKDAYS or (word.begins and small in EVERY_SMALL)


def _looks_like_a_name(words: list[Word], *, german: bool, before: str) -> bool:
    if not german:
        return len(words) > 1 or not words[0].begins
    some = [word for word in words if not _is_german_noun(word)]
    if len(words) > 1:
        return len(some) > 1 and before not in _GERMAN_NOUN_BEFORE
    word = words[0]
    if word.begins or not some:
        return False
    return before in SMALL["de"] and before in _BEFORE_A_GERMAN_NAME


_BEFORE_A_GERMAN_NAME = words_of(  # not shown: words that are matched in texts
    "von laut durch namens"
)  # not shown: matched in texts


def _is_german_noun(word: Word) -> bool:
    return word.text.lower().endswith(_GERMAN_ENDINGS) or word.text.lower() in SMALL["de"]


def _eastern(text: str) -> Iterator[Name]:
    for pattern in (_KATAKANA, _HAN_DOT, _HAN_TITLE):
        for match in pattern.finditer(text):
            start = match.start()
            for clause in _CLAUSE.finditer(re.split("[·•]", match.group())[0]):
                start = match.start() + clause.end()
            if match.end() > start:
                yield Name((Word(start, match.end(), text[start : match.end()], begins=False),))

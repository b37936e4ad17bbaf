"""Whether a question and its answer are supported by the passage they were drawn from.

A small model invents. What can be checked without another model is checked: the numbers, names and
quotes of both must occur in the passage, most words of the answer too, and the question must be
about something that is in it. What passes may still be wrong, so that you look at it.
"""

from __future__ import annotations

import re
from typing import Literal

from core.language import N_

Fault = Literal[
    "", "no_question", "no_answer", "about_the_text", "number", "name", "quote", "invented",
    "elsewhere", "says_nothing", "copies", "repeated", "cut",
]  # fmt: skip

SAID: dict[Fault, str] = {
    "no_question": N_("It is not one question."),
    "no_answer": N_("There is no answer."),
    "about_the_text": N_("It can only be understood beside the text."),
    "number": N_("A number is not in the text."),
    "name": N_("A name is not in the text."),
    "quote": N_("A quote is not in the text."),
    "invented": N_("The answer says more than the text."),
    "elsewhere": N_("The question is about something else."),
    "says_nothing": N_("The answer only repeats the question."),
    "copies": N_("The answer is the whole text."),
    "repeated": N_("The question was asked already."),
    "cut": N_("The answer does not end."),
}

_LONGEST_QUESTION = 300
_FEWEST_WORDS = 3
_ENOUGH = 0.7  # of the answer's words must be in the passage
_ENOUGH_ASKED = 0.5
_SAME_QUESTION = 0.8
_COPIED = 0.8
_SHORT_PASSAGE = 300
_STEM = 5  # letters that words of one kin share, in most languages
_ASKS = ("?", "？", "؟")
_BEGINS = tuple('.!?:\n“”"«(*-')
_NOUNS_ARE_NAMES = 0.2
"""Where more of the words begin with a capital letter, as in German, they are no names."""
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
_NUMBER = re.compile(r"\d+(?:[.,:/]\d+)*")
_QUOTE = re.compile(r"[“„«\"]([^“”„«»\"]{3,200})[”“»\"]")
_TEXT_WORDS = r"text|passage|paragraph|document|excerpt|article|author|section|sentence|context"
_ABOUT_THE_TEXT = re.compile(  # not shown: matched in what the model writes
    rf"\b(?:this|the|above|given|following|provided)\s+(?:\w+\s+)?(?:{_TEXT_WORDS})\b"
    r"|\b(?:dieser|diesem|der|dem|im|den|des)\s+(?:text|textes|abschnitt|abschnitts|autor|artikel)\b"
    r"|\b(?:ce|le|du|cet)\s+(?:texte|passage|paragraphe|article)\b"
    r"|\b(?:este|el|del)\s+(?:texto|pasaje|párrafo|artículo)\b",
    re.I,
)
_REFUSES = re.compile(  # not shown: matched in what the model writes
    r"\b(?:i'm sorry|i am sorry|i cannot|i can't|as an ai|not (?:mentioned|specified|stated|given)|"
    r"does not (?:say|mention|specify)|kann ich nicht|nicht (?:erwähnt|genannt|angegeben))\b",
    re.I,
)
_SMALL_WORDS = (  # not shown: matched in what the model writes
    "a an the of in on at to for and or is are was were be been by with from as that this these "
    "those it its what which who whom whose when where why how does do did can could should would "
    "will may not no yes there their they he she you your we our has have had if than then so "
    "der die das und ist sind ein eine einen dem den des im in am zu auf für von mit wie was wer "
    "wo wann warum welche welcher welches wird werden kann nicht es sie er man bei aus nach"
)
_SMALL = frozenset(_SMALL_WORDS.split())


def fault_of(question: str, answer: str, passage: str, asked: list[frozenset[str]]) -> Fault:
    """Return what is wrong with a pair, ``""`` for nothing.

    Args:
        asked: the words of the questions before it, see :func:`words_of`.
    """
    return (
        _of_form(question, answer, passage)
        or _of_facts(question, passage)
        or _of_facts(answer, passage)
        or _of_words(question, answer, passage)
        or _of_others(question, asked)
    )


def _of_form(question: str, answer: str, passage: str) -> Fault:
    asks = question.endswith(_ASKS) and sum(map(question.count, _ASKS)) == 1
    long_enough = len(question.split()) >= _FEWEST_WORDS or bool(_WIDE.search(question))
    if not asks or not long_enough or len(question) > _LONGEST_QUESTION or "\n" in question:
        return "no_question"
    if not answer or answer.endswith("?") or _REFUSES.search(answer):
        return "no_answer"
    if _ABOUT_THE_TEXT.search(question) or _ABOUT_THE_TEXT.search(answer):
        return "about_the_text"
    if len(passage) > _SHORT_PASSAGE and len(answer) > _COPIED * len(passage):
        return "copies"
    return ""


def _of_facts(text: str, passage: str) -> Fault:
    numbers = set(_NUMBER.findall(passage))
    if any(number not in numbers for number in _NUMBER.findall(text)):
        return "number"
    plain = _plain(passage)
    if any(_plain(quote) not in plain for quote in _QUOTE.findall(text)):
        return "quote"
    stems = words_of(passage, small=True)
    if len(_names(passage)) > _NOUNS_ARE_NAMES * len(_WORD.findall(passage)):
        return ""
    names = (word for name in _names(text) for word in words_of(name, small=True))
    return "name" if any(word not in stems for word in names) else ""


def _names(text: str) -> list[str]:
    """Return the words that begin with a capital letter although no sentence does there."""
    return [
        match.group()
        for match in _WORD.finditer(text)
        if match.group()[0].isupper()
        and len(match.group()) > 1
        and (before := text[: match.start()].rstrip())
        and not before.endswith(_BEGINS)
    ]


def _of_words(question: str, answer: str, passage: str) -> Fault:
    here, asks, says = words_of(passage), words_of(question), words_of(answer)
    if not asks or len(asks & here) < _ENOUGH_ASKED * len(asks):
        return "elsewhere"
    if not says - asks and not _NUMBER.search(answer):
        return "says_nothing"
    return "invented" if len(says & here) < _ENOUGH * len(says) else ""


def _of_others(question: str, asked: list[frozenset[str]]) -> Fault:
    mine = words_of(question)
    for other in asked:
        if len(mine & other) >= _SAME_QUESTION * max(1, len(mine | other)):
            return "repeated"
    return ""


def words_of(text: str, *, small: bool = False) -> frozenset[str]:
    """Return the telling words of a text by their beginnings; pairs of signs where none are told.

    Args:
        small: also the words that every text has.
    """
    lowered = text.casefold()
    found = {
        word[:_STEM].rstrip("s")
        for word in _WORD.findall(lowered)
        if (small or word not in _SMALL) and not _WIDE.search(word)
    }
    wide = "".join(_WIDE.findall(lowered))
    return frozenset(found | {wide[n : n + 2] for n in range(len(wide) - 1)})


def _plain(text: str) -> str:
    return " ".join(text.casefold().split()).strip(" .,;:!?")

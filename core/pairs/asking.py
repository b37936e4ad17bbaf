"""What a model is asked about a passage, and what is taken from what it writes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from core.chat.cuts import Answer
from core.data.example import Message
from core.pairs.check import Fault, fault_of, words_of
from core.pairs.passages import Passage
from core.pairs.proposals import Proposal

Ask = Callable[[Sequence[tuple[Message, ...]]], list[Answer]]
"""Gives an answer to each conversation."""

_TASK = (  # not shown: the model reads it
    "{passage}\n\nWrite one question that this text answers, in the language of the text."
)
_SHOWN = (  # not shown: the model reads it; small ones need to see it done once
    Message(
        "user",
        _TASK.format(
            passage="The museum of clocks in Bern opens at nine in the morning and shows 240 "
            "clocks. The oldest was made by Anna Weber in 1612."
        ),
    ),
    Message("assistant", "Who made the oldest clock in the museum of clocks in Bern?"),
)
_ANSWER = (  # not shown: the model reads it
    "{passage}\n\n"
    "Answer this question in one or two sentences, with facts from the text above only, in the "
    "language of the text.\n\nQuestion: {question}"
)
_BEFORE = re.compile(  # not shown: what models write before what was asked for
    r"^\s*(?:[-*•]\s+|\d{1,2}[.)]\s+|\**(?:q|question|a|answer|frage|antwort|réponse|pregunta|"
    r"respuesta)\**\s*:\**\s*)+",
    re.I,
)
_MARKS = '"“”„«»*_ \t'


def proposals(
    passages: Sequence[Passage], ask: Ask, model: str, asked: list[frozenset[str]]
) -> list[Proposal]:
    """Return a pair for each passage, checked; ``asked`` learns the questions that pass."""
    questions = [
        first_question(answer.text)
        for answer in ask([(*_SHOWN, _said(_TASK, one)) for one in passages])
    ]
    answers = ask(
        [
            (_said(_ANSWER, one, question=question),)
            for one, question in zip(passages, questions, strict=True)
        ]
    )
    found = []
    for passage, question, answer in zip(passages, questions, answers, strict=True):
        said = cleaned(answer.text)
        fault: Fault = fault_of(question, said, passage.text, asked)
        if not fault and answer.cut:
            fault = "cut"
        if not fault:
            asked.append(words_of(question))
        found.append(
            Proposal(
                question=question,
                answer=said,
                passage=passage.text,
                file=passage.file,
                line=passage.line,
                model=model,
                fault=fault,
            )
        )
    return found


def _said(template: str, passage: Passage, **values: str) -> Message:
    return Message("user", template.format(passage=passage.text, **values))


def first_question(text: str) -> str:
    """Return the first line of what a model wrote that is a question, else the first line."""
    lines = [line for line in (cleaned(line) for line in text.splitlines()) if line]
    asking = (line for line in lines if line.endswith(("?", "？", "؟")))
    return next(asking, lines[0] if lines else "")


def cleaned(text: str) -> str:
    """Return an answer without the label, the marks and the quotes that some models put around."""
    text = _BEFORE.sub("", text).strip()
    whole = text[:1] in _MARKS and text[-1:] in _MARKS
    return text.strip(_MARKS) if whole else text

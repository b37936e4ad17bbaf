"""An example as the texts that the model reads, with what it learns to write in each.

An answer is learned behind exactly the prompt that the model gets when it is asked: the chat
template's rendering of the turns before it. What it learns to write is taken from the rendering
that ends with this answer. Where later prompts repeat an answer as it was learned, one text holds
them all; templates that show earlier answers in another way (without their reasoning, for example)
get one text for each answer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from core.chat.template import Template, TemplateRejectsError, template_of
from core.chat.turns import OPENED, Traits, apart, chat, fitted, mark, traits_of
from core.data.example import Message
from core.language import N_, _

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

Span = tuple[int, int]

EMPTY_THINKING = "empty_thinking"
REASONING_ADDED = "reasoning_added"
OTHER_PROMPT = "other_prompt"
SEVERAL_TEXTS = "several_texts"
LOST = {role: f"lost_{role}" for role in ("system", "user", "assistant", "tool")}

_NO_THOUGHT = re.compile(r"<(think|thinking|seed:think)>\s*</\1>|\[THINK\]\s*\[/THINK\]")
_CLOSED = re.compile(rf"(?:{_NO_THOUGHT.pattern})\s*\Z")
_CONTEXT = 40  # characters of a prompt that may open a reasoning
_BRACKETED = re.compile(r"<[^\s<>]+>|\[[^\s\[\]]+\]")
_LEAVES_OUT = N_("it leaves out the text of the answer")
_SHOWS_NOTHING = N_("it leaves out the text of the question")


@dataclass(frozen=True, slots=True)
class Reading:
    """One text that the model reads.

    Attributes:
        text: what it reads, prompt and answer.
        spans: the characters that are learned.
    """

    text: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Readings:
    """An example as the model reads it: usually one text, else one for each answer.

    Attributes:
        texts: that of the last answer first.
        notes: what had to be done with the example or is missing in it, by the names above.
    """

    texts: tuple[Reading, ...]
    notes: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Written:
    """What the model writes after a prompt: ``before`` its answer, the answer, ``after`` it."""

    before: str
    answer: str
    after: str
    notes: frozenset[str] = frozenset()


def reader_of(tokenizer: PreTrainedTokenizerBase) -> Reader:
    """Return the reader for a tokenizer and the template that it has now."""
    template = template_of(tokenizer)
    known = _readers.get(tokenizer)
    if known is None or known.template is not template:
        known = _readers[tokenizer] = Reader(template, end_marks(tokenizer))
    return known


_readers: WeakKeyDictionary[PreTrainedTokenizerBase, Reader] = WeakKeyDictionary()


def end_marks(tokenizer: PreTrainedTokenizerBase) -> tuple[str, ...]:
    """Return the tokens that can end an answer.

    Not only those that the configuration names: many end tokens are merely added to the tokenizer.
    """
    added = {
        token.content
        for token in tokenizer.added_tokens_decoder.values()
        if token.content.strip() and (token.special or _BRACKETED.fullmatch(token.content))
    }
    return tuple({*added, *tokenizer.all_special_tokens})


class Reader:
    """Reads examples as one chat template shows them.

    Attributes:
        template: the chat template.
        end: the token that ends an answer, ``""`` if the template writes none.
    """

    def __init__(self, template: Template, marks: Sequence[str]) -> None:
        self.template = template
        self.traits: Traits = traits_of(template)
        self._marks = tuple(sorted(marks, key=lambda text: -len(text)))
        found = self._marks_at(self.traits.tail)
        self._ending = ""
        if not found and self.traits.gap.startswith(self.traits.tail):
            found = self._marks_at(self.traits.gap)[:1]
            if found:
                self._ending = self.traits.gap[: self._end_length(self.traits.gap, most=1)]
        self.end = found[-1] if found else ""

    def prompt(self, messages: Sequence[Message]) -> str:
        """Return the text after which the model writes its answer.

        Raises:
            TemplateRejectsError: the template cannot show these turns, or shows nothing at all.
        """
        text = self._prompt(fitted(messages, self.traits)[0])
        if messages and not text:
            raise TemplateRejectsError(_(_SHOWS_NOTHING))
        return text

    def _prompt(self, turns: Sequence[Message]) -> str:
        return self._render(turns, prompt=True) if turns else self.traits.opening

    def _render(self, turns: Sequence[Message], *, prompt: bool = False) -> str:
        messages = chat(turns, parts=self.traits.parts)
        return self.template.render(messages, add_generation_prompt=prompt)

    def read(self, messages: Sequence[Message]) -> Readings:
        """Return an example as the model reads it.

        Raises:
            TemplateRejectsError: the template cannot show it.
        """
        turns, notes = fitted(messages, self.traits)
        answered = [n for n, turn in enumerate(turns) if _is_learned(turn)]
        if not answered:
            return Readings((Reading(self._render(turns), ()),), notes)
        texts: list[Reading] = []
        for place in reversed(answered):
            prompt = self._prompt(turns[:place])
            written = self._written(turns[: place + 1], prompt)
            notes |= written.notes
            _add(texts, prompt, written, self._end_length(written.after))
        several = {SEVERAL_TEXTS} if len(texts) > 1 else set()
        return Readings(tuple(texts), notes | several | _lost(messages, texts))

    def _written(self, turns: Sequence[Message], prompt: str) -> _Written:
        """Return what the model writes as the last of ``turns`` after ``prompt``."""
        full = self._render(turns)
        found = _behind(prompt, full, turns[-1].content, self.traits.tail)
        if found is None and (divided := apart(turns[-1])) is not turns[-1]:
            return self._written([*turns[:-1], divided], prompt)
        found = found or self._found_by_marks(turns, prompt, full)
        if self._ending and found.after == self.traits.tail:
            found = replace(found, after=self._ending)
        thought = turns[-1].reasoning.strip()
        if thought and thought not in found.before:
            before = _with_thought(found.before, thought, prompt)
            return replace(found, before=before, notes=found.notes | {REASONING_ADDED})
        empty = {EMPTY_THINKING} if _thinks_nothing(prompt, found.before) else set()
        return replace(found, notes=found.notes | empty)

    def _found_by_marks(self, turns: Sequence[Message], prompt: str, full: str) -> _Written:
        """Find the answer by a rendering in which marks stand for it and for the turn before it.

        Raises:
            TemplateRejectsError: it is not there.
        """
        *earlier, answer = turns
        asked = [*earlier[:-1], *(replace(turn, content=mark("before")) for turn in earlier[-1:])]
        marked = replace(answer, content=mark("answer"))
        text = answer.content.strip()
        begin, _text, after = self._render([*earlier, marked]).rpartition(marked.content)
        if not (begin and full.startswith(begin) and full.endswith(after)):
            begin, _text, after = full.rpartition(text)
        body = full[len(begin) : len(full) - len(after)]
        if text not in body:
            raise TemplateRejectsError(_(_LEAVES_OUT))
        alike = self._render([*asked, marked]).rpartition(marked.content)[0]
        before = _beyond(
            _after(self._prompt(asked), mark("before")),
            _after(alike, mark("before")),
            answer.reasoning.strip(),
        )
        is_other = prompt + before + body + after != full
        return _Written(before, body, after, frozenset({OTHER_PROMPT} if is_other else ()))

    def _marks_at(self, after: str) -> list[str]:
        """Return the tokens with which a text begins, after white space."""
        place = len(after) - len(after.lstrip())
        found: list[str] = []
        while text := next((mark for mark in self._marks if after.startswith(mark, place)), ""):
            found.append(text)
            place += len(text)
        return found

    def _end_length(self, after: str, most: int | None = None) -> int:
        """Return how much of what follows an answer ends it: tokens, not the white space behind.

        Without such a token all of it is learned, so that the model learns to write something.
        """
        marks = self._marks_at(after)[:most]
        space = len(after) - len(after.lstrip())
        return space + sum(map(len, marks)) if marks else len(after)


def _is_learned(turn: Message) -> bool:
    return turn.is_trained and bool(turn.content.strip() or turn.reasoning.strip())


def _behind(prompt: str, full: str, answer: str, tail: str) -> _Written | None:
    """The usual case: the rendering is the prompt, the answer and what always follows one."""
    if not (full.startswith(prompt) and full.endswith(tail)):
        return None
    inner = full[len(prompt) : len(full) - len(tail)]
    for text in (answer, answer.strip()):
        if inner.endswith(text):
            return _Written(inner[: len(inner) - len(text)], text, tail)
    return None


def _beyond(asks: str, answers: str, thought: str) -> str:
    """Return what stands before an answer beyond its prompt.

    Args:
        asks: how the prompt ends, after the question.
        answers: what the finished conversation has there, up to the answer.
        thought: the reasoning, which a prompt that allows none does not hold.
    """
    pairs = enumerate(zip(asks, answers, strict=False))
    shared = next((n for n, (one, other) in pairs if one != other), min(len(asks), len(answers)))
    before = answers[shared:]
    if thought and _CLOSED.search(asks):
        opened = OPENED.search(answers.partition(thought)[0])
        return answers[opened.start() :] if opened and thought in answers else before
    if not before.strip() and not thought and OPENED.search(asks):
        return _with_thought(before, "", asks)
    return before


def _with_thought(before: str, thought: str, prompt: str) -> str:
    """Return what the model writes before its answer, with its reasoning.

    Prompts of reasoning models may have opened the reasoning, which is then only closed.
    """
    opened = OPENED.search(prompt)
    if opened is None:
        return f"{before}<think>\n{thought}\n</think>\n\n"
    name, bracketed = opened.groups()
    close = f"</{name}>" if name else f"[/{bracketed}]"
    rest = before.lstrip() if before.strip() else f"{close}\n\n"
    return f"{thought}\n{rest}"


def _thinks_nothing(prompt: str, before: str) -> bool:
    """Whether what is learned holds (the end of) a reasoning without a word."""
    context = prompt[-_CONTEXT:]
    found = _NO_THOUGHT.finditer(context + before)
    return any(match.end() > len(context) for match in found)


def _after(text: str, word: str) -> str:
    return text.rpartition(word)[2] if word in text else text


def _add(texts: list[Reading], prompt: str, written: _Written, end_length: int) -> None:
    """Add an answer to the text that holds it as it is learned, else as a text of its own."""
    learned = prompt + written.before + written.answer + written.after[:end_length]
    span = (len(prompt), len(learned))
    for number, text in enumerate(texts):
        if text.text.startswith(learned):
            texts[number] = Reading(text.text, (span, *text.spans))
            return
    texts.append(Reading(learned + written.after[end_length:], (span,)))


def _lost(messages: Sequence[Message], texts: Sequence[Reading]) -> set[str]:
    """Return notes about turns before the last answer whose text is in none of the texts."""
    last = max(n for n, turn in enumerate(messages) if _is_learned(turn))
    return {LOST[turn.role] for turn in messages[:last] if not _occurs(turn, texts)}


def _occurs(turn: Message, texts: Sequence[Reading]) -> bool:
    """Whether a turn's text can be read somewhere, as it is or as JSON writes it.

    The reasoning of an earlier answer is no part of it: the answer was learned with it.
    """
    text = turn.content.strip()
    if any(text in reading.text for reading in texts):
        return True
    forms = {json.dumps(text, ensure_ascii=choice)[1:-1] for choice in (True, False)}
    if turn.role == "assistant":
        forms.add(text.rpartition("</think>")[2].strip())
    return any(form in reading.text for form in forms for reading in texts)

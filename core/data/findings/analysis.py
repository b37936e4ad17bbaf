"""What can be said about rows one at a time: the heart of a scan, run over chunks of rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import xxhash
from numpy.typing import NDArray

from core.data.example import BadRow, Example, Message
from core.data.findings import broken_text, markup, personal, secrets, structure, whitespace
from core.data.findings.kinds import BIT, Kind
from core.data.findings.language import UNKNOWN, is_language_task, language_of
from core.data.findings.near.shingles import Shingler, Shingles, band_keys, signatures, words_of
from core.data.findings.profanity import has_profanity
from core.data.readers import Row

FACTS = np.dtype(
    [
        ("kinds", "u4"),  # bits of Kind
        ("hopeless", "u4"),  # bits of kinds whose repair cannot save the row
        ("key", "u8"),  # hash of the normalised conversation, 0 for rows that are no example
        ("question", "u8"),  # hash of everything before the last answer, 0 if that is empty
        ("answer", "u8"),  # hash of the last turn
        ("task", "u4"),  # hash of the task's name
        ("characters", "u4"),  # of all turns
        ("answer_characters", "u4"),
        ("tokens", "u4"),  # estimate
        ("language", "u1"),
        ("answer_language", "u1"),
        ("is_json", "?"),  # the answer is JSON
        ("wants_json", "?"),  # the question speaks of JSON
        ("foreign", "?"),  # another shape than the rest of its file
        ("language_task", "?"),  # another language is what the question asks for
    ]
)
"""What is stored for every row, as a structured array."""

_CHARACTERS_PER_TOKEN = 3.7
_TOKENS_PER_EXTRA_BYTE = 0.45


@dataclass(frozen=True, slots=True)
class Chunk:
    """The analysis of some consecutive rows.

    Attributes:
        lines: each row as one line of JSON, with its line end.
        facts: structured array of dtype ``FACTS``, one element a row.
        shingles: word pairs, for near copies.
        sketch: low bytes of the MinHash signatures, shape ``[rows, PERMUTATIONS]``.
        bands: shape ``[rows, BANDS]``.
    """

    lines: list[bytes]
    facts: NDArray[np.void]
    shingles: Shingles
    sketch: NDArray[np.uint8]
    bands: NDArray[np.uint32]


class Analyser:
    """Analyses chunks of rows; keeps only caches between them."""

    def __init__(self) -> None:
        self._shingler = Shingler()

    def chunk(self, rows: Sequence[Row], lines: list[bytes]) -> Chunk:
        """Return the analysis of ``rows``, whose stored ``lines`` it carries along."""
        facts = np.zeros(len(rows), dtype=FACTS)
        words: list[list[str]] = []
        for number, row in enumerate(rows):
            values, found = _row_facts(row)
            facts[number] = values
            words.append(found)
        shingles = self._shingler.shingles(words)
        signature = signatures(shingles)
        return Chunk(lines, facts, shingles, signature.astype(np.uint8), band_keys(signature))


def _row_facts(row: Row) -> tuple[tuple[int | bool, ...], list[str]]:
    if isinstance(row.item, BadRow):
        plain_text = bool(row.item.raw) and row.item.raw.lstrip()[:1] not in "{[\"'"
        kinds = BIT[Kind.MALFORMED_ROW] | (BIT[Kind.MIXED_FORMAT] if plain_text else 0)
        return (kinds, *[0] * (len(FACTS.names or ()) - 1)), []
    return _Look(row.item, row.foreign).facts()


class _Look:
    """All checks of one example; the texts are looked at as they are after a repair."""

    def __init__(self, example: Example, foreign: bool) -> None:
        self._example = example
        self._foreign = foreign
        self._kinds = 0
        self._hopeless = 0
        self._messages = tuple(map(self._repaired, example.messages))

    def _found(self, kind: Kind, *, hopeless: bool = False) -> None:
        self._kinds |= BIT[kind]
        if hopeless:
            self._hopeless |= BIT[kind]

    def _repaired(self, message: Message) -> Message:
        text = self._repaired_text(message.content)
        reasoning = self._repaired_text(message.reasoning) if message.reasoning else ""
        if text is message.content and reasoning == message.reasoning:
            return message
        return replace(message, content=text, reasoning=reasoning)

    def _repaired_text(self, text: str) -> str:
        if broken_text.has_broken_text(text):
            text = broken_text.repair_text(text)
            self._found(Kind.BROKEN_TEXT, hopeless="\ufffd" in text)
        if whitespace.has_stray_whitespace(text):
            text = whitespace.tidy(text)
            if text:  # white space alone is an empty text, and counted as one
                self._found(Kind.WHITESPACE)
        return text

    def facts(self) -> tuple[tuple[int | bool, ...], list[str]]:
        messages = self._messages
        answer = messages[-1].content if messages else ""
        question = "\n".join(m.content for m in messages[:-1])
        self._check_turns(messages)
        lower_question, lower_answer = question.lower(), answer.lower()
        question_words, answer_words = words_of(lower_question), words_of(lower_answer)
        self._check_text(messages, question)
        self._check_secrets(question, lower_question, question_words)
        self._check_secrets(answer, lower_answer, answer_words)
        thought = "\n".join(m.reasoning for m in messages if m.reasoning)
        if thought:
            lower_thought = thought.lower()
            self._check_secrets(thought, lower_thought, words_of(lower_thought))
        language = language_of(question, question_words)
        answer_language = language_of(answer, answer_words)
        if has_profanity(set(question_words), language) or has_profanity(
            set(answer_words), answer_language
        ):
            self._found(Kind.PROFANITY)
        values = (
            self._kinds,
            self._hopeless,
            *hashes(messages),
            xxhash.xxh32_intdigest(self._example.task.encode()) if self._example.task else 0,
            len(question) + len(answer),
            len(answer),
            sum(map(estimated_tokens, (question, answer, thought))),
            language,
            answer_language,
            structure.is_json_answer(answer),
            "json" in lower_question,
            self._foreign,
            UNKNOWN != answer_language != language and is_language_task(question[:2000]),
        )
        return values, [*question_words, *answer_words]

    def _check_turns(self, messages: Sequence[Message]) -> None:
        if structure.is_empty(messages):
            self._found(Kind.EMPTY)
        elif structure.is_trivial(messages):
            self._found(Kind.TRIVIAL)
        elif structure.is_echo(messages):
            self._found(Kind.ECHO)
        if structure.has_bad_order(messages):
            repaired = structure.in_order(messages)
            self._found(Kind.ROLE_ORDER, hopeless=structure.has_bad_order(repaired))
        if structure.is_unlearnable(messages):
            self._found(Kind.UNLEARNABLE)

    def _check_text(self, messages: Sequence[Message], question: str) -> None:
        for message in messages:
            text = message.content
            if markup.has_stray_markup(text, question):
                self._found(Kind.HTML)
            if personal.has_personal_data(text) or (
                message.reasoning and personal.has_personal_data(message.reasoning)
            ):
                self._found(Kind.PERSONAL_DATA)

    def _check_secrets(self, text: str, lower: str, words: Sequence[str]) -> None:
        if secrets.may_hold_secret(text, lower, words) and secrets.has_secret(text):
            self._found(Kind.SECRET)


def hashes(messages: Sequence[Message]) -> tuple[int, int, int]:
    """Return the keys of the conversation, of its question and of its answer (64 bits each).

    Texts that differ only in case, white space or Unicode form have the same key; the key of an
    empty text is 0.
    """
    parts = [f"{m.role}\x1f{_normalised(m)}" for m in messages]
    answer = parts[-1] if parts else ""
    asked = any(m.content.strip() for m in messages[:-1])
    question = "\x1e".join(parts[:-1])
    return (
        _hash(f"{question}\x1e{answer}") if parts else 0,
        _hash(question) if asked else 0,
        _hash(answer) if answer else 0,
    )


def _normalised(message: Message) -> str:
    text = whitespace.normalised(message.content)
    if not message.reasoning:
        return text
    return f"{whitespace.normalised(message.reasoning)}\x1d{text}"


def _hash(text: str) -> int:
    return xxhash.xxh3_64_intdigest(text.encode())


def estimated_tokens(text: str) -> int:
    """Return about how many tokens a text has, without a tokenizer."""
    extra = 0 if text.isascii() else len(text.encode("utf-8", "replace")) - len(text)
    return round(len(text) / _CHARACTERS_PER_TOKEN + extra * _TOKENS_PER_EXTRA_BYTE)

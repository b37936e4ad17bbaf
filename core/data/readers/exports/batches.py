"""Batches of requests (OpenAI, Mistral, Anthropic, Gemini): questions and answers in two files.

The questions stand in the file that was sent, the answers in the one that came back. A name joins
each answer to its question.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from core.data.readers.formats.records import Record
from core.language import _
from core.storage.files import JsonObject

_NAMES = ("custom_id", "key")
_MOST = 1_000_000  # questions held at one time
_ENOUGH_KNOWN = 0.8


def are_requests(rows: Sequence[Any]) -> bool:
    """Return whether most of the sample ``rows`` ask something under a name."""
    return _most(rows, lambda row: _asked(row) is not None)


def are_answers(rows: Sequence[Any]) -> bool:
    """Return whether most of the sample ``rows`` answer, or failed to answer, a named request."""
    return _most(rows, lambda row: _answered(row) is not None or _failed(row))


def _most(rows: Sequence[Any], holds: Callable[[JsonObject], bool]) -> bool:
    known = sum(isinstance(row, dict) and bool(_name(row)) and holds(row) for row in rows)
    return known > 0 and known >= _ENOUGH_KNOWN * len(rows)


@dataclass(frozen=True, slots=True)
class BatchAnswers:
    """Joins the answers of a batch to their questions.

    Attributes:
        questions: read the files that were sent.
    """

    questions: tuple[Callable[[], Iterator[Record]], ...] = ()

    def join(self, records: Iterator[Record]) -> Iterator[Record]:
        """Yield a record for each answer; one without its question says so."""
        asked: dict[str, JsonObject] = {}
        for record in (record for read in self.questions for record in read()):
            if isinstance(record.value, dict) and len(asked) < _MOST:
                asked[_name(record.value)] = _asked(record.value) or {}
        for record in records:
            yield record if record.fault else _joined(record, asked)


def _joined(record: Record, asked: dict[str, JsonObject]) -> Record:
    value = record.value if isinstance(record.value, dict) else {}
    answer, question = _answered(value), asked.get(_name(value))
    if answer is None:
        return Record(record.line, fault=_("this request of the batch has no answer"))
    if not question:
        fault = _("the question of this answer stands in the file that was sent: add it, too")
        return Record(record.line, fault=fault, raw=str(answer)[:2000])
    messages = [*question["messages"], {"role": "assistant", **answer}]
    return Record(record.line, {**question, "messages": messages}, broken=record.broken)


def _name(row: JsonObject) -> str:
    return next((name for key in _NAMES if isinstance(name := row.get(key), str)), "")


def _asked(row: JsonObject) -> JsonObject | None:
    """Return the messages of a request, and its tools; ``None`` if it is none."""
    body = next((b for k in ("body", "params", "request") if isinstance(b := row.get(k), dict)), {})
    messages = body.get("messages", body.get("input"))
    if isinstance(messages, str):
        messages = [{"role": "user", "content": messages}]
    if messages is None and isinstance(body.get("contents"), list):
        messages = [_of_parts(one) for one in body["contents"] if isinstance(one, dict)]
    if not isinstance(messages, list) or not messages:
        return None
    system = body.get("system", body.get("instructions"))
    if isinstance(told := body.get("systemInstruction", body.get("system_instruction")), dict):
        system = _of_parts(told)["content"]
    before = [{"role": "system", "content": system}] if system else []
    tools = {"tools": body["tools"]} if body.get("tools") else {}
    return {"messages": [*before, *messages], **tools}


def _of_parts(turn: JsonObject) -> JsonObject:
    """Return a turn of Gemini as a message."""
    parts = turn.get("parts")
    texts = [part.get("text") for part in parts or () if isinstance(part, dict)]
    content = "".join(text for text in texts if isinstance(text, str))
    return {"role": "assistant" if turn.get("role") == "model" else "user", "content": content}


def _answered(row: JsonObject) -> JsonObject | None:
    """Return what a message has beside its role; ``None`` where nothing was answered."""
    result = row.get("result")
    if isinstance(result, dict):  # Anthropic
        message = result.get("message")
        return _said(message) if isinstance(message, dict) else None
    response = row.get("response")
    if not isinstance(response, dict) or response.get("status_code", 200) != 200:
        return None
    body = response.get("body", response)
    if not isinstance(body, dict):
        return None
    for choices in (body.get("choices"), body.get("candidates"), body.get("output")):
        for choice in choices if isinstance(choices, list) else ():
            if isinstance(choice, dict) and (found := _chosen(choice)):
                return found
    return None


def _chosen(choice: JsonObject) -> JsonObject | None:
    """Return the message of a choice (OpenAI), candidate (Gemini) or item (OpenAI's responses)."""
    if isinstance(message := choice.get("message"), dict):
        return _said(message)
    content = choice.get("content")
    if isinstance(content, dict):
        return _said(_of_parts(content))
    if isinstance(content, list) and choice.get("type") == "message":
        texts = [part.get("text") for part in content if isinstance(part, dict)]
        return _said({"content": "".join(text for text in texts if isinstance(text, str))})
    return None


def _said(message: JsonObject) -> JsonObject | None:
    found = {key: value for key, value in message.items() if key in _OF_A_MESSAGE and value}
    return found or None


_OF_A_MESSAGE = ("content", "tool_calls", "reasoning_content", "reasoning")


def _failed(row: JsonObject) -> bool:
    result, response = row.get("result"), row.get("response")
    if isinstance(result, dict):
        return result.get("type") in ("errored", "canceled", "expired")
    return bool(row.get("error")) and (
        response is None or (isinstance(response, dict) and response.get("status_code") != 200)
    )

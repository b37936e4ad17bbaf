"""Batches of requests (OpenAI, Mistral, Anthropic, Gemini): questions and answers in two files.

The questions stand in the file that was sent, the answers in the one that came back. A name joins
each answer to its question.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.data.readers.conversations.flat_rows import flat_row
from core.data.readers.formats.records import Record
from core.language import _
from core.storage.files import JsonObject

_NAMES = ("custom_id", "key")
_BODIES = ("body", "params", "request")
_TURNS = ("messages", "input", "contents")
_ANSWERS = ("choices", "output", "candidates")
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
    """Joins the answers of a batch to their questions, as a logged call of a model has both.

    Attributes:
        questions: read the files that were sent.
    """

    questions: tuple[Callable[[], Iterator[Record]], ...] = ()

    def join(self, records: Iterator[Record]) -> Iterator[Record]:
        """Yield a record for each answer; one without its question says so."""
        asked: dict[str, JsonObject] = {}
        for record in (record for read in self.questions for record in read()):
            if not isinstance(record.value, dict) or len(asked) >= _MOST:
                continue
            name, request = _name(record.value), _asked(record.value)
            if name and request is not None:
                asked[name] = request
        for record in records:
            yield record if record.fault else _joined(record, asked)


def _joined(record: Record, asked: dict[str, JsonObject]) -> Record:
    value = record.value if isinstance(record.value, dict) else {}
    answer, question = _answered(value), asked.get(_name(value))
    if answer is not None and question is None:
        fault = _("the question of this answer stands in the file that was sent: add it, too")
        return Record(record.line, fault=fault, raw=str(answer)[:2000])
    row = flat_row({"request": question, "response": answer})  # as where one row has both
    if answer is None or "messages" not in row:
        return Record(record.line, fault=_("this request of the batch has no answer"))
    return replace(record, value=row)


def _name(row: JsonObject) -> str:
    return next((name for key in _NAMES if isinstance(name := row.get(key), str)), "")


def _asked(row: JsonObject) -> JsonObject | None:
    """Return what a model was given; ``None`` where that is no turns."""
    body = next((b for key in _BODIES if isinstance(b := row.get(key), dict)), {})
    if isinstance(text := body.get("input"), str) and text:
        return {**body, "input": [{"role": "user", "content": text}]}
    is_asked = any(isinstance(turns := body.get(key), list) and turns for key in _TURNS)
    return body if is_asked else None


def _answered(row: JsonObject) -> JsonObject | None:
    """Return what a model gave; ``None`` where it gave nothing."""
    if isinstance(result := row.get("result"), dict):  # Anthropic
        message = result.get("message")
        return message if isinstance(message, dict) else None
    response = row.get("response")
    if not isinstance(response, dict) or response.get("status_code", 200) != 200:
        return None
    body = response.get("body", response)
    is_answer = isinstance(body, dict) and any(isinstance(body.get(k), list) for k in _ANSWERS)
    return body if is_answer else None


def _failed(row: JsonObject) -> bool:
    result, response = row.get("result"), row.get("response")
    if isinstance(result, dict):
        return result.get("type") in ("errored", "canceled", "expired")
    status = response.get("status_code") if isinstance(response, dict) else None
    return bool(row.get("error")) and status != 200

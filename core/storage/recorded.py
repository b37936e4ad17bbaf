"""Sentences in drafts and receipts: the same bytes in every language, told in the present one.

A sentence is stored in English, with what it was made of beside it where something was filled in:
``{"text": "the row has 3 columns …", "source": "the row has {found} …", "parameters": {…}}``. A
plain text is a sentence without parameters, so what earlier versions wrote is read too.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from typing import Annotated, Any

from pydantic import PlainSerializer, PlainValidator

from core.language import Sentence, Value

_FIELDS = re.compile(r"\{\w{1,40}(?::,?(?:\.\d)?[%fd]?)?\}")
"""The only fields that are filled: one from elsewhere could ask for a text of a gigabyte."""
_DEEPEST = 3  # sentences inside sentences


def to_record(text: str) -> Any:
    """Return what is stored for a sentence (or for a text that is none): JSON."""
    if not isinstance(text, Sentence):
        return text
    return _full(text) if text.parameters or text.plural else text.english


def _full(text: Sentence) -> dict[str, Any]:
    record: dict[str, Any] = {"text": text.english, "source": text.source}
    if text.plural:
        record |= {"plural": text.plural, "count": text.amount}
    record["parameters"] = {
        name: _full(value) if isinstance(value, Sentence) else value
        for name, value in text.parameters.items()
    }
    return record


def from_record(record: Any) -> str:
    """Return the sentence that was stored, in the present language.

    Raises:
        ValueError: ``record`` is nothing that :func:`to_record` gives.
    """
    return _told(record, _DEEPEST)


def _told(record: Any, depth: int) -> str:
    if isinstance(record, str):
        is_made = isinstance(record, Sentence) or not record
        return record if is_made else Sentence.made(record, {})
    if not isinstance(record, Mapping) or not isinstance(text := record.get("text"), str):
        raise ValueError("no text and no sentence")
    source, plural = record.get("source"), record.get("plural", "")
    count, filled = record.get("count", 0), record.get("parameters")
    if not isinstance(source, str) or not isinstance(plural, str) or type(count) is not int:
        return text
    if not (_is_template(source) and _is_template(plural) and depth):
        return text
    if not isinstance(filled, Mapping):
        return text
    try:
        parameters = {str(name): _value(value, depth) for name, value in filled.items()}
        made = Sentence.made(source, parameters, plural, count)
    except (LookupError, ValueError, TypeError):
        return text
    return made if made.english == text else text


def _value(value: Any, depth: int) -> Value:
    if isinstance(value, Mapping):
        return _told(value, depth - 1)
    if value is None or isinstance(value, str | int | float):
        return value
    raise ValueError("no value of a sentence")


def _is_template(text: str) -> bool:
    return not re.search(r"[{}]", _FIELDS.sub("", text))


def code_of(text: str) -> str:
    """Return what a sentence is in every language: its source, or the text if it is no sentence."""
    return text.source if isinstance(text, Sentence) else text


def key_of(text: str) -> Hashable:
    """Return what sentences are counted by: their code with their parameters."""
    if not isinstance(text, Sentence):
        return text, ()
    return text.source, tuple(sorted((k, str(v)) for k, v in text.parameters.items()))


Recorded = Annotated[str, PlainValidator(from_record), PlainSerializer(to_record, when_used="json")]
"""A field of a stored model that holds a sentence."""

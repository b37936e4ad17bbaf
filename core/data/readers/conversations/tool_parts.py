"""Turns whose parts call tools and bring their results, as Claude writes them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from core.storage.files import JsonObject

SILENT_PARTS = ("token_budget", "flag", "step-start", "redacted_thinking")  # not shown
"""Parts that say nothing."""
_CALLS = ("tool_use", "server_tool_use")
_RESULT = "tool_result"
_SOUND = ("audio_asset_pointer", "audio_video_asset_pointer")  # not shown


def has_tool_parts(content: Any) -> bool:
    """Return whether a turn's content calls tools or brings their results."""
    return isinstance(content, list) and any(_is_call(p) or _is_result(p) for p in content)


def _is_call(part: Any) -> bool:
    return isinstance(part, dict) and part.get("type") in _CALLS


def _is_result(part: Any) -> bool:
    return isinstance(part, dict) and str(part.get("type", "")).endswith(_RESULT)


def in_turns(turn: JsonObject) -> Iterator[JsonObject]:
    """Yield what is said with the tools that are called, and each result as a turn of its own."""
    parts, calls = list[Any](), list[JsonObject]()
    for part in turn["content"]:
        if _is_result(part):
            if parts or calls:
                yield _said(turn, parts, calls)
            parts, calls = [], []
            yield {"role": "tool", "content": _result(part.get("content"))}
        elif _is_call(part):
            calls.append({"name": part.get("name"), "arguments": part.get("input")})
        else:
            if calls:
                yield _said(turn, parts, calls)
                parts, calls = [], []
            parts.append(part)
    if parts or calls:
        yield _said(turn, parts, calls)


def without_recordings(parts: list[Any]) -> list[Any]:
    """Return the parts of a turn that was spoken without its sound, if its words are there."""
    kinds = [part.get("content_type", "") if isinstance(part, dict) else "" for part in parts]
    if "audio_transcription" not in kinds:
        return parts
    return [p for p, kind in zip(parts, kinds, strict=True) if not str(kind).endswith(_SOUND)]


def _said(turn: JsonObject, parts: list[Any], calls: list[JsonObject]) -> JsonObject:
    said = {**turn, "content": parts}
    return {**said, "tool_calls": calls} if calls else said


def _result(content: Any) -> Any:
    """Return the texts of a result; a picture of it is nothing that can be learned."""
    if not isinstance(content, list):
        return content
    texts = [part.get("text") for part in content if isinstance(part, dict)]
    return "\n".join(text for text in texts if isinstance(text, str))

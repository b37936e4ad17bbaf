"""Logs of coding assistants (Claude Code, Codex): one event a line, joined to conversations.

What was typed, answered and thought, the tools that were called and what they brought are turns.
Events about the program, its settings and its helpers' own conversations are none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from core.data.readers.formats.records import Record
from core.storage.files import JsonObject

_MOST_TURNS = 64
_SIGNS = ("sessionId", "leafUuid", "uuid", "payload")  # one of them is in every event
_NOT_SAID = (  # not shown: what the program itself puts into a user's mouth
    "<command-", "<local-command-", "<system-reminder>", "<environment_context>",
    "<user_instructions>", "<INSTRUCTIONS>", "# AGENTS.md", "Caveat: The messages below",
    "[Request interrupted",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SessionLog:
    """How the events of a file are joined."""

    def join(self, records: Iterator[Record]) -> Iterator[Record]:
        """Yield one record for each conversation; damaged rows pass as they are."""
        turns, first, session = list[JsonObject](), None, ""
        for record in records:
            if record.fault:
                yield record
                continue
            event = record.value if isinstance(record.value, dict) else {}
            named = str(event.get("sessionId") or session)
            for turn in _turns(event):
                full = len(turns) >= _MOST_TURNS and _is_typed(turn)
                if first is not None and (full or named != session):
                    yield _conversation(first, turns)
                    turns, first = [], None
                first, session = first or record, named
                _add(turns, turn)
        if first is not None:
            yield _conversation(first, turns)


def find_sessions(rows: Sequence[Any]) -> SessionLog | None:
    """Return how to join the sample ``rows`` if they are events of coding sessions."""
    dicts = [row for row in rows if isinstance(row, dict)]
    events = all(isinstance(r.get("type"), str) and any(s in r for s in _SIGNS) for r in dicts)
    said = [turn for row in dicts for turn in _turns(row)] if dicts and events else []
    return SessionLog() if any(turn["role"] == "assistant" for turn in said) else None


def _conversation(first: Record, turns: list[JsonObject]) -> Record:
    return Record(first.line, {"messages": turns}, broken=first.broken)


def _add(turns: list[JsonObject], turn: JsonObject) -> None:
    """An answer is written down part by part; its parts are one turn."""
    if turns and turns[-1]["role"] == turn["role"] == "assistant":
        turns[-1] = {**turn, "content": [*turns[-1]["content"], *turn["content"]]}
    else:
        turns.append(turn)


def _is_typed(turn: JsonObject) -> bool:
    return turn["role"] == "user" and not any(
        part.get("type") == "tool_result" for part in turn["content"]
    )


def _turns(event: JsonObject) -> Iterator[JsonObject]:
    payload, message = event.get("payload"), event.get("message")
    if isinstance(payload, dict):
        turn = _of_codex(payload) if event.get("type") == "response_item" else None
    elif event.get("type") in ("user", "assistant") and isinstance(message, dict):
        turn = None if event.get("isSidechain") or event.get("isMeta") else message
    else:
        turn = None
    if turn is None or turn.get("role") not in ("user", "assistant"):
        return
    parts = [part for part in _parts(turn.get("content")) if not _is_of_program(part)]
    if parts:
        yield {"role": turn["role"], "content": parts}


def _parts(content: Any) -> list[JsonObject]:
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []


def _is_of_program(part: JsonObject) -> bool:
    text = part.get("text")
    return isinstance(text, str) and (not text.strip() or text.lstrip().startswith(_NOT_SAID))


def _of_codex(item: JsonObject) -> JsonObject | None:
    """An item of OpenAI's Responses in the parts that Claude writes."""
    match item:
        case {"type": "message", "role": role, "content": list(content)}:
            texts = [p.get("text") for p in content if isinstance(p, dict)]
            return {"role": role, "content": [{"type": "text", "text": t} for t in texts if t]}
        case {"type": "reasoning", "summary": list(summary)}:
            thought = "\n".join(str(p.get("text", "")) for p in summary if isinstance(p, dict))
            part = {"type": "thinking", "thinking": thought}
            return {"role": "assistant", "content": [part] if thought.strip() else []}
        case {"type": "function_call" | "custom_tool_call", "name": name}:
            given = item.get("arguments", item.get("input"))
            call = {"type": "tool_use", "name": name, "input": _arguments(given)}
            return {"role": "assistant", "content": [call]}
        case {"type": "function_call_output" | "custom_tool_call_output", "output": output}:
            found = output.get("content") if isinstance(output, dict) else output
            return {"role": "user", "content": [{"type": "tool_result", "content": found}]}
    return None


def _arguments(given: Any) -> Any:
    try:
        return orjson.loads(given) if isinstance(given, str) else given
    except orjson.JSONDecodeError:
        return given

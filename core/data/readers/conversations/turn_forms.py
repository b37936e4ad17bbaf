"""One turn of a conversation in the forms that programs write, brought into one of them.

``{"role": …, "content": …}`` under other names, ``{"human": "…"}``, ``["user", "…"]``, a message
with several versions, segments with a label, messages of LangChain and of role-play programs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.data.readers.conversations.roles import known_role
from core.data.readers.conversations.template_marks import ENDS
from core.storage.files import JsonObject

ROLE_KEYS = ("role", "from", "speaker", "sender", "author", "user_type")
TEXT_KEYS = ("content", "value", "text", "message", "utterance", "body", "parts", "mes", "msg",
             "contentParts")  # fmt: skip
REASONING_KEYS = (
    "reasoning_content", "thinking", "reasoning", "thought", "thoughts", "chain_of_thought", "cot",
    "rationale", "thinking_content",
)  # fmt: skip
CALL_KEYS = ("tool_calls", "function_call")
WEIGHT_KEYS = ("loss_weight", "weight", "train", "trained", "loss")


def is_turn(item: Any) -> bool:
    """Return whether ``item`` is an object that names its speaker and says something."""
    if not isinstance(item, dict):
        return False
    if "role" in item or "from" in item:
        return True
    return any(key in item for key in ROLE_KEYS) and any(key in item for key in TEXT_KEYS)


def are_odd_turns(items: list[Any]) -> bool:
    """Return whether all ``items`` are turns in an unusual form.

    ``{"answer": "…"}`` alone may be anything; beside a question it is a turn.
    """
    turns = [item if is_turn(item) else canonical(item) for item in items]
    if not turns or not all(turns):
        return False
    short = any(len(item) < 3 and "versions" not in item for item in items)
    return not short or len({str(turn and turn.get("role")) for turn in turns}) > 1


def canonical(item: Any) -> JsonObject | None:
    """Return ``item`` as ``{"role": …, "content": …}`` if it is a turn in an unusual form."""
    if isinstance(item, dict):
        return _of_object(item)
    if isinstance(item, list) and len(item) == 2 and all(isinstance(part, str) for part in item):
        return {"role": item[0], "content": item[1]} if known_role(item[0]) else None
    return None


def _of_object(item: JsonObject) -> JsonObject | None:
    if len(item) == 1:
        ((name, text),) = item.items()
        if isinstance(text, str) and known_role(name):
            return {"role": name, "content": text}
    if isinstance(item.get("versions"), list):
        return _chosen_version(item["versions"], item.get("currentlySelected"))
    if isinstance(item.get("is_user"), bool) and ("mes" in item or "content" in item):
        role = "user" if item["is_user"] else "assistant"
        return {"role": "system" if item.get("is_system") is True else role, **_said(item)}
    if isinstance(item.get("is_human"), bool) and isinstance(item.get("message"), str):
        return {"role": "user" if item["is_human"] else "assistant", "content": item["message"]}
    if len(item) == 2 and isinstance(item.get("label"), bool) and isinstance(item.get("text"), str):
        text = ENDS.sub("", item["text"]).strip()
        return {"role": "assistant" if item["label"] else "user", "content": text}
    return _of_langchain(item)


def _said(item: Mapping[str, Any]) -> JsonObject:
    return {"content": next(item[key] for key in ("mes", "content") if key in item)}


def _chosen_version(versions: list[Any], chosen: Any) -> JsonObject | None:
    """A message that was written several times over: the version that is shown."""
    place = chosen if isinstance(chosen, int) and 0 <= chosen < len(versions) else -1
    version = versions[place] if versions else None
    if not isinstance(version, dict) or "role" not in version:
        return None
    if isinstance(steps := version.get("steps"), list):
        parts = [step.get("content") for step in steps if isinstance(step, dict)]
        blocks = [part for part in parts if isinstance(part, list)]
        return {"role": version["role"], "content": [one for block in blocks for one in block]}
    return version


def _of_langchain(item: JsonObject) -> JsonObject | None:
    """``{"type": "human", "content": …}``, the content also inside ``data``."""
    kind, kept = item.get("type"), item.get("kwargs")
    if isinstance(kept, dict) and isinstance(name := item.get("id"), list) and name:
        kind, item = kept.get("type", name[-1]), kept  # as its own serialisation writes it
    if not isinstance(kind, str) or known_role(kind) is None:
        return None
    inner = item.get("data")
    if isinstance(inner, dict) and "content" in inner:
        return {**inner, "role": kind}
    return {**item, "role": kind} if "content" in item else None

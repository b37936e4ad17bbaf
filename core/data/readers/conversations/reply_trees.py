"""Conversations that branch, as exported by chat programs: one path through the tree is taken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import inf, isnan
from typing import Any

from core.storage.files import JsonObject

_MOST_TURNS = 10_000
_LAST_RANK = 1 << 53
_PARENT = "parentMessageId"  # as LibreChat writes it


def is_reply_tree(value: Any) -> bool:
    """Return whether ``value`` is a message with replies, or an export's nodes by their names."""
    if not isinstance(value, dict) or not value:
        return False
    return isinstance(value.get("replies"), list) or all(map(_is_node, value.values()))


def _is_node(value: Any) -> bool:
    return isinstance(value, dict) and "message" in value and "parent" in value


def path_of(tree: JsonObject) -> list[Any]:
    """Return the messages from the root along the best (in an export: the newest) replies."""
    if isinstance(tree.get("replies"), list):
        return list(_best_replies(tree))
    return [message for message in _with_thoughts(_newest(tree)) if _says_something(message)]


def _best_replies(node: Any) -> Iterator[Any]:
    for _ in range(_MOST_TURNS):
        if not isinstance(node, dict):
            return
        yield node
        replies = node.get("replies")
        known = [r for r in replies if isinstance(r, dict)] if isinstance(replies, list) else []
        node = min(known, key=rank_of, default=None)


def rank_of(message: JsonObject) -> float:
    """Return a reply's place among its neighbours, 0 for the best; unranked ones come last."""
    rank = message.get("rank")
    if isinstance(rank, int):
        return min(rank, _LAST_RANK)  # a number of a thousand digits is no float
    return rank if isinstance(rank, float) and not isnan(rank) else inf


def _newest(nodes: JsonObject) -> Iterator[Any]:
    """Follow the last child of each node; empty messages are the program's own."""
    name = next((n for n, node in nodes.items() if _parent(node) not in nodes), None)
    for _ in range(min(len(nodes), _MOST_TURNS)):
        node = nodes.get(name) if isinstance(name, str) else None
        if node is None:
            return
        yield node["message"]
        children = node.get("children")
        name = children[-1] if isinstance(children, list) and children else None


def _with_thoughts(path: Iterable[Any]) -> Iterator[Any]:
    """Yield the messages of ChatGPT, what it thought inside the answer that follows."""
    thought = ""
    for message in path:
        if found := _thoughts_of(message):
            thought = f"{thought}\n\n{found}".strip()
        elif thought and _says_something(message) and _author(message) in ("assistant", "user"):
            is_answer = _author(message) == "assistant"
            yield {**message, "reasoning_content": thought} if is_answer else message
            thought = ""
        else:
            yield message


def _thoughts_of(message: Any) -> str:
    content = message.get("content") if isinstance(message, dict) else None
    thoughts = content.get("thoughts") if isinstance(content, dict) else None
    known = thoughts if isinstance(thoughts, list) else []
    texts = [one.get("content") for one in known if isinstance(one, dict)]
    return "\n\n".join(text for text in texts if isinstance(text, str) and text)


def _author(message: JsonObject) -> Any:
    author = message.get("author")
    return author.get("role") if isinstance(author, dict) else None


def path_to(nodes: Any, end: str) -> list[Any]:
    """Return the messages from the root to the node ``end`` of an export, where it was left."""
    path: list[Any] = []
    name: str | None = end
    while isinstance(nodes, dict) and name is not None and len(path) < len(nodes):
        node = nodes.get(name)
        if node is None or not _is_node(node):
            break
        path.append(node["message"])
        name = _parent(node)
    return [message for message in _with_thoughts(path[::-1]) if _says_something(message)]


def path_of_history(value: JsonObject) -> list[Any]:
    """Return the messages of a chat that is kept by their names alone, up to the one in sight.

    Empty where there is no such history, or the same messages stand beside it as a list.
    """
    history = value.get("history")
    nodes = history.get("messages") if isinstance(history, dict) else None
    if not isinstance(nodes, dict) or not isinstance(history, dict) or value.get("messages"):
        return []
    path: list[Any] = []
    name = history.get("currentId")
    while isinstance(name, str) and len(path) < len(nodes):
        node = nodes.get(name)
        if not isinstance(node, dict) or "role" not in node:
            break
        path.append(node)
        name = node.get("parentId")
    return path[::-1]


def path_of_answers(messages: list[Any]) -> list[Any]:
    """Return the branch of the last message of a chat whose messages name what they answer.

    Any other list is returned as it is. Answers may also stand inside what they answer.
    """
    if not messages or not all(isinstance(one, dict) and _PARENT in one for one in messages):
        return messages
    known: dict[str, JsonObject] = {}
    last = ""
    waiting = list(reversed(messages))
    while waiting and len(known) < _MOST_TURNS:
        message = waiting.pop()
        last = str(message.get("messageId"))
        known[last] = message
        inner = message.get("children")
        waiting += [c for c in reversed(inner) if isinstance(c, dict)] if inner else []
    path: list[Any] = []
    while last in known:
        path.append(known.pop(last))
        last = str(path[-1].get(_PARENT))
    return path[::-1]


def _parent(node: JsonObject) -> str | None:
    parent = node["parent"]
    return parent if isinstance(parent, str) else None


def _says_something(message: Any) -> bool:
    content = message.get("content") if isinstance(message, dict) else None
    parts = content.get("parts") if isinstance(content, dict) else [content]
    return isinstance(parts, list) and any(part not in ("", None) for part in parts)

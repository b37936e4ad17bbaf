"""Posts and comments of Reddit: a comment and the best answer to it become a conversation.

The pages of the site hold whole trees; the dumps hold one comment or post a row, each naming what
it answers. The one who asked is the user. Where somebody else goes on, the conversation ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from core.data.readers.formats.records import Record
from core.storage.files import JsonObject

_GONE = ("[deleted]", "[removed]", "")
_MOST = 2_000_000  # comments held at one time
_MOST_TURNS = 40
_ENOUGH_KNOWN = 0.8
_POST = {"title", "selftext", "subreddit", "author"}


@dataclass(slots=True)
class _Post:
    line: int
    author: str
    text: str
    score: float
    parent: str
    replies: list[_Post] = field(default_factory=list)


def are_posts(rows: Sequence[Any]) -> bool:
    """Return whether most of the sample ``rows`` are posts, whose answers stand elsewhere."""
    known = sum(isinstance(row, dict) and row.keys() >= _POST for row in rows)
    return known > 0 and known >= _ENOUGH_KNOWN * len(rows)


def is_reddit(rows: Sequence[Any]) -> bool:
    """Return whether most of the sample ``rows`` are comments, or pages of them."""
    known = sum(isinstance(row, dict) and (_is_page(row) or _is_comment(row)) for row in rows)
    return known > 0 and known >= _ENOUGH_KNOWN * len(rows)


def _is_page(row: JsonObject) -> bool:
    data = row.get("data")
    if row.get("kind") != "Listing" or not isinstance(data, dict):
        return False
    return isinstance(data.get("children"), list)


def _is_comment(row: JsonObject) -> bool:
    parent = row.get("parent_id")
    return isinstance(parent, str) and parent[:3] in ("t1_", "t3_") and "body" in row


@dataclass(frozen=True, slots=True)
class RedditThreads:
    """Joins posts and comments to conversations.

    Attributes:
        posts: read what the comments answer, where a dump keeps it in files of its own.
    """

    posts: tuple[Callable[[], Iterator[Record]], ...] = ()

    def join(self, records: Iterator[Record]) -> Iterator[Record]:
        """Yield a record for each post or comment that was answered; damaged rows as they are."""
        posts: dict[str, _Post] = {}
        beside = (record for read in self.posts for record in read() if not record.fault)
        for record in chain(beside, records):
            if record.fault:
                yield record
            elif isinstance(record.value, dict) and len(posts) < _MOST:
                _gather(record.value, record.line, posts)
        tops = []
        for name, post in posts.items():
            parent = posts.get(post.parent)
            if parent is None or post.parent == name:
                tops.append(post)
            else:
                parent.replies.append(post)
        for post in tops:
            yield from _conversations(post)


def _gather(value: JsonObject, line: int, posts: dict[str, _Post]) -> None:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        data = one.get("data") if isinstance(one.get("data"), dict) else one
        if not isinstance(data, dict):
            continue
        for below in (data.get("children"), data.get("replies")):
            nodes = below if isinstance(below, list) else [below]
            waiting += [node for node in nodes if isinstance(node, dict)]
        text = "\n\n".join(
            part.strip() for name in ("title", "selftext", "body")
            if isinstance(part := data.get(name), str) and part.strip() not in _GONE
        )  # fmt: skip
        name = data.get("name") or f"{'t3' if 'title' in data else 't1'}_{data.get('id')}"
        author, score = data.get("author"), data.get("score")
        if text and isinstance(author, str) and isinstance(name, str):
            number = float(score) if isinstance(score, int | float) else 0.0
            posts[name] = _Post(line, author, text, number, str(data.get("parent_id", "")))


def _conversations(post: _Post) -> Iterator[Record]:
    """Yield the best conversation that begins with ``post``; without an answer none."""
    turns, here = [{"role": "user", "content": post.text}], post
    answerer = ""
    while len(turns) < _MOST_TURNS:
        wanted = answerer if here.author == post.author else post.author
        answers = [one for one in here.replies if one.author == wanted or not wanted]
        answers = [one for one in answers if one.author != here.author]
        if not answers:
            break
        here = max(answers, key=lambda one: one.score)
        answerer = answerer or here.author
        role = "user" if here.author == post.author else "assistant"
        turns.append({"role": role, "content": here.text})
    if turns[-1]["role"] == "user":
        turns.pop()
    if len(turns) > 1:
        yield Record(post.line, {"messages": turns})

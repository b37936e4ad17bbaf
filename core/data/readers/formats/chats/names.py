"""Who is who in a Slack export: messages carry marks of people, a file beside them their names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import PurePosixPath
from typing import Any

import orjson

from core.data.readers.sources import DataSource
from core.errors import UserFacingError

_FILE = "users.json"  # not shown
_LARGEST = 50 << 20
_MENTION = re.compile(r"@([UW][A-Z0-9]{4,14})\b")


def names_beside(source: DataSource) -> dict[str, str]:
    """Return the names of people by their marks, from the file above a channel's folder.

    Empty where there is none. People with the same name are told apart by their account's name.
    """
    people = list(_people(_users(source)))
    often = Counter(shown for _, shown, _ in people)
    return {
        mark: shown if often[shown] == 1 or not account else f"{shown} ({account})"
        for mark, shown, account in people
    }


def with_names(text: str, names: Mapping[str, str]) -> str:
    """Return ``text`` with the names of those whom it mentions."""
    if not names:
        return text
    return _MENTION.sub(lambda match: f"@{names.get(match[1], match[1])}", text)


def _users(source: DataSource) -> Any:
    if source.member:
        above = PurePosixPath(source.member).parent.parent
        beside = DataSource(source.path, str(above / _FILE))
    else:
        beside = DataSource(source.path.parent.parent / _FILE)
    with (
        suppress(UserFacingError, OSError, KeyError, orjson.JSONDecodeError),
        beside.open() as file,
    ):
        return orjson.loads(file.read(_LARGEST))
    return []


def _people(users: Any) -> Iterator[tuple[str, str, str]]:
    """Yield mark, shown name and account of everybody who has a name."""
    for user in users if isinstance(users, list) else []:
        if not isinstance(user, dict) or not isinstance(mark := user.get("id"), str):
            continue
        found = user.get("profile")
        profile = found if isinstance(found, dict) else {}
        told = (profile.get("display_name"), profile.get("real_name"), user.get("real_name"))
        account = name if isinstance(name := user.get("name"), str) else ""
        shown = next((n.strip() for n in (*told, account) if isinstance(n, str) and n.strip()), "")
        if shown:
            yield mark, shown, account

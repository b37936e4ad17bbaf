"""The folder of conversations: one JSON file each, which nobody else may read.

A project may come from elsewhere, so files that are no conversations are passed over, and neither
their number nor their size is trusted.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from pydantic import ValidationError

from core.conversations.conversation import Conversation
from core.errors import UserFacingError
from core.language import _
from core.storage.files import explained_io, make_folder, parse_json, write_bytes
from core.storage.names import is_name
from core.storage.ordinary import is_ordinary_folder, make_private_folder, read_ordinary

MOST = 500
"""The oldest conversations beyond these are deleted when another one is saved."""
_LIMIT = 8 << 20  # bytes of a file
_MOST_FILES = 5000
_END = ".json"


@dataclass(frozen=True, slots=True)
class Listed:
    """A conversation that is kept, without its texts."""

    name: str
    headline: str
    changed: str
    questions: int


def new_name() -> str:
    """Return a name that no other conversation has; names sort by time."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{uuid.uuid4().hex[:8]}"


def list_conversations(folder: Path) -> list[Listed]:
    """Return the conversations that can be read, newest first.

    Raises:
        UserFacingError: the disk refuses.
    """
    found = []
    for name in _names(folder):
        try:
            kept = load(folder, name)
        except UserFacingError:
            continue  # damaged, or not ours
        found.append(Listed(name, kept.headline, kept.changed, len(kept.exchanges)))
    return sorted(found, key=lambda one: (one.changed, one.name), reverse=True)


def load(folder: Path, name: str) -> Conversation:
    """Return one conversation.

    Raises:
        UserFacingError: it is gone or damaged.
    """
    path = _path(folder, name)
    with explained_io(path):
        content = read_ordinary(path, _LIMIT)
    try:
        return Conversation.model_validate(parse_json(content))
    except (ValueError, ValidationError) as error:
        raise UserFacingError(
            "chat.damaged",
            _("This conversation is damaged and cannot be read."),
            _("Restore {path} from a backup, or delete it.", path=str(path)),
            str(error)[:2000],
        ) from error


def save(folder: Path, name: str, conversation: Conversation) -> Conversation:
    """Write a conversation and return it with the present time.

    Raises:
        UserFacingError: the disk refuses, or the conversation has become too long.
    """
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return put_back(folder, name, conversation.model_copy(update={"changed": now}))


def put_back(folder: Path, name: str, conversation: Conversation) -> Conversation:
    """Write a conversation as it is; see :func:`save`."""
    content = conversation.model_dump_json(exclude_defaults=False).encode()
    if len(content) > _LIMIT:
        raise UserFacingError(
            "chat.too_long",
            _("This conversation has become too long to be kept."),
            _("Start a new one."),
        )
    path = _path(folder, name)
    with explained_io(folder):
        make_folder(folder)
        make_private_folder(folder)
    write_bytes(path, content, private=True)
    _forget_oldest(folder)
    return conversation


def delete(folder: Path, name: str) -> None:
    """Delete a conversation.

    Raises:
        UserFacingError: the disk refuses.
    """
    path = _path(folder, name)
    with explained_io(path):
        path.unlink(missing_ok=True)


def _path(folder: Path, name: str) -> Path:
    if not is_name(name):
        raise ValueError("no name of a conversation")
    return folder / f"{name}{_END}"


def _names(folder: Path) -> list[str]:
    if not is_ordinary_folder(folder):
        return []
    with explained_io(folder):
        files = islice(folder.iterdir(), _MOST_FILES)
        return sorted(_usable(file.name for file in files), reverse=True)


def _usable(files: Iterable[str]) -> Iterable[str]:
    for file in files:
        name = file.removesuffix(_END)
        if name != file and is_name(name):
            yield name


def _forget_oldest(folder: Path) -> None:
    """Names sort by the time when a conversation was begun."""
    for name in _names(folder)[MOST:]:
        delete(folder, name)

"""Looking for a new version: one plain request, without anything that tells who asks."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, ValidationError

from core.errors import UserFacingError
from core.installation.updates.feed import LARGEST, Release, read_feed
from core.installation.updates.own import OwnRelease, age_in_words, require_address
from core.language import _
from core.settings import application_folder
from core.storage.files import make_folder, read_json, write_json

if TYPE_CHECKING:
    import httpx2

_SECONDS = 15.0
_OK = 200
_A_WEEK = timedelta(days=7)


class Looked(BaseModel):
    """What is remembered of earlier looks.

    Attributes:
        at: the last one that succeeded or failed.
        made: when the newest list was made.
        told: the newest version that was offered without being asked.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    at: datetime | None = None
    made: datetime | None = None
    told: str = ""


@dataclass(frozen=True, slots=True)
class Offered:
    """What a look has found: newer versions, newest first; none where this one is the newest."""

    releases: tuple[Release, ...]

    @property
    def newest(self) -> Release | None:
        """The version to change to."""
        return self.releases[0] if self.releases else None


def updates_folder() -> Path:
    """Return where packages of new versions are kept."""
    return application_folder() / "updates"


def last_look() -> Looked:
    """Return what is remembered; a damaged file counts as none."""
    with suppress(UserFacingError, ValidationError):
        if _memory().exists():
            return Looked.model_validate(read_json(_memory()))
    return Looked()


def is_due(now: datetime | None = None) -> bool:
    """Return whether the last look is a week old; a clock that was set back counts too."""
    at, now = last_look().at, now or datetime.now(UTC)
    return at is None or not timedelta(0) <= now - at < _A_WEEK


def look(own: OwnRelease, proxy: str = "") -> Offered:
    """Ask for the list of versions and return those that are newer than this copy.

    Raises:
        UserFacingError: there is nobody to ask or nobody answers (``update.no_address``,
            ``update.no_network``), or the list is refused (see :func:`read_feed`).
    """
    require_address(own)
    before = last_look()
    _remember(before.model_copy(update={"at": datetime.now(UTC)}))
    feed = read_feed(_fetched(own, proxy), own.keys, before.made)
    _remember(Looked(at=datetime.now(UTC), made=feed.made, told=before.told))
    return Offered(feed.newer_than(own.version))


def remember_told(version: str) -> None:
    """Offer this version unasked only once."""
    _remember(last_look().model_copy(update={"told": version}))


def _fetched(own: OwnRelease, proxy: str) -> bytes:
    import httpx2

    headers = {"User-Agent": "homelab-tuner", "Accept": "application/json"}  # not shown
    try:
        with (
            httpx2.Client(proxy=proxy or None, timeout=_SECONDS, headers=headers) as client,
            client.stream("GET", own.address) as answer,
        ):
            return _body(answer, own)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise _no_answer(own, str(error)) from error


def _body(answer: httpx2.Response, own: OwnRelease) -> bytes:
    if answer.status_code != _OK:
        raise _no_answer(own, f"status {answer.status_code}")  # not shown: details
    content = bytearray()
    for piece in answer.iter_bytes():
        content += piece
        if len(content) > LARGEST:
            raise _no_answer(own, "too long")  # not shown: details
    return bytes(content)


def _no_answer(own: OwnRelease, details: str) -> UserFacingError:
    age = age_in_words(own, date.today())
    host = urlsplit(own.address).hostname or own.address
    what = _("{host} cannot be reached.", host=host)
    return UserFacingError(
        "update.no_network",
        _("{what} {age}", what=what, age=age) if age else what,
        _("You can go on working. Look again when there is a network."),
        details,
    )


def _memory() -> Path:
    return updates_folder() / "looked.json"


def _remember(looked: Looked) -> None:
    """A disk that refuses costs only the memory of it."""
    with suppress(UserFacingError, OSError):
        make_folder(updates_folder())
        write_json(_memory(), looked.model_dump(mode="json"))

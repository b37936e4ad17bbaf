"""The list of releases: one static file, signed, the same for everybody who asks.

The file is JSON: ``payload`` is the list in base 64, and ``signatures`` holds an Ed25519 signature
of the payload's bytes for each key of the publisher. One request gets both, so neither can be
exchanged for itself. A list that is older than one seen before is refused: otherwise somebody who
repeats an old, rightly signed file could keep a security fix away.

Source: Bernstein et al., 2012, *High-speed high-security signatures*; the attack is the freeze and
rollback attack of Samuel et al., 2010, *Survivable Key Compromise in Software Update Systems*.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime

from packaging.version import InvalidVersion, Version
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from core.errors import UserFacingError
from core.installation.kind import Kind
from core.installation.lock import RemoteFile
from core.language import _

LARGEST = 1_000_000
"""Bytes of a list that is read at all."""


class Signature(BaseModel):
    """One signature of the payload, by the key that is named (base 64)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    key: str
    signature: str


class Envelope(BaseModel):
    """The file as it is fetched."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    payload: str
    signatures: tuple[Signature, ...] = Field(max_length=20)


class ReleaseFile(RemoteFile):
    """One package of a release and the way of installing that it is for."""

    kind: Kind


class Release(BaseModel):
    """One version; ``changes`` are sentences in English, as in the changelog."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    version: str
    date: str = Field(pattern=r"^\d{4}-\d\d-\d\d$")
    changes: tuple[str, ...] = Field(default=(), max_length=200)
    files: tuple[ReleaseFile, ...] = Field(default=(), max_length=50)

    @field_validator("version")
    @classmethod
    def _is_a_version(cls, text: str) -> str:
        try:
            Version(text)
        except InvalidVersion as error:
            raise ValueError("no version") from error
        return text

    def file_for(self, kind: Kind) -> ReleaseFile | None:
        """Return the package for a way of installing, ``None`` if the release has none."""
        return next((file for file in self.files if file.kind is kind), None)


class Feed(BaseModel):
    """All releases that are offered; ``made`` is when the list was signed."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    made: datetime
    releases: tuple[Release, ...] = Field(max_length=1000)

    def newer_than(self, version: str) -> tuple[Release, ...]:
        """Return the versions after ``version``, newest first; trial versions are left out."""
        own = Version(version)
        later = [
            release
            for release in self.releases
            if Version(release.version) > own and not Version(release.version).is_prerelease
        ]
        return tuple(sorted(later, key=lambda release: Version(release.version), reverse=True))


def read_feed(content: bytes, keys: Sequence[str], seen: datetime | None = None) -> Feed:
    """Return a list that one of the keys has signed.

    Args:
        content: the file as it came.
        keys: who may sign, each 32 bytes in base 64.
        seen: when the newest list known here was made.

    Raises:
        UserFacingError: it cannot be read (``update.unreadable``), nobody known has signed it
            (``update.not_signed``), or it is older than one seen before (``update.older``).
    """
    try:
        envelope = Envelope.model_validate_json(content)
        payload = base64.b64decode(envelope.payload, validate=True)
    except (ValidationError, binascii.Error) as error:
        raise _unreadable() from error
    if not any(_is_signed(payload, one, keys) for one in envelope.signatures):
        raise UserFacingError(
            "update.not_signed",
            _("The list of versions is not signed by the makers of this application."),
            _("Nothing was changed. Try again later from another network."),
        )
    try:
        feed = Feed.model_validate_json(payload)
    except ValidationError as error:
        raise _unreadable() from error
    if seen is not None and feed.made < seen:
        raise UserFacingError(
            "update.older",
            _("The list of versions is older than the one seen before."),
            _("Nothing was changed. Try again later from another network."),
        )
    return feed


def _is_signed(payload: bytes, one: Signature, keys: Sequence[str]) -> bool:
    from nacl.exceptions import CryptoError
    from nacl.signing import VerifyKey

    if one.key not in keys:
        return False
    try:
        key, signature = base64.b64decode(one.key), base64.b64decode(one.signature)
        VerifyKey(key).verify(payload, signature)
    except (CryptoError, ValueError, TypeError):
        return False
    return True


def _unreadable() -> UserFacingError:
    return UserFacingError(
        "update.unreadable",
        _("The list of versions cannot be read."),
        _("Nothing was changed. Try again later."),
    )

"""What this copy is: its version, its day, and where it may ask for a newer one.

``resources/release.json`` is written when a release is built (``packaging/sign_release.py``). A
copy made from the sources has no address: it asks nobody.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict

from core import __version__
from core.errors import UserFacingError
from core.language import _, ngettext

_MONTH_DAYS = 30.44
_OLD_MONTHS = 2  # younger copies need not be told their age


class OwnRelease(BaseModel):
    """This copy.

    Attributes:
        date: the day on which it was made.
        address: of the list of releases; ``""`` where nobody can be asked.
        keys: Ed25519 keys (base 64, 32 bytes each) that may sign that list.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    version: str = __version__
    date: date
    address: str = ""
    keys: tuple[str, ...] = ()


@cache
def own_release() -> OwnRelease:
    """Return what the release says of itself."""
    text = (files("resources") / "release.json").read_text(encoding="utf-8")
    return OwnRelease.model_validate_json(text)


def require_address(own: OwnRelease) -> None:
    """Refuse where there is nobody to ask.

    Raises:
        UserFacingError: this copy was not made by a release (code ``update.no_address``).
    """
    if not own.address or not own.keys:
        raise UserFacingError(
            "update.no_address",
            _("This copy was made from the sources, so it does not look for new versions."),
            _("Update it the way you got it, for example with git pull."),
        )


def age_in_words(own: OwnRelease, today: date) -> str:
    """Say how old this version is once that matters, else ``""``."""
    months = int((today - own.date).days / _MONTH_DAYS)
    if months < _OLD_MONTHS:
        return ""
    return ngettext(
        "This version is {count} month old.", "This version is {count} months old.", months
    )

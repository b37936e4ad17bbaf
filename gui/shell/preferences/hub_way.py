"""The way to the model hub as the preferences keep it: an address and a proxy, no password."""

from __future__ import annotations

from urllib.parse import urlsplit

from core.errors import UserFacingError
from core.language import _
from core.models.hub.connection import OFFICIAL, Endpoint, checked_endpoint


def hub_way(url: str, proxy: str) -> Endpoint:
    """Return the way to the hub; the preferences are a file that others may read.

    Raises:
        UserFacingError: an address cannot be one, or holds a password.
    """
    way = checked_endpoint(url.strip() or OFFICIAL, proxy.strip())
    if any("@" in urlsplit(address).netloc for address in (way.url, way.proxy)):
        raise UserFacingError(
            "hub.password",
            _("Passwords are not stored in the preferences."),
            _("Set the variable HTTPS_PROXY before you start the application."),
        )
    return way

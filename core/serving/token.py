"""The key to the local server: made once, kept as the hub's tokens are kept."""

from __future__ import annotations

import secrets

from core.models.hub.tokens import find_secret, keep_secret

_NAME = "homelab-tuner-server"


def server_token() -> str:
    """Return the key that programs send with each request; it is made at the first call.

    Raises:
        UserFacingError: the disk refuses.
    """
    return find_secret(_NAME) or new_token()


def new_token() -> str:
    """Make another key, after which the old one opens nothing.

    Raises:
        UserFacingError: the disk refuses.
    """
    token = f"sk-local-{secrets.token_urlsafe(32)}"
    keep_secret(_NAME, token)
    return token

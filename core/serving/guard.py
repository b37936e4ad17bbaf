"""Who may use the local server: programs of this computer that know its key, and no web page.

A page that a browser shows can send requests to this computer. They are told by their ``Origin``,
by what browsers say of where they come from (``Sec-Fetch-Site``), and, where a stranger's name was
made to lead here (DNS rebinding), by their ``Host``. Nothing here ever answers with a CORS header.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from core.serving.api import ApiError

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_LOG = logging.getLogger(__name__)
_LOCAL = re.compile(r"(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?")
_OWN_SITE = frozenset({"none", "same-origin"})
_MOST_HEADERS = 64
_SEND_SECONDS = 60.0


class Guard:
    """Lets pass what may be asked; everything else gets a refusal."""

    def __init__(self, app: App, token: Callable[[], str]) -> None:
        """Stand before ``app``; ``token`` gives the key that is asked for."""
        self._app, self._token = app, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        try:
            self._check(scope)
        except ApiError as error:
            await refuse(error, send)
            return

        async def hurried(message: Message) -> None:
            await asyncio.wait_for(send(message), _SEND_SECONDS)

        try:
            await self._app(scope, receive, hurried)
        except (TimeoutError, OSError) as error:  # a client that does not read, or is gone
            _LOG.info("an answer was not taken: %r", error)

    def _check(self, scope: Scope) -> None:
        headers: list[tuple[bytes, bytes]] = scope["headers"]
        if len(headers) > _MOST_HEADERS:
            raise ApiError(431, "There are too many headers.")  # not shown: for programs
        if not _is_local(_all(headers, b"host")):
            message = "This server answers at 127.0.0.1 and localhost only."  # not shown: programs
            raise ApiError(421, message, "foreign_host")
        sites = _all(headers, b"sec-fetch-site")
        if _all(headers, b"origin") or any(site not in _OWN_SITE for site in sites):
            message = "Web pages cannot use this server."  # not shown: for programs
            raise ApiError(403, message, "foreign_origin")
        if scope["path"] != "/health" and not self._knows_the_key(headers):
            message = "The key is missing or wrong."  # not shown: for programs
            raise ApiError(401, message, "invalid_api_key")

    def _knows_the_key(self, headers: list[tuple[bytes, bytes]]) -> bool:
        given = _all(headers, b"authorization")
        kind, _, key = given[0].partition(" ") if len(given) == 1 else ("", "", "")
        known = self._token()
        same = hmac.compare_digest(key.strip().encode(), known.encode())
        return same and kind.lower() == "bearer" and bool(known)


def _all(headers: list[tuple[bytes, bytes]], name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in headers if key == name]


def _is_local(hosts: list[str]) -> bool:
    return len(hosts) == 1 and _LOCAL.fullmatch(hosts[0].lower()) is not None


async def refuse(error: ApiError, send: Send) -> None:
    """Send a refusal; the connection ends with it, as its body may not have been read."""
    body = json.dumps(error.body()).encode()
    headers = {
        "content-type": "application/json",
        "content-length": str(len(body)),
        "connection": "close",
        **error.headers(),
    }
    if error.status == 401:
        headers["www-authenticate"] = "Bearer"
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": error.status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})

"""The one way out: where the hub is, through what, with what patience; nothing connects before.

The real client, ``huggingface_hub``, does the talking. It is given one guarded HTTP client: a list
or an error may neither be endless nor drip forever, a busy hub is waited for where a request to
cancel is still heard, and a piece of a file must be the piece that was asked for.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

from core.errors import UserFacingError
from core.language import _
from core.settings import load_settings

if TYPE_CHECKING:
    import httpx2

OFFICIAL = "https://huggingface.co"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_TRUE = frozenset({"1", "ON", "YES", "TRUE"})
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")
_OK, _PARTIAL, _REDIRECT, _BUSY = 200, 206, 300, 429


class Patience(BaseModel):
    """How long a hub is waited for; seconds, bytes a second.

    Attributes:
        silence: without a byte, then the connection is given up and made again.
        answer: for a whole list; ``answer_bytes`` is its largest size.
        tries: in a row without a single new byte.
        pause: before the second try; it doubles with each, up to ``longest_pause``.
        least_rate: slower than this over ``window`` counts as silence.
        slow_rounds: how many such windows in a row end the download.
    """

    model_config = ConfigDict(frozen=True)

    silence: float = Field(default=10.0, gt=0)
    answer: float = Field(default=60.0, gt=0)
    answer_bytes: int = Field(default=64_000_000, gt=0)
    tries: int = Field(default=5, ge=1)
    pause: float = Field(default=1.0, ge=0)
    longest_pause: float = Field(default=30.0, ge=0)
    window: float = Field(default=60.0, gt=0)
    least_rate: float = Field(default=2_000.0, ge=0)
    slow_rounds: int = Field(default=3, ge=1)


class HubIsBusyError(Exception):
    """The hub asks to come back later (429); ``seconds`` if it says when."""

    def __init__(self, seconds: float | None) -> None:
        super().__init__(f"429, come back in {seconds} s")  # not shown: exception text
        self.seconds = seconds


class BadAnswerError(Exception):
    """An answer that no hub gives: endless, dripping, or another piece than was asked for."""


class BrokenStreamError(Exception):
    """A body broke off or fell silent; not an error after which the client tries again."""


class WrongLengthError(Exception):
    """What begins to arrive is not as long as the file; ``is_page``: it is a web page."""

    def __init__(self, *, is_page: bool, found: int, expected: int) -> None:
        super().__init__(f"{found} bytes instead of {expected}")  # not shown: exception text
        self.is_page = is_page


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the hub is.

    Attributes:
        url: without a slash at its end.
        proxy: through which it is reached, ``""`` for what the system's environment says.
    """

    url: str
    proxy: str = ""

    @property
    def host(self) -> str:
        """Host, with a port unless it is the usual one; what a token belongs to."""
        return urlsplit(self.url).netloc.rpartition("@")[2].lower()

    @property
    def is_private_way(self) -> bool:
        """Whether nobody in between can read along, so that a token may be sent."""
        parts = urlsplit(self.url)
        return parts.scheme == "https" or (parts.hostname or "") in _LOOPBACK


def chosen_endpoint() -> Endpoint:
    """Return the hub of the preferences, of ``HF_ENDPOINT``, or the public one.

    Raises:
        UserFacingError: it is no address of a hub (code ``hub.endpoint``).
    """
    settings = load_settings()
    url = settings.hub_endpoint or os.environ.get("HF_ENDPOINT", "") or OFFICIAL
    return checked_endpoint(url, settings.hub_proxy)


def checked_endpoint(url: str, proxy: str = "") -> Endpoint:
    """Return the endpoint after a look at its form; see :func:`chosen_endpoint`."""
    for address, schemes in ((url, ("http", "https")), (proxy, ("http", "https", "socks5", ""))):
        try:
            parts = urlsplit(address.strip())
            fits = parts.scheme in schemes and bool(parts.hostname or not address)
            parts.port  # noqa: B018 - raises for a port that is no number
        except ValueError:
            fits = False
        if not fits or parts.query or parts.fragment:
            raise UserFacingError(
                "hub.endpoint",
                _(
                    "“{address}” is not the address of a model hub or a proxy.",
                    address=address[:100],
                ),
                _(
                    "Write it like https://huggingface.co, or http://proxy.example:3128 for a "
                    "proxy."
                ),
            )
    return Endpoint(url.strip().rstrip("/"), proxy.strip())


def require_online() -> None:
    """Refuse to connect where the environment forbids it; for the process that was asked.

    Raises:
        UserFacingError: code ``hub.kept_offline``.
    """
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        if os.environ.get(name, "").upper() in _TRUE:
            raise kept_offline(name)


def kept_offline(name: str = "HF_HUB_OFFLINE") -> UserFacingError:
    """Return the sentence for a computer that is kept offline on purpose."""
    return UserFacingError(
        "hub.kept_offline",
        _("Downloads are switched off on this computer ({variable} is set).", variable=name),
        _("Use a model that is already on this computer, or unset the variable and start again."),
    )


@dataclass(slots=True)
class Connection:
    """An open way to a hub; made by :func:`connected`.

    Attributes:
        token: sent to the hub only, never to where it redirects; ``None`` without one.
    """

    endpoint: Endpoint
    patience: Patience
    token: str | None = field(default=None, repr=False)
    _deadline: float = 0.0
    _of_file: bool = False
    _size: int | None = None

    @property
    def headers(self) -> dict[str, str]:
        """What a request for a file carries."""
        from huggingface_hub.utils._headers import build_hf_headers

        token = self.token if self.token else False
        headers: dict[str, str] = build_hf_headers(token=token, library_name="homelab-tuner")
        return {**headers, "Accept-Encoding": "identity"}

    @contextmanager
    def asking(self) -> Iterator[Any]:
        """Yield the client's ``HfApi`` for one question, which must be answered in time."""
        from huggingface_hub import HfApi

        self._deadline = time.monotonic() + self.patience.answer
        yield HfApi(
            endpoint=self.endpoint.url, token=self.token or False, library_name="homelab-tuner"
        )

    @contextmanager
    def fetching(self, size: int | None = None) -> Iterator[None]:
        """In this block bodies are those of a file of ``size`` bytes, and may take their time."""
        self._of_file, self._deadline = True, time.monotonic() + self.patience.answer
        self._size = size
        try:
            yield
        finally:
            self._of_file = False

    def guard(self, response: httpx2.Response) -> None:
        """Look at an answer's head before its body is read."""
        if response.status_code == _BUSY:
            raise HubIsBusyError(_seconds(response.headers.get("Retry-After", "")))
        if response.status_code == _PARTIAL:
            _require_that_piece(response)
        if self._of_file and self._size is not None and response.status_code in (_OK, _PARTIAL):
            _require_length(response, self._size)
        if not self._of_file or response.status_code >= _REDIRECT:
            response.stream = _bounded(response.stream, self.patience, self._deadline)
        else:
            response.stream = _reported(response.stream)


def _seconds(text: str) -> float | None:
    return float(text) if text.isascii() and text.isdigit() else None


def _require_that_piece(response: httpx2.Response) -> None:
    asked = re.match(r"bytes=(\d+)-(\d*)", response.request.headers.get("Range", ""))
    given = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
    if asked and (given is None or given.group(1) != asked.group(1)):
        raise BadAnswerError("another piece of the file than was asked for")


def _require_length(response: httpx2.Response, size: int) -> None:
    """Refuse another file by its announced length, before a byte of it reaches the disk."""
    found = response.headers.get("Content-Length", "")
    if response.status_code == _PARTIAL:
        given = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
        found = given.group(3) if given else ""
    if found.isdigit() and int(found) != size and not response.headers.get("Content-Encoding"):
        is_page = "html" in response.headers.get("Content-Type", "")
        raise WrongLengthError(is_page=is_page, found=int(found), expected=size)


def _reported(stream: Any) -> Any:
    from httpx2 import SyncByteStream, TransportError

    class Reported(SyncByteStream):
        """Tells of its end at once, so that the tries are counted where a request is heard."""

        def __iter__(self) -> Iterator[bytes]:
            try:
                yield from stream
            except TransportError as error:
                raise BrokenStreamError(str(error)) from error

        def close(self) -> None:
            stream.close()

    return Reported()


def _bounded(stream: Any, patience: Patience, deadline: float) -> Any:
    from httpx2 import SyncByteStream

    class Bounded(SyncByteStream):
        """Gives up on a body that is too long or takes too long."""

        def __iter__(self) -> Iterator[bytes]:
            left = patience.answer_bytes
            for piece in stream:
                left -= len(piece)
                if left < 0 or time.monotonic() > deadline:
                    raise BadAnswerError("the answer does not end")
                yield piece

        def close(self) -> None:
            stream.close()

    return Bounded()


@contextmanager
def connected(
    endpoint: Endpoint, patience: Patience | None = None, token: str | None = None
) -> Iterator[Connection]:
    """Yield a way to the hub; in this block the client library may connect, and only through it.

    A token is dropped where others could read it on its way.
    """
    from huggingface_hub import constants
    from huggingface_hub.utils import _http as client

    patience = patience or Patience()
    token = token if endpoint.is_private_way else None
    connection = Connection(endpoint, patience, token)
    wanted = {"HF_HUB_OFFLINE": False, "HF_HUB_DISABLE_TELEMETRY": True,
              "HF_HUB_DISABLE_XET": True, "HF_HUB_DOWNLOAD_TIMEOUT": patience.silence,
              "DOWNLOAD_CHUNK_SIZE": None}  # fmt: skip  # None: each piece as it comes
    before = {name: getattr(constants, name) for name in wanted}
    factory = client._GLOBAL_CLIENT_FACTORY
    for name, value in wanted.items():
        setattr(constants, name, value)
    client.set_client_factory(lambda: _client(connection))
    try:
        yield connection
    finally:
        client.set_client_factory(factory)
        for name, value in before.items():
            setattr(constants, name, value)


def _client(connection: Connection) -> httpx2.Client:
    import httpx2
    from huggingface_hub.utils._http import hf_request_event_hook

    return httpx2.Client(
        event_hooks={"request": [hf_request_event_hook], "response": [connection.guard]},
        follow_redirects=True,
        max_redirects=8,
        proxy=connection.endpoint.proxy or None,
        timeout=connection.patience.silence,
    )

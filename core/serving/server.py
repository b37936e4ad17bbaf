"""The local server: a part of OpenAI's API, for programs of this computer only."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
import uuid
from collections.abc import Callable, Sequence
from typing import Any, cast

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from uvicorn.protocols.http.h11_impl import H11Protocol

from core.errors import UserFacingError
from core.generation.spec import Ask, Done
from core.language import _
from core.serving import DEFAULT_PORT
from core.serving.api import ApiError, ChatRequest, read_chat
from core.serving.exchange import Exchange, Finished, Model
from core.serving.guard import App, Guard, Receive, Scope, Send, refuse
from core.serving.token import server_token

_LOG = logging.getLogger(__name__)
_MOST_BODY = 4 << 20  # bytes
_MOST_HEADER = 16 << 10
_BODY_SECONDS = 30.0
_IDLE_SECONDS = 30
_MOST_WAITING = 64  # requests in progress or in the queue
_MOST_CONNECTIONS = 256
_RETRY_SECONDS = 5


def _nobody(_ask: Ask, _text: str, _done: Done) -> None:
    return


COMPARE = "compare"
"""The name under which one of the two models answers that are compared; which, is not said."""
Draw = Callable[[str], str | None]
"""Gives the model that answers a request, by its name; ``None`` while nothing is compared."""


def _nothing(_request: str) -> None:
    return None


class _Application:
    """The server's requests; all of it runs in one event loop."""

    def __init__(self, model: Model, names: Sequence[str], finished: Finished, draw: Draw) -> None:
        self._model, self._names, self._finished = model, tuple(names), finished
        self._draw = draw
        self._open = 0
        self._ids: set[str] = set()
        self._closing = False

    def close(self) -> None:
        """Take nothing more, and cancel what is in progress; called in another thread."""
        self._closing = True
        for id in tuple(self._ids):
            self._model.cancel(id)

    def app(self) -> App:
        routes = [
            Route("/health", self._health, methods=["GET"]),
            Route("/v1/models", self._models, methods=["GET"]),
            Route("/v1/models/{name}", self._one_model, methods=["GET"]),
            Route("/v1/chat/completions", self._chat, methods=["POST"]),
        ]
        handlers: dict[Any, Any] = {HTTPException: _http_error, ApiError: _api_error}
        return cast("App", Starlette(routes=routes, exception_handlers=handlers))

    async def _health(self, _request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def _models(self, _request: Request) -> Response:
        return JSONResponse({"object": "list", "data": [_model(name) for name in self._names]})

    async def _one_model(self, request: Request) -> Response:
        return JSONResponse(_model(self._known(request.path_params["name"])))

    def _known(self, name: str) -> str:
        if name not in (*self._names, COMPARE):
            text = f"There is no model '{name[:100]}'. GET /v1/models lists them."  # not shown
            raise ApiError(404, text, "model_not_found", param="model")
        return name

    async def _chat(self, request: Request) -> Response:
        if self._closing:
            raise ApiError(503, "The server is closing.", wait=_RETRY_SECONDS)  # not shown
        if self._open >= _MOST_WAITING:
            text = "Too many requests wait already."  # not shown: for programs
            raise ApiError(429, text, "queue_full", wait=_RETRY_SECONDS)
        self._open += 1
        try:
            asked = read_chat(await _body(request))
            self._known(asked.model)
        except BaseException:
            self._open -= 1
            raise
        return cast("Response", _Answering(self, asked))

    async def answer(self, asked: ChatRequest, receive: Receive, send: Send) -> None:
        """Answer one request that was understood."""
        id = uuid.uuid4().hex
        self._ids.add(id)
        try:
            ask = asked.ask(id)
            if ask.model == COMPARE:
                ask = ask.model_copy(update={"model": await self._drawn(id)})
            exchange = Exchange(asked, ask, self._finished)
            await exchange.answer(self._model, receive, send)
        except ApiError as error:
            await refuse(error, send)
        finally:
            self._open -= 1
            self._ids.discard(id)

    async def _drawn(self, id: str) -> str:
        try:
            model = await asyncio.to_thread(self._draw, id)
        except UserFacingError as error:
            text = f"{error.what} {error.todo}"  # not shown: for programs
            raise ApiError(503, text, error.code, wait=_RETRY_SECONDS) from error
        if model is None or model not in self._names:
            text = "No two of these models are compared at present."  # not shown: for programs
            raise ApiError(404, text, "model_not_found", param="model")
        return model


class _Answering:
    """A response that is written while the model writes."""

    background = None

    def __init__(self, application: _Application, asked: ChatRequest) -> None:
        self._application, self._asked = application, asked

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        await self._application.answer(self._asked, receive, send)


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "homelab-tuner"}


async def _body(request: Request) -> bytes:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        text = "The body must be JSON (content-type application/json)."  # not shown: for programs
        raise ApiError(415, text)
    parts, size = [], 0
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            async for part in request.stream():
                size += len(part)
                if size > _MOST_BODY:
                    raise ApiError(413, f"The body is larger than {_MOST_BODY} bytes.")  # not shown
                parts.append(part)
    except ClientDisconnect:
        raise ApiError(400, "The body did not come whole.") from None  # not shown: for programs
    except TimeoutError:
        raise ApiError(408, "The body did not come in time.") from None  # not shown: for programs
    return b"".join(parts)


def _error_response(error: ApiError) -> Response:
    headers = {"connection": "close", **error.headers()}
    return JSONResponse(error.body(), error.status, headers)


async def _api_error(_request: Request, error: ApiError) -> Response:
    return _error_response(error)


async def _http_error(request: Request, error: HTTPException) -> Response:
    text = f"{request.method} {request.url.path[:200]}: {error.detail}"  # not shown: for programs
    return _error_response(ApiError(error.status_code, text))


class _Protocol(H11Protocol):
    """Lets go of connections on which no whole request comes."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._was_idle = False
        self._look()

    def _look(self) -> None:
        idle = self.cycle is None or self.cycle.response_complete
        if self.transport.is_closing():
            return
        if idle and self._was_idle:
            self.transport.abort()
            return
        self._was_idle = idle
        self._next_look = self.loop.call_later(_IDLE_SECONDS / 2, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        self._next_look.cancel()
        super().connection_lost(exc)


class LocalServer:
    """Answers at this computer's own address until it is closed.

    Attributes:
        port: where it answers.
    """

    def __init__(
        self,
        model: Model,
        names: Sequence[str],
        *,
        port: int = DEFAULT_PORT,
        finished: Finished = _nobody,
        token: Callable[[], str] = server_token,
        draw: Draw = _nothing,
    ) -> None:
        """Begin to answer.

        Args:
            names: of the models that can be asked.
            port: 0 for any that is free.
            finished: hears of each answer that ended, in the model's thread.
            draw: gives the model for each question to :data:`COMPARE`.

        Raises:
            UserFacingError: another program has this port (code ``serving.port_in_use``).
        """
        self._socket = _listen(port)
        self.port = int(self._socket.getsockname()[1])
        self._application = _Application(model, names, finished, draw)
        app = Guard(self._application.app(), token)
        self._server = uvicorn.Server(
            uvicorn.Config(
                cast("Any", app),
                loop="asyncio",
                http=_Protocol,
                ws="none",
                lifespan="off",
                log_config=None,
                log_level="error",
                access_log=False,
                proxy_headers=False,
                server_header=False,
                limit_concurrency=_MOST_CONNECTIONS,
                timeout_keep_alive=_IDLE_SECONDS,
                timeout_graceful_shutdown=3,
                h11_max_incomplete_event_size=_MOST_HEADER,
            )
        )
        self._thread = threading.Thread(target=self._serve, name="local-server", daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        self._server.run(sockets=[self._socket])

    @property
    def address(self) -> str:
        """What programs are given as the base URL of the API."""
        return f"http://127.0.0.1:{self.port}/v1"

    def close(self) -> None:
        """Answer no more; what is in progress is cancelled."""
        self._application.close()
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows would share the port otherwise
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    else:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(_MOST_CONNECTIONS)
    except (OSError, OverflowError) as error:
        listener.close()
        raise UserFacingError(
            "serving.port_in_use",
            _("The server cannot use port {port}.", port=str(port)),
            _("Choose another port, or close the program that uses it."),
            str(error),
        ) from error
    return listener

"""One request to the local server: asked of the model, and answered whole or as it is written."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Protocol

from core.errors import UserFacingError
from core.generation.spec import Ask, Done, Hearer, Piece, Refused
from core.serving.api import END, ApiError, ChatRequest, Reply, event, refused
from core.serving.guard import Receive, Send
from core.serving.messages import Answer

_CANCEL_SECONDS = 10.0
_BUSY_SECONDS = 30  # after which a client may try again
_JSON = [(b"content-type", b"application/json")]
_EVENTS = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-store")]


class Model(Protocol):
    """What answers: a :class:`~core.serving.client.ModelProcess`."""

    def ask(self, ask: Ask, hear: Hearer) -> None:
        """Begin an answer; may take a while, so it is called in a thread of its own."""

    def cancel(self, id: str) -> None:
        """End an answer early."""


Finished = Callable[[Ask, str, Done], None]
"""Hears of each answer that ended: the question, the text of the answer, how it ended."""


class _GoneError(Exception):
    """The client is not there any more."""


class Exchange:
    """One answer on its way from the model to a client."""

    def __init__(self, request: ChatRequest, ask: Ask, finished: Finished) -> None:
        self._request, self._ask, self._finished = request, ask, finished
        self._loop = asyncio.get_running_loop()
        self._heard: asyncio.Queue[Answer | None] = asyncio.Queue()
        self._ended = False
        self._text: list[str] = []

    async def answer(self, model: Model, receive: Receive, send: Send) -> None:
        """Ask, and send what is heard; a client that goes away cancels its answer."""
        async with self._asked(model, receive):
            try:
                first = await self._next()
            except _GoneError:
                return
            if isinstance(first, Refused):
                raise refused(first)
            with suppress(_GoneError):
                await (self._stream if self._request.stream else self._whole)(first, send)

    @asynccontextmanager
    async def _asked(self, model: Model, receive: Receive) -> AsyncIterator[None]:
        watch = asyncio.create_task(self._watch(receive))
        try:
            await asyncio.to_thread(model.ask, self._ask, self._hear)
        except UserFacingError as error:
            watch.cancel()
            text = f"{error.what} {error.todo}"  # not shown: for programs
            raise ApiError(503, text, error.code, wait=_BUSY_SECONDS) from error
        try:
            yield
        finally:
            watch.cancel()
            if not self._ended:
                await asyncio.shield(self._cancel(model))

    async def _cancel(self, model: Model) -> None:
        await asyncio.to_thread(model.cancel, self._ask.id)
        with suppress(TimeoutError):
            async with asyncio.timeout(_CANCEL_SECONDS):
                while not self._ended:
                    await self._heard.get()

    async def _watch(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        await self._heard.put(None)

    def _hear(self, told: Answer) -> None:
        """Take what the model says, in its own thread."""
        if isinstance(told, Piece) and not told.thinking:
            self._text.append(told.text)
        if isinstance(told, Done):
            self._finished(self._ask, "".join(self._text), told)
        if not isinstance(told, Piece):
            self._ended = True
        with suppress(RuntimeError):  # the server has ended meanwhile
            self._loop.call_soon_threadsafe(self._heard.put_nowait, told)

    async def _next(self) -> Answer:
        told = await self._heard.get()
        if told is None:
            raise _GoneError
        return told

    def _reply(self) -> Reply:
        return Reply(self._ask.id, self._request.model, int(time.time()))

    async def _whole(self, told: Answer, send: Send) -> None:
        texts: dict[bool, list[str]] = {False: [], True: []}
        while isinstance(told, Piece):
            texts[told.thinking].append(told.text)
            told = await self._next()
        done = _done(told)
        text, thinking = ("".join(texts[kind]) for kind in (False, True))
        body = json.dumps(self._reply().whole(text, thinking, done), ensure_ascii=False).encode()
        size = (b"content-length", str(len(body)).encode())
        await send({"type": "http.response.start", "status": 200, "headers": [*_JSON, size]})
        await send({"type": "http.response.body", "body": body})

    async def _stream(self, told: Answer, send: Send) -> None:
        reply = self._reply()
        await send({"type": "http.response.start", "status": 200, "headers": _EVENTS})
        await _send_some(send, reply.chunk({"role": "assistant", "content": ""}))
        while isinstance(told, Piece):
            name = "reasoning_content" if told.thinking else "content"
            await _send_some(send, reply.chunk({name: told.text}))
            told = await self._next()
        try:
            done = _done(told)
        except ApiError as error:  # after the first word it can only be said in the stream
            await send({"type": "http.response.body", "body": event(error.body())})
            return
        await _send_some(send, reply.chunk({}, done.reason))
        if self._request.with_usage:
            await _send_some(send, reply.usage(done))
        await send({"type": "http.response.body", "body": END})


def _done(told: Answer) -> Done:
    if isinstance(told, Refused):
        raise refused(told)
    assert isinstance(told, Done)
    if told.reason == "cancelled":
        message = "The model was unloaded."  # not shown: for programs
        raise ApiError(503, message, "unloaded", wait=_BUSY_SECONDS)
    return told


async def _send_some(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})

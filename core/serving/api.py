"""OpenAI's chat completions as data: what is asked, what is answered, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from core.generation.spec import MOST_TOKENS, Ask, Done, Refused, Turn

_MOST_MESSAGES = 1000
_ROLES: dict[str, Literal["system", "user", "assistant"]] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
}
_NOT_HERE = ("tools", "functions", "audio", "prediction", "web_search_options", "logit_bias")
"""What would change the answer and is not built here: refused rather than ignored."""


class ApiError(Exception):
    """What a client did wrong, or what it has to wait for, as OpenAI's API says it.

    Args:
        wait: seconds after which it may try again; 0 for never.
    """

    def __init__(
        self,
        status: int,
        message: str,
        code: str | None = None,
        *,
        param: str | None = None,
        wait: int = 0,
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.code = status, message, code
        self.param, self.wait = param, wait

    def body(self) -> dict[str, Any]:
        """Return the body of the response."""
        kind = "server_error" if self.status >= 500 else "invalid_request_error"
        if self.status == 429:
            kind = "rate_limit_error"
        error = {"message": self.message, "type": kind, "param": self.param, "code": self.code}
        return {"error": error}

    def headers(self) -> dict[str, str]:
        """Return what the response says besides."""
        return {"retry-after": str(self.wait)} if self.wait else {}


def _list(value: object) -> object:
    if value is None:
        return []
    return [value] if isinstance(value, str) else value


class _Message(BaseModel):
    model_config = ConfigDict(extra="allow")

    role: str
    content: str | list[dict[str, Any]] | None = None


class _StreamOptions(BaseModel):
    include_usage: bool = False


class ChatRequest(BaseModel):
    """The body of ``POST /v1/chat/completions``; what is not named here is ignored."""

    model_config = ConfigDict(extra="allow")

    model: str = Field(min_length=1, max_length=300)
    messages: list[_Message] = Field(min_length=1, max_length=_MOST_MESSAGES)
    stream: bool | None = False
    stream_options: _StreamOptions | None = None
    temperature: float | None = Field(default=None, ge=0.0, le=2.0)
    top_p: float | None = Field(default=None, gt=0.0, le=1.0)
    max_tokens: int | None = Field(default=None, ge=-1)
    max_completion_tokens: int | None = Field(default=None, ge=-1)
    stop: Annotated[list[str], BeforeValidator(_list)] = Field(default=[], max_length=16)
    seed: int | None = Field(default=None, ge=-(2**63), le=2**63 - 1)
    n: int | None = 1

    @property
    def with_usage(self) -> bool:
        """Whether a stream ends with the counts."""
        return self.stream_options is not None and self.stream_options.include_usage

    def ask(self, id: str) -> Ask:
        """Return it as a question to the model.

        Raises:
            ApiError: it asks for what is not built here.
        """
        values: dict[str, Any] = {}
        if self.temperature is not None:
            values["temperature"] = self.temperature
        if self.top_p is not None:
            values["top_p"] = self.top_p
        limit = self.max_tokens if self.max_completion_tokens is None else None
        limit = self.max_completion_tokens if limit is None else limit
        if limit == 0:
            message = "max_tokens must be at least 1."  # not shown: for programs
            raise ApiError(400, message, param="max_tokens")
        return Ask(
            id=id,
            model=self.model,
            messages=tuple(_turn(message, n) for n, message in enumerate(self.messages)),
            max_tokens=min(max(limit or 0, 0), MOST_TOKENS),
            stop=tuple(text for text in self.stop if text),
            seed=self.seed,
            **values,
        )


def read_chat(body: bytes) -> ChatRequest:
    """Return the request in ``body``.

    Raises:
        ApiError: it is no such request, or asks for what is not built here.
    """
    try:
        request = ChatRequest.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        param = ".".join(str(part) for part in first["loc"]) or None
        message = f"{param or 'body'}: {first['msg']}"  # not shown: for programs
        raise ApiError(400, message[:500], "invalid_body", param=param) from None
    extra = request.model_extra or {}
    for name in _NOT_HERE:
        if extra.get(name):
            raise _unsupported(name)
    if request.n not in (None, 1):
        raise _unsupported("n")
    if extra.get("logprobs"):
        raise _unsupported("logprobs")
    wanted = extra.get("response_format")
    if wanted and not (isinstance(wanted, dict) and wanted.get("type") == "text"):
        raise _unsupported("response_format")
    return request


def _unsupported(param: str) -> ApiError:
    message = f"This server does not support '{param}'."  # not shown: for programs
    return ApiError(400, message, "unsupported_parameter", param=param)


def _turn(message: _Message, number: int) -> Turn:
    param = f"messages.{number}"  # not shown: for programs
    extra = message.model_extra or {}
    if message.role not in _ROLES or extra.get("tool_calls"):
        text = "This server does not support tools."  # not shown: for programs
        raise ApiError(400, text, "unsupported_role", param=f"{param}.role")
    if isinstance(message.content, list):
        content = "".join(_text(part, param) for part in message.content)
    else:
        content = message.content or ""
    return Turn(role=_ROLES[message.role], content=content)


def _text(part: Mapping[str, Any], param: str) -> str:
    if part.get("type") == "text" and isinstance(part.get("text"), str):
        return str(part["text"])
    kind = str(part.get("type"))[:40]
    text = f"This model reads text only, not '{kind}'."  # not shown: for programs
    raise ApiError(400, text, "unsupported_content", param=f"{param}.content")


def refused(refusal: Refused) -> ApiError:
    """Return what the model's refusal means for a client."""
    text = f"{refusal.what} {refusal.todo}"  # not shown: for programs
    if refusal.code == "generation.prompt_too_long":
        return ApiError(400, text, "context_length_exceeded", param="messages")
    if refusal.code == "generation.unknown_model":
        return ApiError(404, text, "model_not_found", param="model")
    return ApiError(503, text, refusal.code, wait=10)


class Reply:
    """Makes the bodies of one answer; all its chunks have the same name and time."""

    def __init__(self, id: str, model: str, created: int) -> None:
        self._head = {"id": f"chatcmpl-{id}", "created": created, "model": model}

    def whole(self, text: str, thinking: str, done: Done) -> dict[str, Any]:
        """Return the body of an answer that is not streamed."""
        message = {"role": "assistant", "content": text, "refusal": None}
        if thinking:
            message["reasoning_content"] = thinking
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": done.reason}
        return {
            **self._head,
            "object": "chat.completion",
            "choices": [choice],
            "usage": _usage(done),
        }

    def chunk(self, delta: Mapping[str, str], reason: str | None = None) -> bytes:
        """Return one event of a stream."""
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        return self._event([choice])

    def usage(self, done: Done) -> bytes:
        """Return the event with the counts, the last before the end."""
        return self._event([], usage=_usage(done))

    def _event(self, choices: Sequence[Mapping[str, Any]], **more: Any) -> bytes:
        return event({**self._head, "object": "chat.completion.chunk", "choices": choices, **more})


def event(value: Mapping[str, Any]) -> bytes:
    """Return a value as a server-sent event."""
    return b"data: " + json.dumps(value, ensure_ascii=False).encode() + b"\n\n"


END = b"data: [DONE]\n\n"


def _usage(done: Done) -> dict[str, int]:
    return {
        "prompt_tokens": done.prompt_tokens,
        "completion_tokens": done.tokens,
        "total_tokens": done.prompt_tokens + done.tokens,
    }

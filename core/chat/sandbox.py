"""A process that renders one chat template and nothing else, with little memory.

Chat templates come with downloaded models. Jinja's sandbox keeps them from files and attributes,
but not from endless loops or from filling the memory, so an unknown one is compiled and rendered
here, where the process can be ended (see :mod:`core.chat.template`). Only Jinja is imported:
the limit holds.

Standard input: one line of JSON with ``template`` and ``variables`` (special tokens), then one line
a conversation with ``messages`` and ``add_generation_prompt``. Standard output: one line for each,
``{"text": …}`` or ``{"error": …}``; the first answers the template itself.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import datetime
from typing import IO, Any, TypeVar

MEMORY_BYTES = 256 << 20
SECONDS = 2.0
MOST_REASON = 400
"""Characters of a refusal's reason: it comes from the template and ends up in messages."""

_FREE_CHARACTERS, _CHARACTERS_EACH = 1 << 20, 8
_SPARE_SECONDS = 2  # the parent ends the process first, if there still is one
MEMORY, OUTPUT, RECURSION = "memory", "output", "recursion"
"""What a harmful template uses without end: the reason of :class:`UnsafeError`."""

Messages = list[dict[str, Any]]
Render = Callable[..., str]
_T = TypeVar("_T")


class RefusedError(ValueError):
    """The template cannot render this conversation; the text says why."""


class UnsafeError(MemoryError):
    """The template would fill the memory or the stack; the text says with what: a code."""


def main() -> int:
    """Answer until standard input ends; return the exit code."""
    limit_memory(MEMORY_BYTES)
    return serve(sys.stdin.buffer, sys.stdout.buffer)


def limit_memory(count: int) -> None:
    """Let the system refuse more than ``count`` bytes, where it can; the parent watches too."""
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (count, count))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def limit_time(seconds: float) -> None:
    """Let the system end this process after ``seconds`` more of the processor, where it can.

    So a template that loops ends too when nobody is left to look at it.
    """
    try:
        import resource
    except ImportError:  # Windows
        return
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    wanted = int(time.process_time() + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (wanted, most))


def serve(requests: IO[bytes], answers: IO[bytes], limit: Callable[[], None] | None = None) -> int:
    """Render each request with the template of the first one; ``limit`` is called before each."""
    limit = limit or (lambda: limit_time(SECONDS + _SPARE_SECONDS))
    line = requests.readline()
    if not line:
        return 0
    first = json.loads(line)
    limit()
    render: Render | None = None
    reason = ""
    try:
        render = compiled(first["template"])
        answer: dict[str, Any] = {"text": ""}
    except (RefusedError, UnsafeError) as error:
        reason = str(error)
        answer = {"error": reason, "fatal": isinstance(error, UnsafeError)}
    _write(answers, answer)
    for line in requests:
        limit()
        if render is not None:
            answer = _answer(render, first["variables"], json.loads(line))
        _write(answers, answer)
    return 0


def _answer(render: Render, variables: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"text": rendered(render, variables, **request)}
    except (RefusedError, UnsafeError) as error:
        return {"error": str(error), "fatal": isinstance(error, UnsafeError)}


def _write(answers: IO[bytes], answer: dict[str, Any]) -> None:
    try:
        line = json.dumps(answer).encode()
    except MemoryError:
        line = json.dumps({"error": MEMORY, "fatal": True}).encode()
    answers.write(line + b"\n")
    answers.flush()


def rendered(
    render: Render, variables: dict[str, Any], messages: Messages, add_generation_prompt: bool
) -> str:
    """Return what a compiled template makes of a conversation.

    Raises:
        RefusedError: it raises an error.
        UnsafeError: it fills the memory, or writes far more than it was given.
    """
    values = {"tools": None, "documents": None, **variables}
    text = _guarded(
        lambda: render(**values, messages=messages, add_generation_prompt=add_generation_prompt)
    )
    if len(text) > _FREE_CHARACTERS and len(text) > _CHARACTERS_EACH * _characters(messages):
        raise UnsafeError(OUTPUT)
    return text


def _characters(messages: Messages) -> int:
    return _FREE_CHARACTERS // _CHARACTERS_EACH + sum(
        len(value) for message in messages for value in message.values() if isinstance(value, str)
    )


def compiled(template: str) -> Render:
    """Return the function that renders ``template`` as transformers does.

    Raises:
        RefusedError: it is no template.
        UnsafeError: what it computes while it is read fills the memory.
    """
    from jinja2.exceptions import TemplateError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    def raise_exception(message: str) -> None:
        raise TemplateError(message)

    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols", _generation()]
    )
    environment.filters["tojson"] = _to_json
    environment.globals["raise_exception"] = raise_exception
    environment.globals["strftime_now"] = lambda form: datetime.now().strftime(form)
    render: Render = _guarded(lambda: environment.from_string(template).render)
    return render


def _guarded(work: Callable[[], _T]) -> _T:
    """Do ``work``; whatever a template does becomes one of two errors with a short reason."""
    try:
        return work()
    except MemoryError:
        raise UnsafeError(MEMORY) from None
    except RecursionError:
        raise UnsafeError(RECURSION) from None
    except Exception as error:
        reason = str(error) or type(error).__name__
        raise RefusedError(" ".join(reason[:MOST_REASON].split())) from None


def _to_json(value: Any, ensure_ascii: bool = False, **options: Any) -> str:
    """Unlike Jinja's own filter this one escapes no HTML: the text is not for a browser."""
    return json.dumps(value, ensure_ascii=ensure_ascii, **options)


def _generation() -> Any:
    """Return the extension that accepts ``{% generation %}`` and renders what it encloses."""
    from jinja2 import nodes
    from jinja2.ext import Extension

    class Generation(Extension):
        tags = {"generation"}  # noqa: RUF012 - Jinja's interface

        def parse(self, parser: Any) -> Any:
            line = next(parser.stream).lineno
            body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
            return nodes.Scope(body).set_lineno(line)

    return Generation


if __name__ == "__main__":
    sys.exit(main())

"""A process that renders one chat template and nothing else, with little memory.

Chat templates come with downloaded models. Jinja's sandbox keeps them from files and attributes,
but not from endless loops or from filling the memory, so an unknown one is rendered here, where the
process can be ended (see :mod:`core.training.templates`). Only Jinja is imported: the limit holds.

Standard input: one line of JSON with ``template`` and ``variables`` (special tokens), then one line
a conversation with ``messages`` and ``add_generation_prompt``. Standard output: one line for each,
``{"text": …}`` or ``{"error": …}``; the first answers the template itself.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import datetime
from typing import IO, Any

MEMORY_BYTES = 256 << 20
MOST_CHARACTERS = 16 << 20
_OUT_OF_MEMORY = "it needs too much memory"


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


def serve(requests: IO[bytes], answers: IO[bytes]) -> int:
    """Render each request with the template of the first one."""
    first = json.loads(requests.readline() or b"null")
    if first is None:
        return 0
    render: Callable[..., str] | None = None

    def prepare() -> str:
        nonlocal render
        render = compiled(first["template"])
        return ""

    _answer(answers, prepare)
    for line in requests:
        request = json.loads(line)
        _answer(answers, lambda: _render(render, first["variables"], request))  # noqa: B023
    return 0


def _render(
    render: Callable[..., str] | None, variables: dict[str, Any], request: dict[str, Any]
) -> str:
    if render is None:
        raise ValueError("the template could not be read")
    text = render(**{"tools": None, "documents": None, **variables, **request})
    if len(text) > MOST_CHARACTERS:
        raise MemoryError
    return text


def _answer(answers: IO[bytes], work: Callable[[], str]) -> None:
    try:
        answer = json.dumps({"text": work()})
    except MemoryError:
        answer = json.dumps({"error": _OUT_OF_MEMORY, "fatal": True})
    except RecursionError:
        answer = json.dumps({"error": "it calls itself without end", "fatal": True})
    except Exception as error:  # whatever a template does must become an answer
        answer = json.dumps({"error": str(error) or type(error).__name__})
    answers.write(answer.encode() + b"\n")
    answers.flush()


def compiled(template: str) -> Callable[..., str]:
    """Return the function that renders ``template`` as transformers does.

    Raises:
        jinja2.TemplateError: it is no template.
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
    render: Callable[..., str] = environment.from_string(template).render
    return render


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

"""The one way to render a chat template: known ones here, unknown ones in a limited process.

A template may loop without end or fill the memory, by mistake or on purpose, while it is compiled
as well as while it renders. Known ones are told by the hash of their text
(``resources/chat_templates.json``); for others each rendering gets 2 s of the processor and 256 MB,
and a template that takes more is refused with the model. Nothing else in this application compiles
or renders a template; a test sees to it.
"""

from __future__ import annotations

import atexit
import hashlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
from contextlib import suppress
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from core.chat.sandbox import (
    MEMORY,
    MEMORY_BYTES,
    OUTPUT,
    RECURSION,
    SECONDS,
    Messages,
    RefusedError,
    Render,
    UnsafeError,
    compiled,
    rendered,
)
from core.errors import UserFacingError
from core.language import N_, _
from core.storage.files import JsonObject

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_MOST_WAIT = 30.0  # on a busy machine the processor's seconds come slowly
_BIRTH_WAIT = 60.0
_LOOK_SECONDS = 0.05
_HASH_CHARACTERS = 32
_TEMPLATES_KEPT = 4

_TIME = "time"
_UNSAFE = {
    MEMORY: N_("The base model's chat template cannot be used: it needs too much memory."),
    OUTPUT: N_("The base model's chat template cannot be used: it writes without end."),
    RECURSION: N_("The base model's chat template cannot be used: it calls itself without end."),
    _TIME: N_(
        "The base model's chat template cannot be used: it does not end within {seconds:g} seconds."
    ),
}

Chat = Messages


class TemplateRejectsError(ValueError):
    """The chat template cannot render this conversation; the text says why."""


class Template(Protocol):
    """A chat template that can be rendered without harm."""

    def render(self, messages: Chat, add_generation_prompt: bool) -> str:
        """Return a conversation as the template writes it.

        Raises:
            TemplateRejectsError: the template refuses this conversation.
            UserFacingError: ``model.template_unsafe``, it takes too much time or memory.
        """

    def __hash__(self) -> int:
        """Each template is one object: what is known of it is kept by it."""


def template_of(tokenizer: PreTrainedTokenizerBase) -> Template:
    """Return a tokenizer's chat template; the same one as long as the text is the same."""
    variables = {k: str(v) for k, v in tokenizer.special_tokens_map.items()}
    return _template(template_text(tokenizer), json.dumps(variables))


def render_chat(
    tokenizer: PreTrainedTokenizerBase, messages: Chat, *, add_generation_prompt: bool
) -> str:
    """Return a conversation as the base model's chat template writes it; see :class:`Template`."""
    return template_of(tokenizer).render(messages, add_generation_prompt)


def template_text(tokenizer: PreTrainedTokenizerBase) -> str:
    """Return the text of the template for plain conversations.

    Tokenizers may hold several by name; the one called ``default`` is meant, else the first.
    """
    held = tokenizer.chat_template
    if not isinstance(held, dict):
        return str(held)
    return str(held.get("default") or next(iter(held.values()), ""))


def template_hash(template: str) -> str:
    """Return 128 bits of the SHA-256 of a template's text without white space around it."""
    return hashlib.sha256(template.strip().encode(errors="replace")).hexdigest()[:_HASH_CHARACTERS]


@lru_cache(maxsize=64)
def is_known(template: str) -> bool:
    """Return whether this very template was looked at and found harmless."""
    return template_hash(template) in _known()


@lru_cache(maxsize=1)
def _known() -> dict[str, str]:
    from core.models.loading import PLAIN_TEMPLATE, PLAIN_TEMPLATE_WITH_BOS

    text = (resources.files("resources") / "chat_templates.json").read_text(encoding="utf-8")
    listed: dict[str, str] = json.loads(text)["templates"]
    own = (PLAIN_TEMPLATE, PLAIN_TEMPLATE_WITH_BOS)
    return {**listed, **{template_hash(template): "plain" for template in own}}


@lru_cache(maxsize=_TEMPLATES_KEPT)
def _template(template: str, variables: str) -> Template:
    if is_known(template):
        return KnownTemplate(template, json.loads(variables))
    guarded = GuardedTemplate(template, json.loads(variables))
    _opened.append(guarded)
    return guarded


_opened: list[GuardedTemplate] = []


@atexit.register
def end_processes() -> None:
    """End the processes of all templates; they start again when they are needed."""
    for guarded in _opened:
        guarded.close()


def child_command() -> list[str]:
    """Return the command of the limited process; the frozen application starts itself."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "--template"]
    return [sys.executable, "-m", "core.chat.sandbox"]


class KnownTemplate:
    """A template that was found harmless, rendered in this process."""

    def __init__(self, template: str, variables: JsonObject) -> None:
        self._render: Render = compiled(template)
        self._variables = variables

    def render(self, messages: Chat, add_generation_prompt: bool) -> str:
        """Return the text; see :class:`Template` for the errors."""
        try:
            return rendered(self._render, self._variables, messages, add_generation_prompt)
        except RefusedError as error:
            raise TemplateRejectsError(str(error)) from error
        except UnsafeError as error:
            raise unsafe(str(error)) from error


class GuardedTemplate:
    """One template in a process of its own, which is started when it is needed first."""

    def __init__(self, template: str, variables: JsonObject) -> None:
        self._first = {"template": template, "variables": variables}
        self._child: subprocess.Popen[bytes] | None = None
        self._answers: queue.Queue[bytes] = queue.Queue()

    def render(self, messages: Chat, add_generation_prompt: bool) -> str:
        """Return the text; see :class:`Template` for the errors."""
        if self._child is None:
            self._start()
        return self._ask({"messages": messages, "add_generation_prompt": add_generation_prompt})

    def close(self) -> None:
        """End the process."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.wait()
            for stream in (child.stdin, child.stdout):
                if stream is not None:
                    with suppress(OSError):
                        stream.close()

    def _start(self) -> None:
        self._answers = queue.Queue()
        self._child = subprocess.Popen(
            child_command(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONUTF8": "1"},
            cwd=None if getattr(sys, "frozen", False) else _source_root(),
        )
        threading.Thread(target=_collect, args=(self._child, self._answers), daemon=True).start()
        self._ask(self._first, _BIRTH_WAIT)

    def _ask(self, request: JsonObject, most_wait: float = _MOST_WAIT) -> str:
        child = self._child
        if child is None or child.stdin is None:
            raise RuntimeError("the process of the chat template is not there")
        with suppress(OSError):  # it ended; the answer below says so
            child.stdin.write(json.dumps(request).encode() + b"\n")
            child.stdin.flush()
        answer = json.loads(self._answer(child, most_wait) or b'{"error": "", "fatal": true}')
        if answer.get("fatal"):
            self._refuse(answer["error"] or MEMORY)
        if "error" in answer:
            raise TemplateRejectsError(answer["error"])
        return str(answer["text"])

    def _answer(self, child: subprocess.Popen[bytes], most_wait: float) -> bytes:
        """Wait for one line; look at the process's time and memory while it takes long."""
        import psutil

        began, used = time.monotonic(), -1.0
        while True:
            try:
                return self._answers.get(timeout=_LOOK_SECONDS)
            except queue.Empty:
                pass
            try:
                process = psutil.Process(child.pid)
                spent, memory = sum(process.cpu_times()[:2]), process.memory_info().rss
            except psutil.Error:
                continue  # it has just ended: the empty line is on its way
            used = spent if used < 0 else used
            if spent - used > SECONDS or time.monotonic() - began > most_wait:
                self._refuse(_TIME)
            if memory > MEMORY_BYTES:
                self._refuse(MEMORY)

    def _refuse(self, why: str) -> None:
        self.close()
        raise unsafe(why)


def unsafe(why: str) -> UserFacingError:
    """Return the refusal of a template that harms; ``why`` is a code of the child's."""
    return UserFacingError(
        "model.template_unsafe",
        _(_UNSAFE.get(why, _UNSAFE[MEMORY]), seconds=SECONDS),
        _("Choose another base model, or one from its original maker."),
    )


def _collect(child: subprocess.Popen[bytes], answers: queue.Queue[bytes]) -> None:
    """Hand on each line, and an empty one at the end."""
    if child.stdout is not None:
        with suppress(ValueError, OSError):  # closed by close()
            for line in child.stdout:
                answers.put(line)
    answers.put(b"")


def _source_root() -> str:
    return str(Path(__file__).resolve().parents[2])

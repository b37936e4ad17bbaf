"""Chat templates: known ones are rendered here, unknown ones in a limited process.

A template may loop without end or fill the memory, by mistake or on purpose. Known ones are told by
the hash of their text (``resources/chat_templates.json``); for others each conversation gets 2 s of
the processor and 256 MB, and a template that takes more is refused with the model.
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
from typing import TYPE_CHECKING, Any

from core.errors import UserFacingError
from core.training.template_child import MEMORY_BYTES

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

SECONDS = 2.0
_MOST_WAIT = 30.0  # on a busy machine the processor's seconds come slowly
_BIRTH_WAIT = 60.0
_LOOK_SECONDS = 0.05
_HASH_CHARACTERS = 32

Chat = list[dict[str, str]]


class TemplateRejectsError(ValueError):
    """The chat template cannot render this conversation; the text says why."""


def render_chat(
    tokenizer: PreTrainedTokenizerBase, messages: Chat, *, add_generation_prompt: bool
) -> str:
    """Return a conversation as the base model's chat template writes it.

    Raises:
        TemplateRejectsError: the template refuses this conversation.
        UserFacingError: ``model.template_unsafe``, the template takes too much time or memory.
    """
    template = tokenizer.get_chat_template()
    if not is_known(template):
        variables = json.dumps({k: str(v) for k, v in tokenizer.special_tokens_map.items()})
        return _guarded(template, variables).render(messages, add_generation_prompt)
    from jinja2.exceptions import TemplateError

    try:
        return str(
            tokenizer.apply_chat_template(
                messages, tokenize=False, add_generation_prompt=add_generation_prompt
            )
        )
    except (TemplateError, TypeError, KeyError, IndexError) as error:
        raise TemplateRejectsError(str(error)) from error


def template_hash(template: str) -> str:
    """Return 128 bits of the SHA-256 of a template's text without white space around it."""
    return hashlib.sha256(template.strip().encode()).hexdigest()[:_HASH_CHARACTERS]


@lru_cache(maxsize=64)
def is_known(template: str) -> bool:
    """Return whether this very template was looked at and found harmless."""
    return template_hash(template) in _known()


@lru_cache(maxsize=1)
def _known() -> dict[str, str]:
    from core.models.loading import PLAIN_TEMPLATE

    text = (resources.files("resources") / "chat_templates.json").read_text(encoding="utf-8")
    listed: dict[str, str] = json.loads(text)["templates"]
    return {**listed, template_hash(PLAIN_TEMPLATE): "plain"}


@lru_cache(maxsize=4)
def _guarded(template: str, variables: str) -> GuardedTemplate:
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
    return [sys.executable, "-m", "core.training.template_child"]


class GuardedTemplate:
    """One template in a process of its own, which is started when it is needed first."""

    def __init__(self, template: str, variables: dict[str, Any]) -> None:
        self._first = {"template": template, "variables": variables}
        self._child: subprocess.Popen[bytes] | None = None
        self._answers: queue.Queue[bytes] = queue.Queue()

    def render(self, messages: Chat, add_generation_prompt: bool) -> str:
        """Return the text; see :func:`render_chat` for the errors."""
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

    def _ask(self, request: dict[str, Any], most_wait: float = _MOST_WAIT) -> str:
        child = self._child
        if child is None or child.stdin is None:
            raise RuntimeError("the process of the chat template is not there")
        with suppress(OSError):  # it ended; the answer below says so
            child.stdin.write(json.dumps(request).encode() + b"\n")
            child.stdin.flush()
        answer = json.loads(self._answer(child, most_wait) or b'{"error": "", "fatal": true}')
        if answer.get("fatal"):
            self._refuse(answer["error"] or "it needs too much memory")
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
                self._refuse(f"it does not end within {SECONDS:g} seconds")
            if memory > MEMORY_BYTES:
                self._refuse("it needs too much memory")

    def _refuse(self, why: str) -> None:
        self.close()
        raise UserFacingError(
            "model.template_unsafe",
            f"The base model's chat template cannot be used: {why}.",
            "Choose another base model, or one from its original maker.",
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

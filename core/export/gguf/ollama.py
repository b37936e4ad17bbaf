"""Asks a model that Ollama has just made what the saved form was asked in its proof.

Only Ollama on this computer is asked (its API: ``/api/chat``). It says how many tokens it read,
which must be those of the fine-tune's own prompt: a template that became another one shows there.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from core.errors import UserFacingError
from core.export.gguf.installed import create_in_ollama
from core.export.probing import room
from core.export.wording import same_words_text
from core.jobs.likeness import Answered
from core.language import Sentence, _
from core.storage.files import read_json

_PORT = 11434
_HERE = re.compile(r"(?:https?://)?(?:127\.0\.0\.1|0\.0\.0\.0|localhost)?:?(\d+)?/?")
_QUESTIONS = 3
_PATIENCE = 300.0  # seconds for an answer; the first one loads the model
_LARGEST = 1 << 22

Ask = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class InOllama:
    """A model that Ollama made.

    Attributes:
        name: what it is called there.
        asked: how many questions it answered here; 0 where it could not be asked.
        same: how many of these answers are the fine-tune's, word for word.
    """

    name: str
    asked: int = 0
    same: int = 0

    @property
    def sentence(self) -> Sentence | None:
        """How its answers are, ``None`` where it was not asked."""
        return same_words_text(self.same, self.asked) if self.asked else None


def take_into_ollama(folder: Path, name: str) -> InOllama:
    """Let Ollama make a model of a saved folder, and ask it.

    Raises:
        UserFacingError: it refused (code ``export.ollama``), or reads the questions otherwise than
            the fine-tune learned them (code ``export.ollama_differs``).
    """
    made = create_in_ollama(folder, name)
    ask = _asker()
    if ask is None:
        return InOllama(made)
    try:
        return compared(made, read_json(folder / "proof.json"), ask)
    except (OSError, HTTPException, ValueError, KeyError, TypeError):
        return InOllama(made)  # it is not running, or is of another kind


def compared(name: str, proof: dict[str, Any], ask: Ask) -> InOllama:
    """Ask a few of the proof's questions.

    Raises:
        UserFacingError: one is read otherwise (code ``export.ollama_differs``).
    """
    answers = [Answered.model_validate(one) for one in proof.get("answers", [])]
    rows = list(zip(proof["chats"], proof["ids"], answers, strict=False))[:_QUESTIONS]
    same = asked = 0
    for place, (chat, ids, answer) in enumerate(rows):
        most = room(place, cut=not answer.wanted_ended)
        told = ask({"model": name, "messages": chat, "options": {"num_predict": most}})
        said, read = str(told["message"]["content"]), told.get("prompt_eval_count")
        if isinstance(read, int) and read != len(ids):
            raise _differs(f"{read} tokens instead of {len(ids)}")  # not shown: details
        asked += 1
        same += answer.model_copy(update={"answer": said}).same
    return InOllama(name, asked, same)


def _asker() -> Ask | None:
    """Return what asks Ollama, ``None`` where it is said to be on another computer."""
    found = _HERE.fullmatch(os.environ.get("OLLAMA_HOST", "").strip())
    if found is None:
        return None
    port = int(found[1]) if found[1] else _PORT

    def ask(question: dict[str, Any]) -> dict[str, Any]:
        options = {"temperature": 0, "seed": 1, **question["options"]}
        body = json.dumps({**question, "stream": False, "options": options})
        with closing(HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)) as there:
            there.request("POST", "/api/chat", body, {"Content-Type": "application/json"})
            told: dict[str, Any] = json.loads(there.getresponse().read(_LARGEST))
        return told

    return ask


def _differs(details: str) -> UserFacingError:
    return UserFacingError(
        "export.ollama_differs",
        _("Ollama has the model, but reads questions otherwise than your fine-tune learned them."),
        _("Update Ollama, then create the model again. The saved folder is complete."),
        details,
    )

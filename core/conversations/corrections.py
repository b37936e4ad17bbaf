"""Corrected answers as a file of examples, to be read like any other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from core.conversations import store
from core.conversations.conversation import Conversation, turns_for
from core.errors import UserFacingError
from core.language import _
from core.project import Project
from core.storage.files import write_bytes

_FILE = "corrected answers.jsonl"  # not shown: a file's name, in any language


def write_corrections(project: Project) -> Path:
    """Write every corrected answer of the kept conversations into one file; return it.

    The file holds all of them each time, so reading it again replaces what it brought before.

    Raises:
        UserFacingError: nothing was corrected (code ``chat.nothing_corrected``), or the disk
            refuses.
    """
    lines = []
    for listed in store.list_conversations(project.chats):
        conversation = store.load(project.chats, listed.name)
        lines += [orjson.dumps(example) + b"\n" for example in corrected(conversation)]
    if not lines:
        raise UserFacingError(
            "chat.nothing_corrected",
            _("No answer of this project has been corrected yet."),
            _("Correct one with the pencil beside it."),
        )
    path = project.root / "data" / _FILE
    write_bytes(path, b"".join(lines), private=True)
    return path


def corrected(conversation: Conversation) -> Iterator[dict[str, Any]]:
    """Yield an example for each corrected answer: what the model was sent, and the correction."""
    for place, exchange in enumerate(conversation.exchanges):
        for answer in exchange.answers:
            if not answer.corrected:
                continue
            before = conversation.exchanges[:place]
            turns = turns_for(answer.model, conversation.system, before, exchange.question)
            messages: list[dict[str, Any]] = [
                {"role": turn.role, "content": turn.content} for turn in turns
            ]
            for message in messages:
                if message["role"] == "assistant":  # only the correction is to be learned
                    message["weight"] = 0
            messages.append({"role": "assistant", "content": answer.corrected})
            yield {"messages": messages}

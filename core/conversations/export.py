"""A conversation as a Markdown file."""

from __future__ import annotations

import re

from core.conversations.conversation import Conversation
from core.generation.spec import BASE
from core.language import _

_MARKS = re.compile(r"([\\`*_\[\]<>#])")


def as_markdown(conversation: Conversation) -> str:
    """Return everything that was said, with who said it as headings."""
    parts = [f"# {_escaped(conversation.headline)}"]
    if conversation.system.strip():
        parts += [f"## {_('System prompt')}", conversation.system.strip()]
    for exchange in conversation.exchanges:
        parts += [f"## {_('Question')}", exchange.question.strip()]
        for answer in exchange.answers:
            parts += [f"### {name_of(answer.model)}", answer.shown.strip()]
    return "\n\n".join(parts) + "\n"


def _escaped(text: str) -> str:
    return _MARKS.sub(r"\\\1", text)


def name_of(model: str) -> str:
    """Return how a model is called on the screen."""
    return _("Base model") if model == BASE else model

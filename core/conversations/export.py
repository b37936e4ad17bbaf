"""A conversation as a Markdown file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from core.conversations.conversation import Conversation
from core.generation.spec import BASE
from core.language import _

NO_NAMES: Mapping[str, str] = MappingProxyType({})
_MARKS = re.compile(r"([\\`*_\[\]<>#])")


def as_markdown(conversation: Conversation, names: Mapping[str, str] = NO_NAMES) -> str:
    """Return everything that was said, with who said it as headings."""
    parts = [f"# {_escaped(conversation.headline)}"]
    if conversation.system.strip():
        parts += [f"## {_('System prompt')}", conversation.system.strip()]
    for exchange in conversation.exchanges:
        parts += [f"## {_('Question')}", exchange.question.strip()]
        for side, answer in enumerate(exchange.answers):
            name = side_name(side) if exchange.blind else name_of(answer.model, names)
            parts += [f"### {name}", answer.shown.strip()]
    return "\n\n".join(parts) + "\n"


def _escaped(text: str) -> str:
    return _MARKS.sub(r"\\\1", text)


def side_name(side: int) -> str:
    """Return how an answer is called while nobody may know whose it is."""
    return _("Answer B") if side else _("Answer A")


def name_of(model: str, names: Mapping[str, str] = NO_NAMES) -> str:
    """Return how a model is called on the screen.

    Args:
        names: what you call each fine-tune, by its run; one that is gone goes by its run.
    """
    return _("Base model") if model == BASE else names.get(model, model)

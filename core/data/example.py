"""The unit that travels through the whole application: one conversation to learn from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from core.language import _

Role = Literal["system", "user", "assistant", "tool"]
Part = Literal["train", "validation", "test"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation.

    ``trained`` is ``None`` for the rule (assistant turns are learned, others are not) and
    ``False`` where the data says that a turn must not be learned (a loss weight of zero).
    ``reasoning`` is what an assistant thought before it answered; how it is written around the
    answer belongs to the base model's chat template.
    """

    role: Role
    content: str
    trained: bool | None = None
    reasoning: str = ""

    @property
    def is_trained(self) -> bool:
        """Whether the model learns to write this turn."""
        return self.role == "assistant" and self.trained is not False


@dataclass(frozen=True, slots=True)
class Source:
    """Where an example came from: file name and line (or row) number, counted from 1."""

    file: str
    line: int


def located(source: Source) -> str:
    """Return where something came from, in words."""
    return _("{file}, line {line}", file=source.file, line=source.line)


@dataclass(frozen=True, slots=True)
class Example:
    """A conversation with its origin.

    ``task`` names the kind of task or the source in a mixture (``""`` if there is only one).
    """

    messages: tuple[Message, ...]
    source: Source
    task: str = ""

    @property
    def question(self) -> str:
        """Everything before the last answer, as plain text."""
        return "\n\n".join(m.content for m in self.messages[:-1])

    @property
    def characters(self) -> int:
        """How long all turns are together, with their reasoning."""
        return sum(len(m.content) + len(m.reasoning) for m in self.messages)

    @property
    def answer(self) -> str:
        """The last turn's text (empty when there is no turn)."""
        return self.messages[-1].content if self.messages else ""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot become an example, with the reason in plain words."""

    source: Source
    reason: str
    raw: str = field(default="", repr=False)

    @property
    def characters(self) -> int:
        """How long the part of the row is that is kept to be shown."""
        return len(self.raw)


def to_json(example: Example) -> dict[str, Any]:
    """Return ``example`` as the JSON object of one line of a dataset version."""
    messages = []
    for message in example.messages:
        entry: dict[str, Any] = {"role": message.role, "content": message.content}
        if message.trained is not None:
            entry["trained"] = message.trained
        if message.reasoning:
            entry["reasoning"] = message.reasoning
        messages.append(entry)
    record: dict[str, Any] = {
        "messages": messages,
        "source": {"file": example.source.file, "line": example.source.line},
    }
    if example.task:
        record["task"] = example.task
    return record


def from_json(record: dict[str, Any]) -> Example:
    """Inverse of :func:`to_json`; raises ``KeyError`` or ``TypeError`` on foreign records."""
    return Example(
        messages=tuple(
            Message(m["role"], m["content"], m.get("trained"), m.get("reasoning", ""))
            for m in record["messages"]
        ),
        source=Source(record["source"]["file"], record["source"]["line"]),
        task=record.get("task", ""),
    )

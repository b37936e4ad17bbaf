"""What you may decide about reading, and the limits that keep hostile files harmless."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from core.data.example import Role

ShapeName = Literal[
    "instruction",
    "prompt_completion",
    "question_answer",
    "conversations",
    "messages",
    "preference",
    "text",
    "unknown",
]
ColumnRole = Literal[
    "system",
    "question",
    "context",
    "answer",
    "conversation",
    "text",
    "task",
    "history",
    "loss",
    "reasoning",
]

LINE_LIMIT = 16 << 20
"""Longest line (bytes) or single JSON value (characters) that is read."""

EXPANSION_FREE = 64 << 20
"""A packed file may always grow to this many bytes."""

EXPANSION_RATIO = 200
"""Beyond ``EXPANSION_FREE``, a packed file may not grow by more than this factor."""

SHEET_LIMIT = 200 << 20
"""Largest spreadsheet (bytes, unpacked) that is opened; its library reads it as a whole."""

MEMBER_LIMIT = 10_000
"""Most files that one archive or folder may bring."""


class ReadOptions(BaseModel):
    """Corrections of what was guessed; empty values keep the guess.

    Attributes:
        encoding: name of a Python codec for text files.
        shape: the shape of the rows.
        columns: which column plays which role; it replaces the guess for every file that has one
            of these columns.
        task: name of the task for the rows of a file, by file name.
        speakers: which role a speaker's name stands for.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    encoding: str = ""
    shape: ShapeName | Literal[""] = ""
    columns: dict[str, ColumnRole] = Field(default_factory=dict)
    task: dict[str, str] = Field(default_factory=dict)
    speakers: dict[str, Role] = Field(default_factory=dict)

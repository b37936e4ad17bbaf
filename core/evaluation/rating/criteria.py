"""By what answers are judged: up to five criteria with a sentence each, kept in the project."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from core.language import N_, _
from core.project import Project

MOST_CRITERIA = 5
LONGEST_NAME = 40
LONGEST_TEXT = 300
_KEPT_AS = "criteria"  # not shown: an entry of project.json
_USUAL: dict[str, tuple[str, str]] = {
    "accuracy": (N_("Accuracy"), N_("Everything that the answer says is right.")),
    "relevance": (
        N_("Relevance"),
        N_("The answer says what was asked, and all of it."),
    ),
    "tone": (N_("Tone"), N_("The answer sounds as you want it to.")),
    "formatting": (N_("Formatting"), N_("The answer has the form that you want.")),
}
CRITERIA = tuple(_USUAL)
"""The keys of those that a project begins with."""


@dataclass(frozen=True, slots=True)
class Named:
    """One criterion as it is shown; the marks are kept under its ``key``."""

    key: str
    name: str
    text: str = ""


class _Stored(BaseModel):
    """One that is one of the usual and was not changed has neither name nor text."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    key: str = Field(max_length=LONGEST_NAME, pattern=r"^[a-z0-9_]+$")
    name: str = Field(default="", max_length=LONGEST_NAME)
    text: str = Field(default="", max_length=LONGEST_TEXT)


_LIST = TypeAdapter(list[_Stored])


def usual_criteria() -> list[Named]:
    """Return those that a project begins with."""
    return [Named(key, _(name), _(text)) for key, (name, text) in _USUAL.items()]


def read_criteria(project: Project) -> list[Named]:
    """Return the criteria of a project; the usual ones where none are kept or they are damaged."""
    kept = project.info().get(_KEPT_AS)
    if kept is None:
        return usual_criteria()
    try:
        stored = _LIST.validate_python(kept)[:MOST_CRITERIA]
    except ValidationError:
        return usual_criteria()
    usual = {one.key: one for one in usual_criteria()}
    named = [
        usual[one.key] if not one.name and one.key in usual else Named(one.key, one.name, one.text)
        for one in stored
    ]
    return [one for one in named if one.name]


def write_criteria(project: Project, criteria: Sequence[Named]) -> None:
    """Keep the criteria in the project; marks that were given by others stay in the ratings.

    Raises:
        UserFacingError: the disk refuses.
    """
    usual = usual_criteria()
    kept = [
        _Stored(key=one.key)
        if one in usual
        else _Stored(key=one.key, name=one.name[:LONGEST_NAME], text=one.text[:LONGEST_TEXT])
        for one in criteria[:MOST_CRITERIA]
    ]
    project.update_info(**{_KEPT_AS: [one.model_dump() for one in kept]})


def new_criterion(name: str, text: str = "") -> Named:
    """Return a criterion of your own with a key of its own."""
    return Named(f"own_{secrets.token_hex(4)}", name, text)

"""One how-to: the way from a question to what you press."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.language import _


@dataclass(frozen=True, slots=True)
class Step:
    """One step, in English.

    Attributes:
        text: the sentence; the names of controls are its parameters.
        names: the controls by parameter, as the window calls them.
    """

    text: str
    names: Mapping[str, str] = field(default_factory=dict)

    def said(self) -> str:
        """Return the sentence in the present language."""
        return _(self.text, **{key: called(name) for key, name in self.names.items()})


@dataclass(frozen=True, slots=True)
class HowTo:
    """One how-to, in English.

    Attributes:
        about: what it is about, in a few words beside the title.
        words: more that it is found by.
    """

    key: str
    title: str
    about: str
    words: str
    steps: tuple[Step, ...]

    def named(self) -> str:
        """Return its title with what it is about."""
        return _("{name}: {value}", name=_(self.title), value=_(self.about))

    def holds(self, typed: str) -> bool:
        """Return whether every typed word occurs in it, in the present language."""
        said = " ".join((self.named(), _(self.words), *(step.said() for step in self.steps)))
        return all(word in said.casefold() for word in typed.casefold().split())


def called(name: str) -> str:
    """Return what a control is called in the window, without the mark of its key."""
    return _(name).replace("&", "")

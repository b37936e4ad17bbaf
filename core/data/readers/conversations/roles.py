"""Who speaks: what other programs call the roles of a conversation, and names that none knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from core.data.example import Role
from core.language import N_

ROLES: dict[str, Role] = {
    "system": "system", "developer": "system", "sys": "system", "system_prompt": "system",
    "user": "user", "human": "user", "prompter": "user", "customer": "user", "instruction": "user",
    "input": "user", "question": "user", "client": "user", "student": "user", "asker": "user",
    "usr": "user", "users": "user", "person": "user", "patient": "user", "interviewer": "user",
    "seeker": "user", "player": "user", "prompt": "user", "query": "user", "caller": "user",
    "humanmessage": "user", "humanmessagechunk": "user", "systemmessage": "system",
    "aimessagechunk": "assistant",
    "assistant": "assistant", "gpt": "assistant", "bot": "assistant", "chatgpt": "assistant",
    "model": "assistant", "ai": "assistant", "bing": "assistant", "bard": "assistant",
    "claude": "assistant", "gemini": "assistant", "llm": "assistant", "chatbot": "assistant",
    "agent": "assistant", "response": "assistant", "output": "assistant", "answer": "assistant",
    "gpt4": "assistant", "gpt-4": "assistant", "teacher": "assistant", "aimessage": "assistant",
    "doctor": "assistant", "therapist": "assistant", "counselor": "assistant",
    "tutor": "assistant", "expert": "assistant", "completion": "assistant", "char": "assistant",
    "character": "assistant", "npc": "assistant", "supporter": "assistant",
    "function_call": "assistant", "tool_call": "assistant", "tool_calls": "assistant",
    "function-call": "assistant",
    "tool": "tool", "function": "tool", "observation": "tool", "tool_response": "tool",
    "function_response": "tool", "ipython": "tool", "tool_result": "tool", "tool_results": "tool",
    "function-response": "tool",
    "function_result": "tool", "tool_output": "tool", "environment": "tool", "toolmessage": "tool",
}  # fmt: skip
"""What other programs call the speakers of a conversation, in lower case."""

UNKNOWN_ROLE = N_("a turn has the unknown role “{name}”")
_CLOSE = 0.8
_LONGEST_NAME = 40
_MOST_NAMES = 100


def known_role(name: Any) -> Role | None:
    """Return the role that ``name`` is known for."""
    return ROLES.get(name.strip().lower()) if isinstance(name, str) else None


@dataclass(slots=True)
class Speakers:
    """The names of speakers that are no known roles.

    Attributes:
        given: roles that were said for names.
        guessed: how many turns of a name were read as a role without being told.
        unknown: how many turns of a name could not be read.
    """

    given: Mapping[str, Role] = field(default_factory=dict)
    guessed: Counter[tuple[str, Role]] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)

    def roles(self, names: Iterable[str]) -> dict[str, Role] | str:
        """Return the role of each name of one conversation, or the first name without one.

        A misspelt role is recognised. A single unknown speaker beside one side of a conversation
        is the other side.
        """
        counts = Counter(names)
        roles = {name: role for name in counts if (role := self._said_or_known(name))}
        unknown = [name for name in counts if name not in roles]
        if "assistant" in self.given.values():  # one of a chat is learned, the others ask
            return roles | dict.fromkeys(unknown, "user")
        guessed = {name: _guessed(name, roles, unknown) for name in unknown}
        lost = [name for name, role in guessed.items() if role is None]
        for name in lost:
            self._count(self.unknown, name, counts[name])
        if lost:
            return lost[0]
        for name, role in guessed.items():
            if role is not None:
                roles[name] = role
                self._count(self.guessed, (name, role), counts[name])
        return roles

    def _said_or_known(self, name: str) -> Role | None:
        return self.given.get(name.strip()) or known_role(name)

    @staticmethod
    def _count(counter: Counter[Any], key: Any, turns: int) -> None:
        if key in counter or len(counter) < _MOST_NAMES:
            counter[key] += turns


def _guessed(name: str, roles: Mapping[str, Role], unknown: list[str]) -> Role | None:
    return _misspelt(name) or (_other_side(roles) if len(unknown) == 1 else None)


def _misspelt(name: str) -> Role | None:
    text = name.strip().lower()
    if not 4 <= len(text) <= _LONGEST_NAME:
        return None
    close = get_close_matches(text, ROLES, n=1, cutoff=_CLOSE)
    return ROLES[close[0]] if close else None


def _other_side(roles: Mapping[str, Role]) -> Role | None:
    sides = {role for role in roles.values() if role in ("user", "assistant")}
    if len(sides) != 1:
        return None
    return "user" if "assistant" in sides else "assistant"

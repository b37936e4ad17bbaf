"""What reading left out or took for something, counted over all rows and said before training."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from core.data.example import BadRow, Example
from core.data.readers.oddities import Oddities
from core.data.readers.roles import UNKNOWN_ROLE, Speakers
from core.data.readers.turn_forms import (
    CALL_KEYS,
    REASONING_KEYS,
    ROLE_KEYS,
    TEXT_KEYS,
    WEIGHT_KEYS,
)

_BESIDE = (
    "label",
    "id",
    "tool_call_id",
    "type",
    "is_user",
    "is_system",
    "versions",
    "currentlySelected",
)
_TURN_KEYS = frozenset(
    (*ROLE_KEYS, *TEXT_KEYS, *REASONING_KEYS, *CALL_KEYS, *WEIGHT_KEYS, *_BESIDE)
)
_MOST_NAMES = 2000
_NAMES_SHOWN = 12
_LONGEST_NAME = 60
_WORTH_A_LINE = 0.01
_MOST_NOTICES = 8


class Notice(BaseModel):
    """A sentence about how the files were read, and how many rows (or turns) it is about."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["unused", "speaker", "unread", "text", "mark", "keys"]
    text: str
    count: int = 0


class Ledger:
    """Counts while rows are read.

    Attributes:
        speakers: names of speakers that are no roles.
        unused: characters of each column that plays no role.
        used: characters of all examples.
    """

    def __init__(self, speakers: Speakers | None = None) -> None:
        self.speakers = speakers or Speakers()
        self.unused: Counter[str] = Counter()
        self.used = 0
        self._reasons: Counter[str] = Counter()
        self._oddities = Oddities()
        self._text_columns: set[str] = set()

    def leave(self, name: str, value: Any) -> None:
        """Note that a row's column (or a turn's) is not used."""
        if name in self.unused or len(self.unused) < _MOST_NAMES:
            self.unused[name] += size_of(value)

    def leave_of_turns(self, column: str, turns: Any) -> None:
        """Note what the turns of a conversation hold beside speaker, text and reasoning."""
        for turn in turns if isinstance(turns, list) else ():
            if isinstance(turn, dict) and not _TURN_KEYS.issuperset(turn):
                for key in turn.keys() - _TURN_KEYS:
                    self.leave(f"{column} → {key}", turn[key])

    def note(self, item: Example | BadRow) -> None:
        """Note a row as it was read."""
        if isinstance(item, BadRow):
            if item.reason in self._reasons or len(self._reasons) < _MOST_NAMES:
                self._reasons[item.reason] += 1
            return
        self.used += item.characters
        self._oddities.look(item)

    def note_text(self, columns: Iterable[str]) -> None:
        """Note that these columns are learned as plain text."""
        self._text_columns.update(columns)

    def shares(self) -> dict[str, float]:
        """Return for each unused column its share of all text, the largest first."""
        everything = self.used + sum(self.unused.values())
        return {name: size / max(1, everything) for name, size in self.unused.most_common()}

    def notices(self) -> tuple[Notice, ...]:
        """Return what a person should know before the model learns from these rows."""
        return (
            *self._about_speakers(),
            *self._about_rows(),
            *self._about_texts(),
            *(Notice(kind="mark", text=text, count=n) for text, n in self._oddities.marks()),
            *(Notice(kind="keys", text=text, count=n) for text, n in self._oddities.records()),
            *self._about_columns(),
        )

    def _about_speakers(self) -> Iterator[Notice]:
        for (name, role), turns in self.speakers.guessed.most_common(_MOST_NOTICES):
            text = f"The speaker “{_short(name)}” is read as {role} ({turns:,} turns)."
            yield Notice(kind="speaker", text=text, count=turns)
        unknown = self.speakers.unknown
        if not self.used and len(unknown) > 1:
            yield _about_people(unknown)
            return
        for name, turns in unknown.most_common(_MOST_NOTICES):
            who = f"“{_short(name)}”" if name else "Somebody without a name"
            text = (
                f"{who} speaks in {turns:,} turns and is neither user nor assistant; rows with "
                f'that are left out. Say who it is with --speaker "{_short(name)}=assistant".'
            )
            yield Notice(kind="speaker", text=text, count=turns)

    def _about_rows(self) -> Iterator[Notice]:
        for reason, rows in self._reasons.most_common(_MOST_NOTICES):
            if rows > 1 and not reason.startswith(UNKNOWN_ROLE):
                yield Notice(kind="unread", text=f"Left out, {rows:,} rows: {reason}.", count=rows)

    def _about_texts(self) -> Iterator[Notice]:
        if self._text_columns:
            names = ", ".join(f"“{_short(name)}”" for name in sorted(self._text_columns))
            text = f"No questions and answers were found in {names}: it is learned as plain text."
            yield Notice(kind="text", text=text)

    def _about_columns(self) -> Iterator[Notice]:
        small = []
        for place, (name, share) in enumerate(self.shares().items()):
            if share >= _WORTH_A_LINE and place < _NAMES_SHOWN:
                text = f"Not used: “{_short(name)}”, {share:.0%} of the text."
                yield Notice(kind="unused", text=text)
            else:
                small.append(f"“{_short(name)}”")
        if small:
            more = len(small) - _NAMES_SHOWN
            names = ", ".join(small[:_NAMES_SHOWN]) + (f" and {more:,} more" if more > 0 else "")
            rest = sum(share for share in self.shares().values() if share < _WORTH_A_LINE)
            much = "less than 1%" if rest < _WORTH_A_LINE else f"{rest:.0%}"
            yield Notice(kind="unused", text=f"Also not used: {names}, {much} of the text.")


def _about_people(names: Counter[str]) -> Notice:
    """A chat between people: whose messages are the answers, only the person knows."""
    shown = names.most_common(_NAMES_SHOWN)
    people = ", ".join(f"“{_short(name)}” ({turns:,})" for name, turns in shown)
    text = (
        f"This is a chat between {people}. Whose messages the model learns is said in the "
        f'terminal with --speaker "{_short(shown[-1][0])}=assistant"; the others ask.'
    )
    return Notice(kind="speaker", text=text, count=names.total())


def _short(name: str) -> str:
    name = "".join(sign if sign.isprintable() else " " for sign in name)
    return name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…"


def size_of(value: Any) -> int:
    """Return about how many characters a value has, with everything inside it."""
    size, waiting = 0, [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            size += len(part)
        elif isinstance(part, dict):
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part
        elif part is not None:
            size += 1
    return size

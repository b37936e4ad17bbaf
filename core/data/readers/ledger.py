"""What reading left out or took for something, counted over all rows and said before training."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from core.data.example import BadRow, Example
from core.data.readers.conversations.roles import UNKNOWN_ROLE, Speakers
from core.data.readers.conversations.turn_forms import (
    CALL_KEYS,
    REASONING_KEYS,
    ROLE_KEYS,
    TEXT_KEYS,
    WEIGHT_KEYS,
)
from core.data.readers.documents.paragraphs import Tidied
from core.data.readers.documents.reader import said_of
from core.data.readers.oddities import Oddities
from core.language import _, ngettext
from core.storage.recorded import Recorded, code_of, key_of

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
    """A sentence about how the files were read, and how many rows (or turns) it is about.

    ``asked``: the window asks for it, and need not say it.
    """

    model_config = ConfigDict(frozen=True)

    kind: Literal["unused", "speaker", "unread", "text", "mark", "keys"]
    text: Recorded
    count: int = 0
    asked: bool = False


class Ledger:
    """Counts while rows are read.

    Attributes:
        speakers: names of speakers that are no roles.
        unused: characters of each column that plays no role.
        used: characters of all examples.
        refused: what is said of each document that cannot be read.
    """

    def __init__(self, speakers: Speakers | None = None) -> None:
        self.speakers = speakers or Speakers()
        self.unused: Counter[str] = Counter()
        self.used = 0
        self.refused: tuple[str, ...] = ()
        self._reasons: Counter[Hashable] = Counter()
        self._words: dict[Hashable, str] = {}
        self._oddities = Oddities()
        self._text_columns: set[str] = set()
        self._long_texts = self._pieces = self._endings = 0
        self._tidied = Tidied()

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
            key = key_of(item.reason)
            if key in self._reasons or len(self._reasons) < _MOST_NAMES:
                self._words.setdefault(key, item.reason)
                self._reasons[key] += 1
            return
        self.used += item.characters
        self._oddities.look(item)

    def note_text(self, columns: Iterable[str]) -> None:
        """Note that these columns are learned as plain text."""
        self._text_columns.update(columns)

    def note_pieces(self, count: int) -> None:
        """Note that a long text became this many rows."""
        self._long_texts += 1
        self._pieces += count

    def note_ending(self, turns: int) -> None:
        """Note that so many turns at the end of a chat say nothing."""
        self._endings += turns

    def note_document(self, tidied: Tidied) -> None:
        """Note what was done to a document while it was read."""
        self._tidied.add(tidied)

    def shares(self) -> dict[str, float]:
        """Return for each unused column its share of all text, the largest first."""
        everything = self.used + sum(self.unused.values())
        return {name: size / max(1, everything) for name, size in self.unused.most_common()}

    def notices(self) -> tuple[Notice, ...]:
        """Return what you should know before the model learns from these rows."""
        return (
            *(Notice(kind="unread", text=text) for text in self.refused),
            *self._about_speakers(),
            *self._about_endings(),
            *self._about_rows(),
            *self._about_texts(),
            *(Notice(kind="text", text=text, count=n) for text, n in said_of(self._tidied)),
            *(Notice(kind="mark", text=text, count=n) for text, n in self._oddities.marks()),
            *(Notice(kind="keys", text=text, count=n) for text, n in self._oddities.records()),
            *self._about_columns(),
        )

    def _about_speakers(self) -> Iterator[Notice]:
        for (name, role), turns in self.speakers.guessed.most_common(_MOST_NOTICES):
            text = ngettext(
                "The speaker “{name}” is read as “{role}” in {count:,} turn.",
                "The speaker “{name}” is read as “{role}” in {count:,} turns.",
                turns,
                name=_short(name),
                role=role,
            )
            yield Notice(kind="speaker", text=text, count=turns)
        unknown = self.speakers.unknown
        if not self.used and len(unknown) > 1:
            yield _about_people(unknown)
            return
        for name, turns in unknown.most_common(_MOST_NOTICES):
            yield Notice(kind="speaker", text=_about_unknown(_short(name), turns), count=turns)

    def _about_endings(self) -> Iterator[Notice]:
        if self._endings:
            text = ngettext(
                "{count:,} message at the end of a talk is left out: after it, no answer of more "
                "than a word or two follows.",
                "{count:,} messages at the ends of talks are left out: after them, no answer of "
                "more than a word or two follows.",
                self._endings,
            )
            yield Notice(kind="text", text=text, count=self._endings)

    def _about_rows(self) -> Iterator[Notice]:
        for key, rows in self._reasons.most_common(_MOST_NOTICES):
            reason = self._words[key]
            if rows > 1 and code_of(reason) != UNKNOWN_ROLE:
                text = ngettext(
                    "{count:,} row is left out: {reason}.",
                    "{count:,} rows are left out: {reason}.",
                    rows,
                    reason=reason,
                )
                yield Notice(kind="unread", text=text, count=rows)

    def _about_texts(self) -> Iterator[Notice]:
        if self._text_columns:
            names = ", ".join(f"“{_short(name)}”" for name in sorted(self._text_columns))
            text = _(
                "No questions and answers were found in {names}, so everything there is learned "
                "as plain text.",
                names=names,
            )
            yield Notice(kind="text", text=text)
        if self._long_texts:
            text = ngettext(
                "{count:,} long text is read in {pieces:,} overlapping pieces.",
                "{count:,} long texts are read in {pieces:,} overlapping pieces.",
                self._long_texts,
                pieces=self._pieces,
            )
            yield Notice(kind="text", text=text, count=self._long_texts)

    def _about_columns(self) -> Iterator[Notice]:
        small = []
        for place, (name, share) in enumerate(self.shares().items()):
            if share >= _WORTH_A_LINE and place < _NAMES_SHOWN:
                text = _(
                    "Not used: “{name}”, {share:.0%} of the text.", name=_short(name), share=share
                )
                yield Notice(kind="unused", text=text)
            else:
                small.append(f"“{_short(name)}”")
        if small:
            rest = sum(share for share in self.shares().values() if share < _WORTH_A_LINE)
            yield Notice(kind="unused", text=_about_small(small, rest))


def _about_unknown(name: str, turns: int) -> str:
    if not name:
        return ngettext(
            "In {count:,} turn, the speaker has no name, so it is unclear whether this is the user "
            "or the assistant. Rows with it are left out. If it is the assistant, add "
            '--speaker "=assistant".',
            "In {count:,} turns, the speaker has no name, so it is unclear whether this is the "
            "user or the assistant. Rows with them are left out. If it is the assistant, add "
            '--speaker "=assistant".',
            turns,
        )
    return ngettext(
        "“{name}” speaks in {count:,} turn and is neither user nor assistant. Rows with it are "
        'left out. Say who it is with --speaker "{name}=assistant".',
        "“{name}” speaks in {count:,} turns and is neither user nor assistant. Rows with them are "
        'left out. Say who it is with --speaker "{name}=assistant".',
        turns,
        name=name,
    )


def _about_small(names: Sequence[str], share: float) -> str:
    """What is said of columns that hold little text, ``share`` of it together."""
    more, listed = len(names) - _NAMES_SHOWN, ", ".join(names[:_NAMES_SHOWN])
    little = share < _WORTH_A_LINE
    if more <= 0 and little:
        return _("Also not used: {names}, less than 1% of the text.", names=listed)
    if more <= 0:
        return _("Also not used: {names}, {share:.0%} of the text.", names=listed, share=share)
    if little:
        return ngettext(
            "Also not used: {names} and {count:,} more, less than 1% of the text.",
            "Also not used: {names} and {count:,} more, less than 1% of the text.",
            more,
            names=listed,
        )
    return ngettext(
        "Also not used: {names} and {count:,} more, {share:.0%} of the text.",
        "Also not used: {names} and {count:,} more, {share:.0%} of the text.",
        more,
        names=listed,
        share=share,
    )


def _about_people(names: Counter[str]) -> Notice:
    """A chat between people: only you know whose messages are the answers."""
    shown = names.most_common(_NAMES_SHOWN)
    people = ", ".join(f"“{_short(name)}” ({turns:,})" for name, turns in shown)
    text = _(
        "This is a chat between {people}. In the terminal, name the speaker that the model should "
        'learn from, for example with --speaker "{name}=assistant". '
        "Everyone else's messages count as questions.",
        people=people,
        name=_short(shown[-1][0]),
    )
    return Notice(kind="speaker", text=text, count=names.total(), asked=True)


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

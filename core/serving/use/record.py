"""What was asked in daily use, kept in the project: each answer that ended, once.

Of each question the first characters are kept, as many as the settings say, and with them the
answer. Nothing is written while the record is off. A fixed share is drawn for review; the draw
follows from the request's own name, so it is always the same.
"""

from __future__ import annotations

import hashlib
import logging
import sqlite3
import threading
import time
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import UserFacingError
from core.generation.spec import Ask, Done
from core.project import Project
from core.serving.use.database import UseDatabase

Source = Literal["server", "chat"]
Mark = Literal["right", "wrong", "edited"]
SHARE_REVIEWED = 0.05
_LOG = logging.getLogger(__name__)
_MOST_ANSWER = 20_000  # characters
_SHOWN = 500
_SERIES = 2000


class RecordSettings(BaseModel):
    """What is recorded of daily use; in ``project.json``.

    Attributes:
        on: whether anything is.
        characters: of each question, and of a system prompt; 0 keeps the figures alone.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    on: bool = True
    characters: int = Field(default=200, ge=0, le=20_000)


def record_settings(project: Project) -> RecordSettings:
    """Return what is recorded in a project; damaged settings record nothing."""
    try:
        return RecordSettings.model_validate(project.info().get("record", {}))
    except ValidationError:
        return RecordSettings(on=False)


def set_record(project: Project, settings: RecordSettings) -> None:
    """Change what is recorded from now on.

    Raises:
        UserFacingError: the disk refuses.
    """
    project.update_info(record=settings.model_dump())


class Use(BaseModel):
    """One answer of daily use.

    Attributes:
        time: when it ended, in seconds since 1970.
        model: which one answered; ``""`` while it takes part in a comparison.
        whole: nothing of the question is cut.
        answer_whole: nothing of the answer is cut, and the model ended it.
        turns: messages of the conversation without the system prompt.
        mark: what was said of the answer, ``None`` before; ``edited`` has a better one.
        edited: the better answer.
        version: the dataset version that it became an example of, ``""`` for none.
    """

    model_config = ConfigDict(frozen=True)

    id: int
    time: float
    source: str
    model: str
    system: str
    prompt: str
    answer: str
    whole: bool
    answer_whole: bool
    turns: int
    first_token: float | None
    seconds: float
    tokens: int
    reason: str
    mark: Mark | None = None
    edited: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """The record in figures; the lists are by model, most used first."""

    requests: int
    models: tuple[tuple[str, int], ...]
    tokens: int
    median_seconds: float | None
    median_first_token: float | None
    drawn: int
    drawn_open: int
    right: int
    wrong: int
    edited: int
    usable: int


_MODEL = (  # not shown: a query; who answered in a comparison is hidden until its end
    "CASE WHEN r.request IN (SELECT t.request FROM trials t JOIN comparisons c"
    " ON c.id = t.comparison WHERE c.ended IS NULL) THEN '' ELSE r.model END"
)
_COLUMNS = (  # not shown: columns
    f"r.id, r.time, r.source, {_MODEL}, r.system, r.prompt, r.answer, r.whole, r.answer_whole,"
    " r.turns, r.first_token, r.seconds, r.tokens, r.reason, m.mark,"
    " coalesce(m.answer, '') AS edited, coalesce(m.version, '') AS version"
)
_NAMES = tuple(Use.model_fields)
_FROM = "FROM requests r LEFT JOIN marks m ON m.request = r.id"  # not shown: a query
_FOR_REVIEW = "r.draw < ? AND r.prompt != '' AND r.reason != 'cancelled'"  # not shown: a query
_USABLE = (  # not shown: a query
    "r.whole = 1 AND r.turns = 1 AND m.version = ''"
    " AND (m.mark = 'edited' OR (m.mark = 'right' AND r.answer_whole = 1))"
)
_MEDIAN = (  # not shown: a query
    "SELECT {0} FROM requests WHERE {0} IS NOT NULL AND reason != 'cancelled' ORDER BY {0} LIMIT 1"
    " OFFSET (SELECT max(0, (count(*) - 1) / 2) FROM requests"
    " WHERE {0} IS NOT NULL AND reason != 'cancelled')"
)
_ALL_USABLE = f"{_USABLE} ORDER BY r.id"  # not shown: a query
_BY_MODEL = f"SELECT {_MODEL}, count(*) {_FROM} GROUP BY 1 ORDER BY 2 DESC"  # not shown: a query
_NEWEST = "1 = 1 ORDER BY r.id DESC"  # not shown: a query
_OPEN = f"{_FOR_REVIEW} AND m.mark IS NULL ORDER BY r.id"  # not shown: a query
_MARKED = "m.mark IS NOT NULL ORDER BY m.marked DESC"  # not shown: a query


class UseRecord:
    """The record of one project; a context manager around its database file.

    Raises:
        UserFacingError: see :class:`core.serving.use.database.UseDatabase`.
    """

    def __init__(self, project: Project) -> None:
        self.database = UseDatabase(project.use_file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exit: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self.database.close()

    def add(
        self, ask: Ask, answer: str, done: Done, *, characters: int, source: Source = "server"
    ) -> None:
        """Record one answer that ended; the same request is recorded once."""
        turns = [turn for turn in ask.messages if turn.role != "system"]
        system = "\n\n".join(turn.content for turn in ask.messages if turn.role == "system")
        prompt = turns[-1].content if turns else ""
        room = _MOST_ANSWER if characters else 0
        ended = done.reason == "stop" and len(answer) <= room
        values = (
            ask.id,
            time.time(),
            source,
            ask.model,
            system[:characters],
            prompt[:characters],
            answer[:room],
            int(max(len(prompt), len(system)) <= characters and bool(prompt)),
            int(ended),
            len(turns),
            done.first_token_seconds,
            done.seconds,
            done.prompt_tokens,
            done.tokens,
            done.reason,
            draw_of(ask.id),
        )
        with self.database.changing() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO requests (request, time, source, model, system, prompt,"
                " answer, whole, answer_whole, turns, first_token, seconds, prompt_tokens, tokens,"
                " reason, draw) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                values,
            )

    def counts(self) -> Counts:
        """Return the figures of everything recorded."""
        rows = self.database.rows
        models = rows(_BY_MODEL)
        total, tokens = rows("SELECT count(*), coalesce(sum(tokens), 0) FROM requests")[0]
        marks = {str(m): c for m, c in rows("SELECT mark, count(*) FROM marks GROUP BY 1")}
        drawn, still = rows(
            f"SELECT count(*), coalesce(sum(m.mark IS NULL), 0) {_FROM} WHERE {_FOR_REVIEW}",
            SHARE_REVIEWED,
        )[0]
        usable = rows(f"SELECT count(*) {_FROM} WHERE {_USABLE}")[0][0]
        return Counts(
            requests=_whole(total),
            models=tuple((str(model), _whole(count)) for model, count in models if model),
            tokens=_whole(tokens),
            median_seconds=self._median("seconds"),
            median_first_token=self._median("first_token"),
            drawn=_whole(drawn),
            drawn_open=_whole(still),
            right=_whole(marks.get("right", 0)),
            wrong=_whole(marks.get("wrong", 0)),
            edited=_whole(marks.get("edited", 0)),
            usable=_whole(usable),
        )

    def _median(self, column: Literal["seconds", "first_token"]) -> float | None:
        rows = self.database.rows(_MEDIAN.format(column))
        return float(str(rows[0][0])) if rows else None

    def latency(self, count: int = _SERIES) -> list[tuple[float, float]]:
        """Return (time, seconds) of the newest answers that were not cancelled, oldest first."""
        rows = self.database.rows(
            "SELECT time, seconds FROM requests WHERE reason != 'cancelled'"
            " ORDER BY id DESC LIMIT ?",
            count,
        )
        return [(float(str(at)), float(str(seconds))) for at, seconds in reversed(rows)]

    def newest(self, count: int = _SHOWN) -> list[Use]:
        """Return what was asked last, the newest first."""
        return self._uses(_NEWEST, count)

    def to_review(self, count: int = _SHOWN, share: float = SHARE_REVIEWED) -> list[Use]:
        """Return what was drawn for review and has no mark yet, oldest first."""
        return self._uses(_OPEN, count, share)

    def marked(self, count: int = _SHOWN) -> list[Use]:
        """Return what has a mark, the newest first."""
        return self._uses(_MARKED, count)

    def usable(self, count: int = _SHOWN) -> list[Use]:
        """Return what can become an example: marked right or edited, whole, one question alone."""
        return self._uses(_ALL_USABLE, count)

    def find(self, request: str) -> Use | None:
        """Return what was recorded of a request by its own name."""
        found = self._uses("r.request = ?", 1, request)
        return found[0] if found else None

    def mark(self, id: int, mark: Mark, answer: str = "") -> None:
        """Say of an answer that it is right or wrong, or what it should have been.

        Raises:
            ValueError: an edited answer without text.
        """
        if mark == "edited" and not answer.strip():
            raise ValueError("an edited answer needs a text")
        with self.database.changing() as connection:
            connection.execute(
                "INSERT INTO marks (request, mark, answer, marked) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (request) DO UPDATE SET mark = excluded.mark,"
                " answer = excluded.answer, marked = excluded.marked, version = ''",
                (id, mark, answer if mark == "edited" else "", time.time()),
            )

    def unmark(self, id: int) -> None:
        """Take a mark back."""
        with self.database.changing() as connection:
            connection.execute("DELETE FROM marks WHERE request = ?", (id,))

    def note_version(self, ids: list[int], version: str) -> None:
        """Remember that these became examples of a dataset version."""
        with self.database.changing() as connection:
            connection.executemany(
                "UPDATE marks SET version = ? WHERE request = ?", [(version, id) for id in ids]
            )

    def forget(self) -> None:
        """Delete everything that was recorded; comparisons keep their counts."""
        with self.database.changing() as connection:
            connection.execute("DELETE FROM requests")

    def _uses(self, where: str, count: int, *values: object) -> list[Use]:
        query = f"SELECT {_COLUMNS} {_FROM} WHERE {where} LIMIT ?"
        rows = self.database.rows(query, *values, count)
        try:
            return [Use.model_validate(dict(zip(_NAMES, row, strict=True))) for row in rows]
        except ValidationError as error:  # a file from elsewhere holds values of any kind
            raise self.database.damaged(str(error)) from error


def _whole(value: object) -> int:
    return int(str(value))


def draw_of(request: str) -> float:
    """Return a number from 0 to 1 that follows from a request's name."""
    return int.from_bytes(hashlib.sha256(request.encode()).digest()[:6]) / 2**48


class Recorder:
    """Writes down what ends, in a thread of its own, so that no answer waits for the disk."""

    def __init__(self, project: Project, source: Source = "server") -> None:
        self._project, self._source = project, source
        self._work: SimpleQueue[tuple[Ask, str, Done] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._write, name="use-record", daemon=True)
        self._thread.start()

    def finished(self, ask: Ask, answer: str, done: Done) -> None:
        """Hear of an answer that ended; nothing is written while the record is off."""
        self._work.put((ask, answer, done))

    def close(self) -> None:
        """Return when everything is on the disk."""
        self._work.put(None)
        self._thread.join()

    def _write(self) -> None:
        record: UseRecord | None = None
        while (work := self._work.get()) is not None:
            try:
                settings = record_settings(self._project)
                if not settings.on:
                    continue
                record = record or UseRecord(self._project)
                record.add(*work, characters=settings.characters, source=self._source)
            except (UserFacingError, sqlite3.Error) as error:
                _LOG.error("use was not recorded: %s", error)
        if record is not None:
            record.close()

"""Writes the chat's answers, thumbs and corrections into the project's record of use.

A thread of its own does it in order, so that no answer waits for the disk and a thumb comes after
the answer that it is about.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable
from queue import SimpleQueue

from core.conversations.conversation import Answer
from core.errors import UserFacingError
from core.generation.spec import Ask, Done
from core.project import Project
from core.serving.use.record import UseRecord, record_settings

_LOG = logging.getLogger(__name__)
_Work = Callable[[UseRecord], None]


class UseNotes:
    """Nothing is written while the record is off."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._work: SimpleQueue[_Work | None] = SimpleQueue()
        self._thread: threading.Thread | None = None

    def finished(self, ask: Ask, answer: str, done: Done) -> None:
        """Note an answer that has ended."""

        def add(record: UseRecord) -> None:
            characters = record_settings(self.project).characters
            record.add(ask, answer, done, characters=characters, source="chat")

        self._do(add)

    def judged(self, answer: Answer) -> None:
        """Note what you think of an answer now."""

        def mark(record: UseRecord) -> None:
            use = record.find(answer.request)
            if use is None:
                return
            if answer.corrected:
                record.mark(use.id, "edited", answer.corrected)
            elif answer.thumb:
                record.mark(use.id, "right" if answer.thumb == "up" else "wrong")
            else:
                record.unmark(use.id)

        if answer.request:
            self._do(mark)

    def _do(self, work: _Work) -> None:
        self._work.put(work)
        if self._thread is None:
            self._thread = threading.Thread(target=self._write, name="chat-record", daemon=True)
            self._thread.start()

    def _write(self) -> None:
        record: UseRecord | None = None
        while (work := self._work.get()) is not None:
            try:
                if record_settings(self.project).on:
                    record = record or UseRecord(self.project)
                    work(record)
            except (UserFacingError, sqlite3.Error) as error:
                _LOG.error("use was not recorded: %s", error)
        if record is not None:
            record.close()

    def close(self) -> None:
        """Return when everything is on the disk."""
        if self._thread is not None:
            self._work.put(None)
            self._thread.join()
            self._thread = None

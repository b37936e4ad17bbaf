"""Keeps a model loaded in a child of its own, and hears its answers.

Plain Python; everything may be called from any thread. What is told is told in the thread that
reads from the child, so a hearer must be quick.
"""

from __future__ import annotations

import logging
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal

from core.errors import UserFacingError
from core.generation.spec import Ask, Done, Hearer, Line, Piece, Refused
from core.jobs.children import start_child
from core.jobs.exit_diagnosis import diagnose_exit
from core.language import N_, _
from core.project import Project, RunFolder
from core.serving.child import child_command
from core.serving.messages import (
    Answer,
    Cancel,
    LoadFailed,
    Ready,
    Status,
    Unloaded,
    read_told,
)
from core.serving.need import require_room, serving_need

State = Literal["off", "loading", "ready", "failed"]
Told = Callable[[Status], None]
_LOG = logging.getLogger(__name__)
_ENDING_SECONDS = 8.0  # the child ends itself after three
_AGAIN = N_("Send your message again. The model is then loaded again.")


def _nobody(_status: Status) -> None:
    return


class ModelProcess:
    """A base model with fine-tunes of a project, loaded when it is first asked.

    Attributes:
        state: ``off`` before the first question, and after an idle time.
        ready: what the loaded model can do; ``None`` while none is loaded.
    """

    def __init__(
        self,
        project: Path,
        base: Path,
        runs: Sequence[str] = (),
        *,
        told: Told = _nobody,
        idle_seconds: float = 0.0,
        command: Sequence[str] = (),
        look_for_room: bool = True,
    ) -> None:
        """Load nothing yet.

        Args:
            told: hears of loading, ready, failed, unloaded.
            idle_seconds: the model is let go when nothing was asked for this long; 0 for never.
            command: starts the child; by default the one that loads these models.
            look_for_room: refuse where memory is short or a run uses the card.
        """
        self.project, self.base, self.runs = project, base, tuple(runs)
        self.state: State = "off"
        self.ready: Ready | None = None
        self.idle_seconds = idle_seconds
        self._followers: tuple[Told, ...] = (told,)
        self._command = list(command) or child_command(project, base, runs)
        self._look_for_room = look_for_room
        self._lock = threading.RLock()
        self._gone = threading.Condition(self._lock)
        self._closing = False
        self._child: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None
        self._hearers: dict[str, Hearer] = {}
        self._failure: LoadFailed | None = None
        self._idle: threading.Timer | None = None

    def start(self) -> None:
        """Begin to load, unless it is loaded already; takes a second or two to look for room.

        Raises:
            UserFacingError: there is no room (codes ``serving.no_room``, ``serving.card_in_use``),
                or the base or a run cannot be used.
        """
        with self._lock:
            while self._child is not None and self._closing:
                self._gone.wait(_ENDING_SECONDS)
            if self._child is not None:
                return
            if self._look_for_room:
                project = Project.open(self.project)
                require_room(project, serving_need(project, self.base, self.runs))
            folder = RunFolder(Path(tempfile.mkdtemp(prefix="homelab-tuner-model-")))
            self._failure, self.state = None, "loading"
            child = self._child = _spawn(self._command, folder)
            self._reader = threading.Thread(
                target=self._read, args=(child, folder), name="model-answers", daemon=True
            )
            self._reader.start()

    def ask(self, ask: Ask, hear: Hearer) -> None:
        """Begin an answer; the model is loaded first if it is not.

        The last thing that ``hear`` hears is ``Done`` or ``Refused``, also when the child dies.

        Raises:
            UserFacingError: as :meth:`start`.
        """
        with self._lock:
            self._keep()
            self.start()
            self._hearers[ask.id] = hear
            self._send(ask)

    def cancel(self, id: str) -> None:
        """End an answer early; unknown names do nothing."""
        with self._lock:
            if id in self._hearers:
                self._send(Cancel(id=id))

    def close(self) -> None:
        """Cancel what is in progress and let the model go; it can be asked again later."""
        with self._lock:
            self._keep()
            child, reader = self._child, self._reader
            if child is None:
                return
            self._closing = True
            _shut(child)
        with suppress(subprocess.TimeoutExpired):
            child.wait(_ENDING_SECONDS)
        if child.poll() is None:
            child.kill()
        if reader is not None and reader is not threading.current_thread():
            reader.join()

    def follow(self, told: Told) -> None:
        """Let ``told`` hear of the states too."""
        with self._lock:
            self._followers = (*self._followers, told)

    def unfollow(self, told: Told) -> None:
        """Let ``told`` hear no more."""
        with self._lock:
            self._followers = tuple(one for one in self._followers if one != told)

    def _tell(self, status: Status) -> None:
        for told in self._followers:
            _safely(lambda told=told: told(status))  # type: ignore[misc]

    @property
    def in_progress(self) -> int:
        """How many answers are waited for."""
        return len(self._hearers)

    def _send(self, line: Line) -> None:
        child = self._child
        if child is None or child.stdin is None:
            return
        with suppress(OSError, ValueError):  # a dead child is told of by the reader
            child.stdin.write(line.line())
            child.stdin.flush()

    def _keep(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def _rest(self) -> None:
        """Let the model go if nothing is asked for a while from now on."""
        self._keep()
        if self.idle_seconds and not self._hearers and self.state == "ready":
            self._idle = threading.Timer(self.idle_seconds, self._let_go)
            self._idle.name, self._idle.daemon = "model-idle", True
            self._idle.start()

    def _let_go(self) -> None:
        with self._lock:
            if self._hearers or self._idle is not threading.current_thread():
                return
            if self._child is not None:  # from here on a question starts another child
                self._closing = True
        self.close()

    def _read(self, child: subprocess.Popen[bytes], folder: RunFolder) -> None:
        assert child.stdout is not None
        with child.stdout as lines:
            for line in lines:
                try:
                    told = read_told(line)
                except ValueError:
                    _LOG.warning("the model's child told nothing known: %r", line[:200])
                    continue
                if isinstance(told, Piece | Done | Refused):
                    self._hear(told)
                else:
                    self._note(told)
        self._end(child, folder)

    def _hear(self, told: Answer) -> None:
        with self._lock:
            last = not isinstance(told, Piece)
            hear = self._hearers.pop(told.id, None) if last else self._hearers.get(told.id)
            if last:
                self._rest()
        if hear is not None:
            _safely(lambda: hear(told))

    def _note(self, told: Status) -> None:
        with self._lock:
            if isinstance(told, Ready):
                self.ready, self.state = told, "ready"
                self._rest()
            elif isinstance(told, LoadFailed):
                self._failure = told
                return  # it is told when the child is gone, so that it can be started again
        self._tell(told)

    def _end(self, child: subprocess.Popen[bytes], folder: RunFolder) -> None:
        code = child.wait()
        with self._lock:
            _shut(child)
            asked_to_end = self._closing or code == 0  # one that does not obey is killed
            failure = self._failure or (None if asked_to_end else _death(folder, code))
            left, self._hearers = self._hearers, {}
            self._child, self.ready, self._closing = None, None, False
            self.state = "off" if failure is None else "failed"
            self._keep()
            self._gone.notify_all()
        shutil.rmtree(folder.root, ignore_errors=True)
        for id, hear in left.items():
            _safely(lambda hear=hear, id=id: hear(_last_word(id, failure)))  # type: ignore[misc]
        self._tell(failure or Unloaded())


def _last_word(id: str, failure: LoadFailed | None) -> Answer:
    if failure is None:
        return Done(id=id, reason="cancelled")
    return Refused(id=id, code=failure.code, what=failure.what, todo=failure.todo)


def _death(folder: RunFolder, code: int) -> LoadFailed:
    """Say what is known of the death of a child that said nothing itself."""
    found = diagnose_exit(folder, code)
    return LoadFailed(code=found.code, what=found.what, todo=_(_AGAIN), details=found.details)


def _shut(child: subprocess.Popen[bytes]) -> None:
    """Let the child's input end, which ends the child."""
    with suppress(OSError, ValueError):
        if child.stdin is not None:
            child.stdin.close()


def _safely(call: Callable[[], None]) -> None:
    try:
        call()
    except Exception:
        _LOG.exception("a hearer failed")


def _spawn(command: Sequence[str], folder: RunFolder) -> subprocess.Popen[bytes]:
    try:
        with folder.log_file.open("ab") as log:
            child = start_child(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)
    except OSError as error:
        shutil.rmtree(folder.root, ignore_errors=True)
        raise UserFacingError(
            "job.crashed",
            _("The job stopped unexpectedly."),
            _("Try again. If it happens again, report it with the details below."),
            str(error),
        ) from error
    folder.pid_file.write_text(str(child.pid), encoding="ascii")
    return child

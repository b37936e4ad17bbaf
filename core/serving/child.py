"""The child that holds a loaded model: JSON lines in, JSON lines out.

Started as ``python -m core.serving.child PROJECT BASE [RUN …]``, in the frozen application as
``homelab-tuner --answer PROJECT BASE [RUN …]``. It ends when its standard input ends, so that no
card's memory stays taken when the program that started it is gone. What libraries print goes to the
log. Exit codes: 0 it was told to end, 1 the model could not be loaded.
"""

from __future__ import annotations

import importlib
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import BinaryIO

import psutil

from core.errors import UserFacingError, is_out_of_memory, is_panic
from core.generation.spec import Ask, Generator, Line, Refused
from core.installed_engine import use_engine
from core.jobs.worker import explain_failure, quiet_environment
from core.language import _
from core.project import Project, RunFolder
from core.serving.messages import Cancel, LoadFailed, Loading, Ready, read_request

Load = Callable[[Project, Sequence[str], Path], Generator]
_LOG = logging.getLogger(__name__)
_LEAVING_SECONDS = 3.0
_PIECE_BYTES = 65_536


def child_command(project: Path, base: Path, runs: Sequence[str]) -> list[str]:
    """Return the command that starts the child; the frozen application starts itself."""
    frozen = getattr(sys, "frozen", False)
    begin = ["--answer"] if frozen else ["-m", "core.serving.child"]
    return [sys.executable, *begin, str(project.absolute()), str(base.absolute()), *runs]


class _Speaker:
    """Writes whole lines to whoever started this child, from any thread."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def tell(self, line: Line) -> None:
        """Write one line; a reader that is gone ends this child by the end of its input."""
        with self._lock, suppress(OSError, ValueError):
            self._stream.write(line.line())
            self._stream.flush()


def main(arguments: Sequence[str], load: Load | None = None) -> int:
    """Load the model and answer until standard input ends; return the exit code.

    Args:
        load: makes the generator; by default :func:`core.serving.loading.load_generator`.
    """
    speaker = _Speaker(_own_output())
    logging.basicConfig(stream=sys.stderr, level=logging.INFO)
    quiet_environment()
    use_engine()
    requests: SimpleQueue[Ask | Cancel | None] = SimpleQueue()
    threading.Thread(target=_read, args=(requests,), name="requests", daemon=True).start()
    project, base, *runs = arguments
    try:
        generator = _load(load, Path(project), Path(base), runs, speaker)
    except BaseException as error:
        if not isinstance(error, Exception) and not is_panic(error):
            raise
        failure = _failure(error, Path(project))
        _LOG.error("%s %s\n%s", failure.what, failure.todo, failure.details)
        speaker.tell(failure)
        return 1
    try:
        _answer(generator, requests, speaker)
    finally:
        generator.close()
    return 0


def _own_output() -> BinaryIO:
    """Return standard output for this module alone: what others print goes to the log."""
    own = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return own


def _load(
    load: Load | None, project: Path, base: Path, runs: Sequence[str], speaker: _Speaker
) -> Generator:
    speaker.tell(Loading(phase="libraries"))
    if load is None:
        load = importlib.import_module("core.serving.loading").load_generator
    speaker.tell(Loading(phase="weights"))
    generator = load(Project.open(project), runs, base)
    speaker.tell(
        Ready(
            models=tuple(generator.models),
            context=generator.context,
            slots=generator.slots,
            memory=_memory(),
        )
    )
    return generator


def _answer(
    generator: Generator, requests: SimpleQueue[Ask | Cancel | None], speaker: _Speaker
) -> None:
    while (request := requests.get()) is not None:
        if isinstance(request, Cancel):
            generator.cancel(request.id)
            continue
        try:
            generator.ask(request, speaker.tell)
        except Exception:
            _LOG.exception("a request was not taken")
            speaker.tell(
                Refused(
                    id=request.id,
                    code="job.bug",
                    what=_("Something unexpected went wrong in this application."),
                    todo=_("Try again. If it happens again, report it with the details below."),
                )
            )


def _read(requests: SimpleQueue[Ask | Cancel | None]) -> None:
    with suppress(OSError):
        for line in _lines():
            try:
                requests.put(read_request(line))
            except ValueError as error:
                _LOG.warning("a line that is no request: %s", error)
    requests.put(None)
    ending = threading.Timer(_LEAVING_SECONDS, os._exit, [0])  # while it loads, or if it hangs
    ending.daemon = True
    ending.start()


def _lines() -> Iterator[bytes]:
    """Yield the lines of standard input.

    Not by ``sys.stdin``: an interpreter that ends while a thread waits in it aborts.
    """
    begun: list[bytes] = []
    while piece := os.read(0, _PIECE_BYTES):
        first, *lines = piece.split(b"\n")
        begun.append(first)
        if not lines:
            continue
        *between, last = lines
        yield b"".join(begun)
        yield from between
        begun = [last]


def _memory() -> int:
    """Return the bytes that the model takes: of the card where it lies there."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available() and torch.cuda.is_initialized():
        cards = range(torch.cuda.device_count())
        return sum(int(torch.cuda.memory_reserved(card)) for card in cards)
    return int(psutil.Process().memory_info().rss)


def _failure(error: BaseException, project: Path) -> LoadFailed:
    if is_out_of_memory(error):
        error = UserFacingError(
            "serving.out_of_memory",
            _("There was not enough memory to load the base model."),
            _("Close other programs, or choose a smaller base model."),
            str(error),
        )
    told = explain_failure(error, RunFolder(project))
    return LoadFailed(code=told.code, what=told.what, todo=told.todo, details=told.details)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

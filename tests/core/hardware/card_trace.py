"""Records what a card's library answers, and plays it back through the code that reads real cards.

A trace is JSON Lines. The first line names the format; each further line is one round of readings:
``{"at": seconds, "answers": {"nvmlDeviceGetTemperature(0, 0)": 61, …}}``. An answer is a plain
value, an object of fields, or ``{"error": code}`` for a refusal.

``python -m tests.core.hardware.card_trace FILE --seconds 600`` records this machine's cards.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TextIO

from core.errors import UserFacingError
from core.hardware.cards.nvml import Nvml, load_nvml
from core.hardware.cards.reader import CardReader
from core.storage.files import explained_io

_FORMAT = "homelab-tuner card trace 1"
_STRUCT_FIELDS = ("total", "free", "used", "gpu", "memory", "pid", "usedGpuMemory")
_VALUE_FIELDS = ("dVal", "uiVal", "ulVal", "ullVal", "sllVal", "siVal")
_PRIVATE = (
    "nvmlDeviceGetUUID",
    "nvmlDeviceGetComputeRunningProcesses",
    "nvmlDeviceGetGraphicsRunningProcesses",
)
_HANDLE = "card"  # a handle becomes ("card", index) in the keys of a trace


class RecordingNvml:
    """Stands before the real library and remembers its answers of one round.

    Cards are anonymous in a trace: serial numbers, names of programs and their numbers are left
    out.
    """

    def __init__(self, library: Nvml) -> None:
        self._library = library
        self._indices: list[tuple[Any, int]] = []
        self._answers: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        function = getattr(self._library, name)

        def call(*arguments: Any) -> Any:
            key = _key(name, tuple(self._plain(argument) for argument in arguments))
            try:
                answer = function(*arguments)
            except Exception as error:
                self._answers[key] = {"error": getattr(error, "value", -1)}
                raise
            if name == "nvmlDeviceGetHandleByIndex":
                self._indices.append((answer, arguments[0]))
            elif name not in _PRIVATE:
                self._answers[key] = _jsonable(answer)
            return answer

        return call

    def _plain(self, argument: Any) -> Any:
        """A handle as the index of its card, so that a trace does not hold addresses."""
        for handle, index in self._indices:
            if handle is argument:
                return f"{_HANDLE}{index}"
        return argument

    def round(self, at: float) -> str:
        """Return the answers since the last round as one line."""
        line = json.dumps({"at": round(at, 3), "answers": self._answers}, sort_keys=True)
        self._answers = {}
        self._indices = []
        return line + "\n"


def _key(name: str, arguments: tuple[Any, ...]) -> str:
    return f"{name}({', '.join(str(argument) for argument in arguments)})"


def _jsonable(answer: Any) -> Any:
    if answer is None or isinstance(answer, (int, float, str)):
        return answer
    if isinstance(answer, bytes):
        return answer.decode("utf-8", "replace")
    if hasattr(answer, "nvmlReturn"):
        value = {name: getattr(answer.value, name) for name in _VALUE_FIELDS}
        status = {"nvmlReturn": answer.nvmlReturn, "valueType": answer.valueType}
        return {**status, "value": value}
    if isinstance(answer, list | tuple | ctypes.Array):
        return [_jsonable(entry) for entry in answer]
    return {name: getattr(answer, name) for name in _STRUCT_FIELDS if hasattr(answer, name)}


@dataclass(frozen=True, slots=True)
class Round:
    """One round of a trace: when, and what each call answered."""

    at: float
    answers: dict[str, Any]


def read_trace(path: Path) -> list[Round]:
    """Read a trace.

    Raises:
        UserFacingError: ``trace.damaged``, or the disk's own.
    """
    with explained_io(path):
        lines = path.read_text(encoding="utf-8").splitlines()
    try:
        if json.loads(lines[0])["format"] != _FORMAT:
            raise ValueError(lines[0])
        return [Round(entry["at"], entry["answers"]) for entry in map(json.loads, lines[1:])]
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise UserFacingError(
            "trace.damaged",
            f"“{path.name}” is not a recording of a graphics card.",
            "Record it again.",
            str(error),
        ) from error


class ReplayNvml:
    """Answers like the recorded card did in the current round; ``advance`` goes to the next."""

    def __init__(self, rounds: Iterable[Round]) -> None:
        self._rounds: Iterator[Round] = iter(rounds)
        self.current = next(self._rounds)

    def advance(self) -> bool:
        """Go to the next round; ``False`` at the end, where the last one stays."""
        following = next(self._rounds, None)
        if following is not None:
            self.current = following
        return following is not None

    def nvmlDeviceGetHandleByIndex(self, index: int) -> str:
        return f"{_HANDLE}{index}"

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("nvml"):
            raise AttributeError(name)

        def call(*arguments: Any) -> Any:
            if name in ("nvmlInit", "nvmlShutdown"):
                return None
            answer = self.current.answers[_key(name, arguments)]
            if isinstance(answer, dict) and "error" in answer:
                raise RuntimeError(f"recorded error {answer['error']}")
            return _object(answer)

        return call


def _object(answer: Any) -> Any:
    if isinstance(answer, dict):
        return SimpleNamespace(**{name: _object(value) for name, value in answer.items()})
    return [_object(entry) for entry in answer] if isinstance(answer, list) else answer


def record(
    stream: TextIO,
    seconds: float,
    period: float = 1.0,
    library: Nvml | None = None,
    stop: threading.Event | None = None,
) -> int:
    """Write a trace of all cards to ``stream``; return how many rounds it has.

    Args:
        stop: ends the recording before its time.
    """
    over = stop or threading.Event()
    recording = RecordingNvml(library or load_nvml())
    stream.write(json.dumps({"format": _FORMAT}) + "\n")
    began, count = time.monotonic(), 0
    with CardReader(recording) as reader:
        while (now := time.monotonic() - began) < seconds and not over.is_set():
            reader.read()
            stream.write(recording.round(now))
            stream.flush()
            count += 1
            over.wait(max(0.0, began + count * period - time.monotonic()))
    return count


def main(arguments: list[str]) -> int:
    """Record as the command line says."""
    about = "Record the readings of this machine's cards."
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("file", type=Path)
    parser.add_argument("--seconds", type=float, default=600.0)
    options = parser.parse_args(arguments)
    with options.file.open("w", encoding="utf-8") as stream:
        count = record(stream, options.seconds)
    sys.stderr.write(f"{count} rounds in {options.file}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

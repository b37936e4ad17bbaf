"""What to tell you about a child that died without a word."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

from core.events import Failed, Telemetry, from_line
from core.hardware.system.machine import disk_free, read_ram
from core.jobs.link import worker_of
from core.language import N_, _
from core.project import RunFolder
from core.storage.ordinary import open_to_read

_TAIL_BYTES = 4000
_SIGKILL = 9  # Windows has no such name
_LEAST_ROOM = 1_000_000  # bytes
_FULL = 0.96  # of the computer's memory; systems that end programs early do it from here
RESUME_TODO = N_("Press Resume to continue from the last checkpoint.")
_OUT_OF_MEMORY_TODO = N_(
    "Close other programs, then press Resume. If it happens again, start a new run with smaller "
    "settings."
)


def log_tail(folder: RunFolder) -> str:
    """Return the last 4,000 bytes of what the child printed."""
    return _tail(folder.log_file)


def _tail(path: Path) -> str:
    try:
        with open_to_read(path) as stream:
            stream.seek(0, 2)
            stream.seek(max(0, stream.tell() - _TAIL_BYTES))
            return stream.read().decode("utf-8", "replace")
    except OSError:
        return ""


def diagnose_exit(folder: RunFolder, exit_code: int | None) -> Failed:
    """Turn an exit code (negative: a signal; ``None``: unknown) into a sentence and a next step."""
    tail = log_tail(folder)
    if exit_code in (None, -_SIGKILL):  # only the parent learns the exit code
        return _killed(folder, tail)
    if exit_code < 0:
        name = _signal_name(-exit_code)
        return Failed(
            code="job.signal",
            what=_("The system ended the job (signal {name}).", name=name),
            todo=_(RESUME_TODO),
            details=tail,
        )
    if (disk_free(folder.root) or _LEAST_ROOM) < _LEAST_ROOM:
        return Failed(
            code="disk.full",
            what=_("The job ended because the disk is full, and its last message was lost."),
            todo=_("Free some space, then press Resume."),
            details=tail,
        )
    return Failed(
        code="job.crashed",
        what=_("The job stopped unexpectedly."),
        todo=_("Try again. If it happens again, report it with the details below."),
        details=f"exit code {exit_code}\n{tail}",  # not shown: technical details
    )


def _killed(folder: RunFolder, tail: str) -> Failed:
    if killed_by_kernel(kernel_log(), folder):
        return Failed(
            code="job.killed_for_memory",
            what=_("The computer ran out of memory, so the system ended the job."),
            todo=_(_OUT_OF_MEMORY_TODO),
            details=tail,
        )
    if memory_was_full(folder):  # the kernel's log is often not for everybody to read
        return Failed(
            code="job.killed_for_memory",
            what=_("The computer's memory was full, so the system probably ended the job."),
            todo=_(_OUT_OF_MEMORY_TODO),
            details=tail,
        )
    return Failed(
        code="job.killed",
        what=_("The job was killed by the system or by someone."),
        todo=_(RESUME_TODO),
        details=tail,
    )


def killed_by_kernel(log: str, folder: RunFolder) -> bool:
    """Return whether the kernel's log says that it killed this child for memory.

    Without the child's process id nothing is claimed.
    """
    pid = worker_of(folder)
    if not pid.isdigit():
        return False
    marks = (  # not shown: words of the kernel
        "Out of memory: Killed process",
        "Memory cgroup out of memory: Killed process",
    )
    return any(f"{mark} {pid} " in log for mark in marks)


def memory_was_full(folder: RunFolder) -> bool:
    """Return whether the last reading of the computer's memory leaves hardly any."""
    events = map(from_line, _tail(folder.events_file).split("\n"))
    used = [e.ram_used for e in events if isinstance(e, Telemetry) and e.ram_used is not None]
    return bool(used) and used[-1] > _FULL * read_ram()[0]


def kernel_log() -> str:
    """Return what ``dmesg`` says; nothing where it may not be read."""
    try:
        done = subprocess.run(
            ["dmesg"],  # noqa: S607 - the system's own
            capture_output=True,
            timeout=2,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace")


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)

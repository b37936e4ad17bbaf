"""The one way to open what lies in a project: ordinary files only, never through a link.

A project may come from elsewhere. A link in it could lead to something of yours, a pipe or a
device could keep a reader waiting forever, and a file could be larger than the memory. So a name
is looked at before it is opened, links are not followed, and what was opened is looked at again.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from core.storage.patience import patiently

_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_NO_WAIT = getattr(os, "O_NONBLOCK", 0)
_BINARY = getattr(os, "O_BINARY", 0)
_PRIVATE, _USUAL = 0o700, 0o666
_OTHERS = 0o007
_MOST_ENTRIES = 200_000
_DEEPEST = 32

_KINDS = (
    (stat.S_ISLNK, "a link"),
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


class OddFileError(OSError):
    """Something else lies where an ordinary file or folder was expected; ``kind`` names it."""

    def __init__(self, path: Path, kind: str) -> None:
        super().__init__(errno.EINVAL, f"this is {kind}", str(path))  # not shown: exception text
        self.path, self.kind = path, kind


class TooLargeError(OSError):
    """A file is larger than its reader can use."""

    def __init__(self, path: Path, limit: int) -> None:
        what = f"larger than {limit:,} bytes"  # not shown: technical details
        super().__init__(errno.EFBIG, what, str(path))
        self.path, self.limit = path, limit


def open_to_read(path: Path, limit: int | None = None, *, follow: bool = False) -> BinaryIO:
    """Open an ordinary file for reading.

    Args:
        limit: most bytes that it may hold.
        follow: also through links, for files outside projects.

    Raises:
        OddFileError: it is no ordinary file.
        TooLargeError: it holds more than ``limit`` bytes.
        OSError: it is missing, or the system refuses.
    """
    descriptor = _open(path, os.O_RDONLY, follow=follow)
    if limit is not None and os.fstat(descriptor).st_size > limit:
        os.close(descriptor)
        raise TooLargeError(path, limit)
    return os.fdopen(descriptor, "rb")


def read_ordinary(path: Path, limit: int, *, follow: bool = False) -> bytes:
    """Return the bytes of an ordinary file; see :func:`open_to_read`."""
    with open_to_read(path, limit, follow=follow) as stream:
        content = stream.read(limit + 1)  # it may have grown meanwhile
    if len(content) > limit:
        raise TooLargeError(path, limit)
    return content


def open_to_append(path: Path) -> int:
    """Return a descriptor that adds to an ordinary file, made when it is missing.

    Raises:
        OddFileError: it is no ordinary file, or another name leads to the same file.
        OSError: the system refuses.
    """
    return _open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, alone=True)


def open_to_overwrite(path: Path) -> int:
    """Return a descriptor that changes an existing ordinary file in its place.

    Raises:
        OddFileError: see :func:`open_to_append`.
        OSError: it is missing, or the system refuses.
    """
    return _open(path, os.O_RDWR, alone=True)


def _open(path: Path, flags: int, *, follow: bool = False, alone: bool = False) -> int:
    try:
        before = path.stat(follow_symlinks=follow)
    except FileNotFoundError:
        if not flags & os.O_CREAT:
            raise
    else:  # before it is opened: that alone may do something to a device
        _require_file(path, before)
    flags |= _BINARY | _NO_WAIT | (0 if follow else _NO_FOLLOW)
    try:
        descriptor = patiently(lambda: os.open(path, flags, _USUAL))
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):
            raise OddFileError(path, "a link") from error
        raise
    try:
        found = os.fstat(descriptor)
        _require_file(path, found)
        if alone and found.st_nlink > 1:
            raise OddFileError(path, "a file with several names")
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _require_file(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise OddFileError(path, kind_of(found.st_mode))


def kind_of(mode: int) -> str:
    """Return what a file's mode says it is, as :class:`OddFileError` names it."""
    usual = "an ordinary file"  # not shown: a key
    return next((word for is_kind, word in _KINDS if is_kind(mode)), usual)


def is_ordinary_file(path: Path) -> bool:
    """Return whether an ordinary file, and no link to one, has this name."""
    return _has_kind(path, stat.S_ISREG)


def is_ordinary_folder(path: Path) -> bool:
    """Return whether a folder, and no link to one, has this name."""
    return _has_kind(path, stat.S_ISDIR) and not _is_junction(path)


def _has_kind(path: Path, is_kind: Callable[[int], bool]) -> bool:
    try:
        return is_kind(os.lstat(path).st_mode)
    except (OSError, ValueError):  # a name with a NUL in it
        return False


def _is_junction(path: Path) -> bool:
    return hasattr(path, "is_junction") and bool(path.is_junction())


def require_ordinary(places: Iterable[Path]) -> None:
    """Look at some files and folders with all that is in them; what is missing is no fault.

    Raises:
        OddFileError: one of them is a link, a pipe, a socket or a device.
        TooLargeError: there are more files than any project has.
        OSError: the system refuses.
    """
    for number, path in enumerate(_walk(places)):
        if number > _MOST_ENTRIES:
            raise TooLargeError(path, _MOST_ENTRIES)


def _walk(places: Iterable[Path]) -> Iterator[Path]:
    waiting = [(place, 0) for place in places]
    while waiting:
        path, depth = waiting.pop()
        try:
            mode = os.lstat(path).st_mode
        except FileNotFoundError:  # missing, or just deleted by a job
            continue
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            raise OddFileError(path, kind_of(mode))
        yield path
        if not stat.S_ISDIR(mode):
            continue
        if _is_junction(path):
            raise OddFileError(path, "a link")
        if depth > _DEEPEST:
            raise TooLargeError(path, _DEEPEST)
        waiting += ((inside, depth + 1) for inside in _inside(path))


def _inside(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            return [folder / entry.name for entry in islice(entries, _MOST_ENTRIES + 1)]
    except FileNotFoundError:
        return []


def make_private_folder(folder: Path) -> None:
    """Make a folder that only you can look into; one that is there already becomes so."""
    folder.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
    if os.name != "nt" and is_ordinary_folder(folder):
        folder.chmod(_PRIVATE)


def keep_from_strangers(folder: Path) -> None:
    """Take away what everybody on this computer may do in a folder of yours; a group keeps it."""
    if os.name == "nt" or not is_ordinary_folder(folder):
        return
    found = os.lstat(folder)
    if found.st_mode & _OTHERS and found.st_uid == os.getuid():
        folder.chmod(stat.S_IMODE(found.st_mode) & ~_OTHERS)

"""A disk that forgets: what a power cut may leave of what a program wrote.

:class:`Recorder` notes, in the process that writes, what lies in a folder after each call that
changes it, and what was synced when. The disk itself is looked at, so that it does not matter who
wrote: Python, Rust or SQLite. :class:`Record` then makes the states that a power cut after any of
these calls may leave: of a file only what was synced is sure, the rest may be there, torn, full of
zeros or not at all; a folder shows its entries as they were at its last sync or at any later time,
whatever other folders show.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import random
import stat
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_CALLS = ("fsync", "fdatasync", "mkdir", "rename", "replace", "unlink", "remove", "rmdir", "link")
_SYNCS = ("fsync", "fdatasync")
_LOG = "moments.jsonl"
_BIRTH = -1

Listing = dict[str, int]


class Recorder:
    """Notes what happens in ``root``, in files in ``log``, which must lie elsewhere."""

    def __init__(self, root: Path, log: Path) -> None:
        self._root = root
        self._log = log
        self._nodes: dict[tuple[int, int], int] = {}  # device and inode → number, while it exists
        self._numbers = 0
        self._at_work = threading.RLock()
        self._quiet = False
        log.mkdir(parents=True)
        self._stream = (log / _LOG).open("w", encoding="utf-8")

    def install(self) -> None:
        """Stand before the system's own functions, in this process and for good."""
        for name in _CALLS:
            setattr(os, name, self._noted(name, getattr(os, name)))
        self.look()

    def _noted(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(real)
        def function(*arguments: Any, **options: Any) -> Any:
            if self._quiet:
                return real(*arguments, **options)
            with self._at_work:
                result = real(*arguments, **options)
                synced = os.fstat(arguments[0]) if name in _SYNCS else None
                self.look((synced.st_dev, synced.st_ino) if synced else None)
            return result

        return function

    def promise(self, *what: Any) -> None:
        """Note that from now on something must survive (JSON values)."""
        self.look(promise=list(what))

    def synced(self, path: Path) -> None:
        """Note a sync that Python did not see."""
        found = path.stat()
        self.look((found.st_dev, found.st_ino))

    def look(self, synced: tuple[int, int] | None = None, promise: list[Any] | None = None) -> None:
        """Note what lies in the folder now."""
        with self._at_work:
            self._quiet = True
            try:
                nodes, folders, files = self._walk()
                self._nodes = nodes
                line = {
                    "root": nodes[_key(self._root.stat())],
                    "folders": folders,
                    "files": files,
                    "synced": nodes.get(synced) if synced else None,
                    "promise": promise,
                }
                self._stream.write(json.dumps(line) + "\n")
                self._stream.flush()
            finally:
                self._quiet = False

    def _walk(self) -> tuple[dict[tuple[int, int], int], dict[int, Listing], dict[int, str]]:
        nodes: dict[tuple[int, int], int] = {}
        folders: dict[int, Listing] = {}
        files: dict[int, str] = {}

        def number(found: os.stat_result) -> int:
            key = _key(found)
            if key not in nodes:
                self._numbers += key not in self._nodes
                nodes[key] = self._nodes.get(key, self._numbers)
            return nodes[key]

        waiting = [self._root]
        while waiting:
            folder = waiting.pop()
            listing: Listing = {}
            for entry in os.scandir(folder):
                found = entry.stat(follow_symlinks=False)
                listing[entry.name] = node = number(found)
                if stat.S_ISDIR(found.st_mode):
                    waiting.append(Path(entry.path))
                elif stat.S_ISREG(found.st_mode):
                    files[node] = self._kept(Path(entry.path).read_bytes())
            folders[number(folder.stat())] = listing
        return nodes, folders, files

    def _kept(self, content: bytes) -> str:
        name = hashlib.sha256(content).hexdigest()[:32]
        place = self._log / name
        if not place.exists():
            place.write_bytes(content)
        return name


def _key(found: os.stat_result) -> tuple[int, int]:
    return found.st_dev, found.st_ino


@dataclass(frozen=True)
class Moment:
    """What lay in the folder after one call."""

    root: int
    folders: dict[int, Listing]
    files: dict[int, str]
    synced: int | None
    promise: list[Any] | None

    @classmethod
    def read(cls, line: str) -> Moment:
        """Parse one line of the log."""
        found = json.loads(line)
        folders = {int(node): listing for node, listing in found["folders"].items()}
        files = {int(node): name for node, name in found["files"].items()}
        return cls(found["root"], folders, files, found["synced"], found["promise"])


@dataclass
class Record:
    """All moments of a recording."""

    log: Path
    moments: list[Moment] = field(default_factory=list)

    @classmethod
    def load(cls, log: Path) -> Record:
        """Read what a :class:`Recorder` wrote."""
        with (log / _LOG).open(encoding="utf-8") as lines:
            return cls(log, [Moment.read(line) for line in lines])

    def promises(self, cut: int) -> list[list[Any]]:
        """Return what was promised by the moment of a cut."""
        return [moment.promise for moment in self.moments[: cut + 1] if moment.promise]

    def leave(self, cut: int, chance: random.Random, target: Path) -> None:
        """Make in ``target`` one state that a power cut after moment ``cut`` may leave."""
        _Remains(self, cut, chance, chance.choice(list(_MOODS))).folder(
            self.moments[0].root, target
        )


_MOODS = {"nothing more": (0.0, 0.0), "names only": (1.0, 0.0), "anything": (0.5, 0.5)}
"""How likely unsynced names and contents are to have arrived."""


@dataclass
class _Remains:
    record: Record
    cut: int
    chance: random.Random
    mood: str

    def folder(self, node: int, target: Path) -> None:
        """Write a folder as it may be after the cut."""
        target.mkdir()
        for name, child in self._listing(node).items():
            if any(child in moment.folders for moment in self._past()):
                self.folder(child, target / name)
            elif any(child in moment.files for moment in self._past()):
                (target / name).write_bytes(self._content(child))

    def _past(self) -> list[Moment]:
        return self.record.moments[: self.cut + 1]

    def _last_sync(self, node: int) -> int:
        """The moment of the last sync; what lay there at the beginning is safe."""
        for number in range(self.cut, -1, -1):
            if self.record.moments[number].synced == node:
                return number
        first = self.record.moments[0]
        return 0 if node in first.folders or node in first.files else _BIRTH

    def _listing(self, node: int) -> Listing:
        names, _contents = _MOODS[self.mood]
        safe = self._last_sync(node)
        if self.chance.random() < names:
            seen = self.cut if names == 1.0 else self.chance.randint(safe, self.cut)
        else:
            seen = safe
        while seen > _BIRTH and node not in self.record.moments[seen].folders:
            seen -= 1  # removed meanwhile
        return {} if seen <= _BIRTH else self.record.moments[seen].folders[node]

    def _content(self, node: int) -> bytes:
        _names, contents = _MOODS[self.mood]
        safe = self._last_sync(node)
        base = self._stored(safe, node)
        moments = self.record.moments[safe + 1 : self.cut + 1]
        later = list(dict.fromkeys(m.files[node] for m in moments if node in m.files))
        if not later or self.chance.random() >= contents:
            return base
        newest = (self.record.log / self.chance.choice(later)).read_bytes()
        return self.chance.choice([newest, self._torn(base, newest), _zeros(base, newest)])

    def _stored(self, moment: int, node: int) -> bytes:
        if moment == _BIRTH or node not in self.record.moments[moment].files:
            return b""
        return (self.record.log / self.record.moments[moment].files[node]).read_bytes()

    def _torn(self, base: bytes, newest: bytes) -> bytes:
        place = self.chance.randint(0, len(newest))
        return newest[:place] + base[place:]


def _zeros(base: bytes, newest: bytes) -> bytes:
    """The length is known, but what was added never arrived."""
    common = len(base) if newest.startswith(base) else 0
    return newest[:common] + bytes(len(newest) - common)

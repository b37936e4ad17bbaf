"""Where rows come from: files, folders and packed files, opened as plain byte streams.

Nothing is ever unpacked to the disk, so a path inside an archive is only a name to show.
"""

from __future__ import annotations

import bz2
import errno
import gzip
import io
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from lzma import LZMAError
from pathlib import Path, PurePosixPath
from typing import IO, Any, TypeVar, cast

from core.data.readers.options import EXPANSION_FREE, EXPANSION_RATIO, MEMBER_LIMIT
from core.errors import UserFacingError
from core.language import _
from core.storage.files import explained_io, leads_out
from core.storage.ordinary import open_to_read

SUFFIXES = (
    ".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".xlsx", ".xls", ".parquet", ".arrow",
    ".feather", ".txt", ".md", ".pdf", ".docx", ".epub", ".html", ".htm", ".xhtml",
    ".mbox", ".eml", ".srt", ".vtt",
)  # fmt: skip
_UNPACKERS: dict[str, Callable[[IO[bytes]], Any]] = {
    ".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open,
}  # fmt: skip
_ABOUT_THE_DATA = re.compile(
    r"(?:readme|license|licence|changelog|contributing|notice|citation|authors|requirements)"
    r"(?:[._-][\w.-]*)?\.(?:md|txt)$|(?:dataset_infos?|dataset_dict|state|metadata|package"
    r"|package-lock|tsconfig|config|croissant|manifest|tokenizer|tokenizer_config|vocab|added_tokens"
    r"|special_tokens_map|generation_config|adapter_config|preprocessor_config|trainer_state"
    r"|all_results|train_results|eval_results|[\w.-]*\.index)\.json$"
    r"|(?:cache-|indices)[\w.-]*\.arrow$",
    re.I,
)
_WEB_PAGES = (".html", ".htm", ".xhtml")
_NEVER_EXAMPLES = (".json", ".arrow")
_BESIDE_CHATS = {
    "channels.json": ("users.json", "channels.json", "groups.json", "dms.json", "mpims.json",
                      "integration_logs.json", "canvases.json", "org_users.json"),
    "conversations.json": ("user.json", "users.json", "projects.json", "memories.json",
                           "message_feedback.json", "shared_conversations.json",
                           "model_comparisons.json", "user_settings.json", "group_chats.json"),
    "messages.json": ("group_info.json", "user_info.json", "channel.json", "index.json"),
    "messages.jsonl": ("thread.json",),
}  # fmt: skip
"""Files about people and settings that chat programs export beside the named one."""


_Found = TypeVar("_Found", Path, "DataSource")


class ReadMeter:
    """How many bytes of the files on the disk were read so far, packed as they are."""

    def __init__(self) -> None:
        self._stream: IO[bytes] | None = None
        self._before = 0

    @property
    def bytes_read(self) -> int:
        """The bytes of finished files and of the one that is open."""
        return self._before + (self._stream.tell() if self._stream is not None else 0)

    def begin(self, stream: IO[bytes]) -> None:
        """Watch this file from now on."""
        self._stream = stream

    def end(self) -> None:
        """The watched file is about to be closed."""
        self._before, self._stream = self.bytes_read, None


@contextmanager
def metered(stream: IO[bytes], meter: ReadMeter | None) -> Iterator[None]:
    """Let ``meter`` watch ``stream`` inside the block."""
    if meter is None:
        yield
        return
    meter.begin(stream)
    try:
        yield
    finally:
        meter.end()


@dataclass(frozen=True, slots=True)
class DataSource:
    """One file of rows: a file on the disk, or one member of a zip archive."""

    path: Path
    member: str = ""

    @property
    def label(self) -> str:
        """The name to show and to store in an example's origin."""
        return f"{self.path.name}/{self.member}" if self.member else self.path.name

    @property
    def suffix(self) -> str:
        """The lower-case ending of the unpacked file's name."""
        name = self.member or self.path.name
        packed = PurePosixPath(name).suffix.lower()
        if packed in _UNPACKERS:
            name = name[: -len(packed)]
        return PurePosixPath(name).suffix.lower()

    @contextmanager
    def open(self, meter: ReadMeter | None = None) -> Iterator[IO[bytes]]:
        """Open the unpacked bytes; ``meter`` then knows how far they are read.

        Raises:
            UserFacingError: missing, not readable, or damaged packed file.
        """
        with (
            explained_io(self.path),
            open_to_read(self.path, follow=True) as raw,
            metered(raw, meter),
        ):
            try:
                yield from self._streams(raw)
            except (zipfile.BadZipFile, gzip.BadGzipFile, EOFError, zlib.error, LZMAError) as error:
                raise _damaged(self.path, str(error)) from error
            except (NotImplementedError, RuntimeError, UnicodeDecodeError) as error:
                # zip: unknown method, password, damaged name
                if self.path.suffix.lower() != ".zip" or isinstance(error, RecursionError):
                    raise
                raise _damaged(self.path, str(error)) from error
            except OSError as error:  # zip: a place before the file's beginning, a bad stream
                packed = self.member or self.path.suffix.lower() in _UNPACKERS
                if not packed or error.errno not in (errno.EINVAL, None):
                    raise
                raise _damaged(self.path, str(error)) from error

    def _streams(self, raw: IO[bytes]) -> Iterator[IO[bytes]]:
        size = self.path.stat().st_size
        if self.member:
            with zipfile.ZipFile(raw) as archive, archive.open(self.member) as stream:
                packed = archive.getinfo(self.member).compress_size
                yield _limited(stream, packed, self.label)
        elif unpacker := _UNPACKERS.get(self.path.suffix.lower()):
            with unpacker(raw) as stream:
                yield _limited(cast("IO[bytes]", stream), size, self.label)
        else:
            yield raw


def _damaged(path: Path, details: str) -> UserFacingError:
    return UserFacingError(
        "dataset.damaged_archive",
        _(
            "“{name}” is damaged, locked or not the kind of packed file that its name says.",
            name=path.name,
        ),
        _("Unpack it with another program and choose the file inside."),
        details,
    )


def _too_large(label: str) -> UserFacingError:
    return UserFacingError(
        "dataset.archive_too_large",
        _("“{name}” unpacks to far more than a file of examples would.", name=label),
        _("If you trust it, unpack it yourself and choose the file inside."),
    )


class _CountingStream(io.RawIOBase):
    """Passes bytes on until a packed file grows beyond all reason."""

    def __init__(self, stream: IO[bytes], packed_size: int, label: str) -> None:
        self._stream = stream
        self._left = max(EXPANSION_FREE, packed_size * EXPANSION_RATIO)
        self._label = label

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        block = self._stream.read(len(buffer))
        self._left -= len(block)
        if self._left < 0:
            raise _too_large(self._label)
        buffer[: len(block)] = block
        return len(block)


def _limited(stream: IO[bytes], packed_size: int, label: str) -> IO[bytes]:
    return io.BufferedReader(_CountingStream(stream, packed_size, label), 1 << 18)


def expand(paths: Iterable[Path]) -> list[DataSource]:
    """Return the sources behind files, folders and archives, in a stable order.

    Raises:
        UserFacingError: a path is missing, or there is nothing in a folder or archive to read.
    """
    sources: list[DataSource] = []
    for path in paths:
        with explained_io(path):
            path.stat()
        found = list(_in_folder(path)) if path.is_dir() else list(_in_file(path))
        if not found:
            raise UserFacingError(
                "dataset.nothing_found",
                _("“{name}” contains no file of examples.", name=path.name),
                _(
                    "Choose files that end in {suffixes} (also packed as .gz or .zip).",
                    suffixes=", ".join(SUFFIXES),
                ),
            )
        sources += found
    sources = _without_settings(sources, lambda source: PurePosixPath(source.label).name)
    if len(sources) > MEMBER_LIMIT:
        raise UserFacingError(
            "dataset.too_many_files",
            _(
                "These are {count:,} files. At most {limit:,} can be read together.",
                count=len(sources),
                limit=MEMBER_LIMIT,
            ),
            _("Join them into fewer files first."),
        )
    return sources


def _in_folder(folder: Path) -> Iterator[DataSource]:
    with explained_io(folder):
        files = (p for p in folder.rglob("*") if not leads_out(p, folder) and p.is_file())
        names = sorted(p for p in files if not _hidden(p, folder))
    for path in _data_first([p for p in names if _is_readable(p.name)], lambda p: p.name):
        yield from _in_file(path)


def _is_readable(name: str) -> bool:
    return DataSource(Path(name)).suffix in (*SUFFIXES, ".zip")


def _data_first(found: list[_Found], name: Callable[[_Found], str]) -> list[_Found]:
    """Leave out what stands beside data; a description is read only if there is nothing else."""
    known = _without_settings(found, name)
    data = [one for one in known if not _ABOUT_THE_DATA.match(name(one))]
    tables = [one for one in data if not name(one).lower().endswith(_WEB_PAGES)]
    data = tables or data  # programs export pages to look at beside their data
    return data or [one for one in known if not name(one).endswith(_NEVER_EXAMPLES)]


def _without_settings(found: list[_Found], name: Callable[[_Found], str]) -> list[_Found]:
    """Leave out what a chat program exports about people and settings beside its chats."""
    names = {name(one) for one in found}
    beside = {other for sign, others in _BESIDE_CHATS.items() if sign in names for other in others}
    if "channels.json" not in names or "users.json" not in names:
        beside.discard("channels.json")
    return [one for one in found if name(one) not in beside]


def _hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)


def _in_file(path: Path) -> Iterator[DataSource]:
    if path.suffix.lower() != ".zip":
        yield DataSource(path)
        return
    with explained_io(path):
        try:
            with zipfile.ZipFile(path) as archive:
                _check_sizes(archive, path)
                names = archive.namelist()
        except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error) as error:
            raise _damaged(path, str(error)) from error
    members = [DataSource(path, name) for name in names[: MEMBER_LIMIT + 1]]
    known = [m for m in members if m.suffix in SUFFIXES and not m.member.startswith("__MACOSX/")]
    yield from _data_first(known, lambda member: PurePosixPath(member.member).name)


def _check_sizes(archive: zipfile.ZipFile, path: Path) -> None:
    """Many members may share their packed bytes; the sizes they name are what they can grow to."""
    unpacked = sum(entry.file_size for entry in archive.infolist())
    if unpacked > max(EXPANSION_FREE, path.stat().st_size * EXPANSION_RATIO):
        raise _too_large(path.name)

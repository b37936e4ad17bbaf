"""Durable files: atomic replacement, fsync and content hashes.

Every file of a project that must survive a crash is written through this module.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import UserFacingError
from core.language import N_, _
from core.storage.ordinary import (
    OddFileError,
    TooLargeError,
    open_to_overwrite,
    open_to_read,
    read_ordinary,
)
from core.storage.patience import patiently

if TYPE_CHECKING:
    import torch

JsonObject = dict[str, Any]
"""An object of raw JSON as it was read; nothing is known about it yet."""

JSON_LIMIT = 16 << 20
"""Most bytes of a JSON file of a project; the largest hold what was answered or decided."""
_MOST_VALUES = 2_000_000  # about 150 MB once they are read
_DEEPEST = 50
_CHUNK = 1 << 20


def sha256_of(path: Path) -> str:
    """Return the hexadecimal SHA-256 of the file's bytes, read in chunks of 1 MiB."""
    digest = hashlib.sha256()
    with open_to_read(path, follow=True) as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def fsync_directory(folder: Path) -> None:
    """Make a rename inside ``folder`` durable (a no-op where directories cannot be opened)."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def fsync_file(path: Path) -> None:
    """Flush one already written file to the disk."""
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())


def fsync_contents(folder: Path) -> None:
    """Flush all files in ``folder``, and what its folders list, to the disk."""
    for path in folder.rglob("*"):
        if path.is_dir():
            fsync_directory(path)
        elif path.is_file():
            fsync_file(path)
    fsync_directory(folder)


def make_folder(path: Path) -> None:
    """Make ``path`` and the folders above it, so that a power cut cannot lose them again.

    Without this, a file that is safe in a new folder is gone with the folder.

    Raises:
        OSError: the disk refuses, or a file is in the way.
    """
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(exist_ok=True)
    fsync_directory(path.parent)


def write_bytes(path: Path, content: bytes, *, durable: bool = True, private: bool = False) -> None:
    """Replace ``path`` atomically: readers see the old content or the new, never a part.

    Args:
        durable: also flush to the disk, so that the content survives a power cut.
        private: nobody else may read it.

    Raises:
        UserFacingError: the disk is full or the folder may not be written to.
    """
    with explained_io(path):
        make_folder(path.parent)
        name = path.parent / f".{path.name}.{uuid.uuid4().hex}"
        try:
            with name.open("xb") as stream:
                if private and hasattr(os, "fchmod"):
                    os.fchmod(stream.fileno(), 0o600)
                stream.write(content)
                stream.flush()
                if durable:
                    os.fsync(stream.fileno())
            patiently(lambda: name.replace(path))
        except BaseException:
            name.unlink(missing_ok=True)
            raise
        if durable:
            fsync_directory(path.parent)


def write_text(path: Path, content: str, *, durable: bool = True) -> None:
    """Like :func:`write_bytes`, as UTF-8 with Unix line ends."""
    write_bytes(path, content.encode("utf-8"), durable=durable)


def write_json(path: Path, value: Any, *, durable: bool = True) -> None:
    """Write ``value`` as readable JSON; see :func:`write_bytes`."""
    text = json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True)
    write_text(path, text + "\n", durable=durable)


def leads_out(path: Path, folder: Path) -> bool:
    """Return whether ``path``, once its links are followed, lies outside ``folder``.

    A folder from a stranger may contain a link to a file of yours.
    """
    return not path.resolve().is_relative_to(folder.resolve())


def overwrite_small(path: Path, content: str) -> None:
    """Change an existing small file in its place, for the moment when a full disk takes no new one.

    Spaces pad what is shorter than before; one write of less than a block is not torn by a reader.

    Raises:
        UserFacingError: the disk refuses this too.
    """
    with explained_io(path), os.fdopen(open_to_overwrite(path), "r+b", buffering=0) as stream:
        stream.write(content.encode("utf-8").ljust(os.fstat(stream.fileno()).st_size))


def write_tensors(path: Path, tensors: dict[str, torch.Tensor]) -> None:
    """Write tensors as safetensors; the same tensors give the same bytes.

    The library's own writer reports a full disk as an error of its own kind, so the bytes are
    written here, where the system's refusal keeps its number.

    Raises:
        OSError: the disk refuses.
    """
    from safetensors.torch import save

    path.write_bytes(save(tensors, {"format": "pt"}))


def read_json(path: Path, limit: int = JSON_LIMIT) -> Any:
    """Parse a JSON file of this application.

    Args:
        limit: most bytes that it may hold.

    Raises:
        UserFacingError: the file is missing, unreadable, no ordinary file, too large or no JSON.
    """
    with explained_io(path):
        content = read_ordinary(path, limit)
    try:
        return parse_json(content)
    except ValueError as error:
        raise UserFacingError(
            "file.damaged",
            _("“{name}” is damaged and cannot be read.", name=path.name),
            _(
                "Restore {path} from a backup, or delete it and repeat the step that made it.",
                path=str(path),
            ),
            str(error),
        ) from error


def parse_json(content: bytes) -> Any:
    """Parse JSON that may come from elsewhere.

    Raises:
        ValueError: it is no JSON, is nested deeper than anything here is, or holds more values
            than the memory should take.
    """
    if sum(map(content.count, (b",", b"[", b"{"))) > _MOST_VALUES:
        raise ValueError(f"more than {_MOST_VALUES:,} values")
    try:
        value = json.loads(content.decode("utf-8"))  # a decoding error is a ValueError
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    _require_shallow(value)
    return value


def _require_shallow(value: Any) -> None:
    """What can be read at this depth could not be checked, compared or written again."""
    level, depth = [value], 0
    while level:
        if depth > _DEEPEST:
            raise ValueError("nested too deep")
        inner: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                inner += [v for v in item.values() if isinstance(v, dict | list)]
            elif isinstance(item, list):
                inner += [v for v in item if isinstance(v, dict | list)]
        level, depth = inner, depth + 1


@contextmanager
def explained_io(path: Path) -> Iterator[None]:
    """Turn the operating system's refusals around ``path`` into sentences.

    Raises:
        UserFacingError: codes ``disk.full``, ``disk.no_permission``, ``file.missing``,
            ``file.odd``, ``file.too_large`` and ``disk.error``.
    """
    try:
        yield
    except OSError as error:
        raise explain_os_error(error, path) from error


_OTHER_FILE = N_("“{path}” is not an ordinary file or folder.")
_ODD_FILES = {
    "a link": N_("“{path}” is a link, not an ordinary file or folder."),
    "a folder": N_("“{path}” is a folder, not an ordinary file."),
    "a pipe": N_("“{path}” is a pipe, not an ordinary file or folder."),
    "a socket": N_("“{path}” is a socket, not an ordinary file or folder."),
    "a device": N_("“{path}” is a device, not an ordinary file or folder."),
    "a file with several names": N_(  # not shown: the key
        "“{path}” is a file with several names, not an ordinary one."
    ),
}


def explain_os_error(error: OSError, path: Path) -> UserFacingError:
    """Return the sentence for an ``OSError`` that happened while working on ``path``."""
    if isinstance(error, OddFileError):
        return UserFacingError(
            "file.odd",
            _(_ODD_FILES.get(error.kind, _OTHER_FILE), path=str(error.path)),
            _(
                "It was not read. Put back a copy of the real one, or delete it if the project "
                "came from someone else."
            ),
        )
    if isinstance(error, TooLargeError):
        return UserFacingError(
            "file.too_large",
            _(
                "“{path}” is larger than anything that this application writes there.",
                path=str(error.path),
            ),
            _("It was not read. Restore it from a backup, or delete it."),
            str(error),
        )
    where = path if path.is_dir() else path.parent
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return UserFacingError(
            "disk.full",
            _("The disk that holds “{folder}” is full.", folder=str(where)),
            _("Free some space and try again. Everything saved before is kept."),
            str(error),
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return UserFacingError(
            "disk.no_permission",
            _("You do not have permission to read or write “{folder}”.", folder=str(where)),
            _("Choose another folder, or change the folder's permissions."),
            str(error),
        )
    if error.errno == errno.ENOENT:
        return UserFacingError(
            "file.missing",
            _("“{path}” does not exist.", path=str(path)),
            _("Check whether it was moved or renamed, then choose it again."),
            str(error),
        )
    return UserFacingError(
        "disk.error",
        _("The disk could not read or write “{path}”.", path=str(path)),
        _("Check the disk and its cable, then try again."),
        str(error),
    )

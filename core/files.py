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

if TYPE_CHECKING:
    import torch

_CHUNK = 1 << 20


def sha256_of(path: Path) -> str:
    """Return the hexadecimal SHA-256 of the file's bytes, read in chunks of 1 MiB."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
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


def write_bytes(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Replace ``path`` atomically: readers see the old content or the new, never a part.

    Args:
        durable: also flush to the disk, so that the content survives a power cut.

    Raises:
        UserFacingError: the disk is full or the folder may not be written to.
    """
    with explained_io(path):
        make_folder(path.parent)
        name = path.parent / f".{path.name}.{uuid.uuid4().hex}"
        try:
            with name.open("xb") as stream:
                stream.write(content)
                stream.flush()
                if durable:
                    os.fsync(stream.fileno())
            name.replace(path)
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

    A folder from a stranger may hold a link to something of the person's.
    """
    return not path.resolve().is_relative_to(folder.resolve())


def overwrite_small(path: Path, content: str) -> None:
    """Change an existing small file in its place, for the moment when a full disk takes no new one.

    Spaces pad what is shorter than before; one write of less than a block is not torn by a reader.

    Raises:
        UserFacingError: the disk refuses this too.
    """
    with explained_io(path), path.open("r+b", buffering=0) as stream:
        stream.write(content.encode("utf-8").ljust(path.stat().st_size))


def write_tensors(path: Path, tensors: dict[str, torch.Tensor]) -> None:
    """Write tensors as safetensors; the same tensors give the same bytes.

    The library's own writer reports a full disk as an error of its own kind, so the bytes are
    written here, where the system's refusal keeps its number.

    Raises:
        OSError: the disk refuses.
    """
    from safetensors.torch import save

    path.write_bytes(save(tensors, {"format": "pt"}))


def read_json(path: Path) -> Any:
    """Parse a JSON file of this application.

    Raises:
        UserFacingError: the file is missing, unreadable or no JSON.
    """
    with explained_io(path):
        content = path.read_bytes()
    try:
        return json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:  # a decoding error is a ValueError
        raise UserFacingError(
            "file.damaged",
            f"“{path.name}” is damaged and cannot be read.",
            f"Restore {path} from a backup, or remove it and repeat the step that made it.",
            str(error),
        ) from error


@contextmanager
def explained_io(path: Path) -> Iterator[None]:
    """Turn the operating system's refusals around ``path`` into sentences.

    Raises:
        UserFacingError: codes ``disk.full``, ``disk.no_permission``, ``file.missing`` and
            ``disk.error``.
    """
    try:
        yield
    except OSError as error:
        raise explain_os_error(error, path) from error


def explain_os_error(error: OSError, path: Path) -> UserFacingError:
    """Return the sentence for an ``OSError`` that happened while working on ``path``."""
    where = path if path.is_dir() else path.parent
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return UserFacingError(
            "disk.full",
            f"The disk that holds “{where}” is full.",
            "Free some space and try again; what was saved before is kept.",
            str(error),
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return UserFacingError(
            "disk.no_permission",
            f"“{where}” may not be written to or read by this account.",
            "Choose another folder, or change the folder's permissions.",
            str(error),
        )
    if error.errno == errno.ENOENT:
        return UserFacingError(
            "file.missing",
            f"“{path}” does not exist.",
            "Check whether it was moved or renamed, then choose it again.",
            str(error),
        )
    return UserFacingError(
        "disk.error",
        f"The disk refused to work on “{path}”.",
        "Check the disk and its cable, then try again.",
        str(error),
    )

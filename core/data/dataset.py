"""Dataset versions: accepted examples, each with its part, in a folder named by their hash."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.data.example import Example, Part, from_json
from core.errors import UserFacingError
from core.language import N_, _
from core.storage.files import explained_io, read_json, sha256_of
from core.storage.names import is_name
from core.storage.ordinary import is_ordinary_file, is_ordinary_folder, open_to_read, read_ordinary

EXAMPLES_FILE = "examples.jsonl"
META_FILE = "meta.json"
_META_LIMIT = 32 << 20  # bytes; five million examples need half of it
_LONGEST_LINE = 256 << 20
_MOST_VALUES = 2_000_000  # of one example
PARTS: tuple[Part, ...] = ("train", "validation", "test")
_ACCEPT_AGAIN = N_("Go back to Examples and accept them again.")


class VersionMeta(BaseModel):
    """The facts of a version.

    ``test_keys`` are hashes of the test part's examples, and of their questions where these are
    not asked everywhere; later versions keep both out of training. ``added`` counts the training
    examples that came from outside the files (``general``, ``earlier``).
    """

    model_config = ConfigDict(frozen=True)

    format: int = 1
    content_hash: str
    counts: dict[str, Annotated[int, Field(ge=0, le=10**9)]]
    seed: int
    held_out: float
    near_threshold: float
    test_keys: tuple[int, ...] = ()
    added: dict[str, int] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DatasetVersion:
    """An accepted version; its files never change."""

    folder: Path
    meta: VersionMeta

    @classmethod
    def load(cls, folder: Path) -> DatasetVersion:
        """Open the version in ``folder``.

        Raises:
            UserFacingError: code ``dataset.version_missing`` or ``dataset.version_damaged``.
        """
        if not is_ordinary_file(folder / META_FILE):
            raise UserFacingError(
                "dataset.version_missing",
                _("The dataset version “{name}” does not exist.", name=folder.name),
                _(_ACCEPT_AGAIN),
            )
        try:
            content = read_ordinary(folder / META_FILE, _META_LIMIT)
            return cls(folder, VersionMeta.model_validate_json(content))
        except (OSError, ValidationError) as error:
            raise _damaged(folder, str(error)) from error

    @property
    def content_hash(self) -> str:
        """128 bits of the SHA-256 of all examples and their parts, as hexadecimal digits."""
        return self.meta.content_hash

    @property
    def counts(self) -> dict[str, int]:
        """Part → number of examples."""
        return {part: self.meta.counts[part] for part in PARTS if part in self.meta.counts}

    def examples(self, part: Part | None = None) -> Iterator[Example]:
        """Yield the examples of one part (or all), in the order of the original files.

        Raises:
            UserFacingError: code ``dataset.version_damaged``.
        """
        wanted = None if part is None else f',"part":"{part}"}}'.encode()
        for line in self.lines():
            if wanted is None or line.rstrip().endswith(wanted):
                yield self._example(line)

    def rows(self) -> Iterator[tuple[Part, Example]]:
        """Yield every example with its part, in the order of the original files.

        Raises:
            UserFacingError: code ``dataset.version_damaged``.
        """
        for line in self.lines():
            yield part_of(line), self._example(line)

    def lines(self) -> Iterator[bytes]:
        """Yield every example as it is stored, one line of JSON each."""
        path = self.folder / EXAMPLES_FILE
        with explained_io(path), open_to_read(path) as stream:
            while line := stream.readline(_LONGEST_LINE + 1):
                if len(line) > _LONGEST_LINE:
                    raise _damaged(self.folder, "a line without an end")  # not shown: technical
                yield line

    def _example(self, line: bytes) -> Example:
        try:
            if sum(map(line.count, (b",", b"[", b"{"))) > _MOST_VALUES:
                raise ValueError("more values than an example has")
            return from_json(orjson.loads(line))
        except (ValueError, KeyError, TypeError) as error:
            raise _damaged(self.folder, str(error)) from error

    def verify(self) -> None:
        """Read the examples' file once and compare it with the hash that names this version.

        Raises:
            UserFacingError: code ``dataset.version_changed``.
        """
        path = self.folder / EXAMPLES_FILE
        with explained_io(path):
            found = sha256_of(path)[: len(self.content_hash)]
        if found != self.content_hash:
            raise UserFacingError(
                "dataset.version_changed",
                _(
                    "The examples of the dataset version “{name}” were changed after you accepted "
                    "them. What the model would learn is unchecked.",
                    name=self.folder.name,
                ),
                _(_ACCEPT_AGAIN),
                f"{path}: SHA-256 begins with {found}",  # not shown: technical details
            )

    def receipt(self) -> dict[str, Any]:
        """Return what came in, what was changed and dropped, and why (JSON)."""
        receipt: dict[str, Any] = read_json(self.folder / "receipt.json")
        return receipt


def part_of(line: bytes) -> Part:
    """Return the part that a stored line belongs to; it stands at the line's end."""
    ending = line.rstrip()[-len(b'"validation"}') :]
    found = (part for part in PARTS if ending.endswith(f'"{part}"}}'.encode()))
    try:
        return next(found)
    except StopIteration:
        raise UserFacingError(
            "dataset.version_damaged",
            _("A dataset version of this project is damaged."),
            _(_ACCEPT_AGAIN),
            "an example that belongs to no part",  # not shown: technical details
        ) from None


def _damaged(folder: Path, details: str) -> UserFacingError:
    return UserFacingError(
        "dataset.version_damaged",
        _("The dataset version “{name}” is damaged.", name=folder.name),
        _(_ACCEPT_AGAIN),
        details,
    )


def versions(versions_dir: Path) -> list[DatasetVersion]:
    """Return all readable versions, oldest first."""
    found = []
    for folder in versions_dir.iterdir() if is_ordinary_folder(versions_dir) else ():
        if not is_name(folder.name) or not is_ordinary_file(folder / META_FILE):
            continue
        with suppress(UserFacingError):
            found.append((folder.stat().st_mtime_ns, folder.name, DatasetVersion.load(folder)))
    return [version for _, _, version in sorted(found, key=lambda item: item[:2])]


def frozen_keys(versions_dir: Path) -> frozenset[int]:
    """Return the test questions of all versions so far: once in the test part, always there."""
    return frozenset(key for version in versions(versions_dir) for key in version.meta.test_keys)

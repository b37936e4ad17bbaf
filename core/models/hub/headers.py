"""What a model needs, known from a few kilobytes: its configs and the heads of its weight files.

The pieces are put into a folder of their own, with the weight files cut behind their heads, and
inspected exactly as a downloaded model is: what is refused here would be refused afterwards.
"""

from __future__ import annotations

import time
from io import BytesIO
from pathlib import Path

from core.errors import UserFacingError
from core.language import _
from core.models.config import CONFIG_LIMIT, TOKENIZER_LIMIT
from core.models.hub.connection import BrokenStreamError, Connection
from core.models.hub.listing import INDEX, Listing, RemoteFile
from core.models.hub.refusals import bad_answer, explained
from core.models.inspection import ModelFacts, inspect_model

_LENGTH_BYTES = 8
_FIRST_PIECE = 64_000  # bytes; holds the whole head of most files
_LARGEST_HEAD = 25_000_000  # bytes, as the client library has it
_READ = {"config.json": CONFIG_LIMIT, "generation_config.json": CONFIG_LIMIT,
         "tokenizer_config.json": TOKENIZER_LIMIT, "special_tokens_map.json": TOKENIZER_LIMIT,
         "chat_template.json": CONFIG_LIMIT, INDEX: TOKENIZER_LIMIT}  # fmt: skip


def read_headers(connection: Connection, listing: Listing, folder: Path) -> ModelFacts:
    """Return what inspection finds, from pieces that are put into the empty ``folder``.

    Raises:
        UserFacingError: the hub refuses, or the model cannot be trained (codes ``hub.…`` and
            ``model.…``).
    """
    for file in listing.files:
        path = folder / file.name
        if file.is_weights:
            path.write_bytes(_head(connection, listing, file))
        elif file.name in _READ:
            path.write_bytes(_whole(connection, listing, file))
        else:
            path.touch()  # only its presence matters
    return inspect_model(folder, {file.name: file.size for file in listing.files})


def _whole(connection: Connection, listing: Listing, file: RemoteFile) -> bytes:
    if file.size > _READ[file.name]:
        details = f"{file.name} has {file.size} bytes"  # not shown: technical details
        raise bad_answer(connection.endpoint, details)
    return read_beginning(connection, listing, file, file.size)


def _head(connection: Connection, listing: Listing, file: RemoteFile) -> bytes:
    """Return the length and the JSON at the beginning of a safetensors file."""
    first = read_beginning(connection, listing, file, min(file.size, _FIRST_PIECE))
    length = int.from_bytes(first[:_LENGTH_BYTES], "little")
    end = _LENGTH_BYTES + length
    if length > _LARGEST_HEAD or end > file.size:
        raise UserFacingError(
            "model.damaged",
            _("The model file “{name}” on the hub is damaged.", name=file.name),
            _("Choose another version of this model, or another model."),
            f"header length {length}, file size {file.size}",  # not shown: technical details
        )
    return first[:end] if end <= len(first) else read_beginning(connection, listing, file, end)


class _Limited(BytesIO):
    """Takes as many bytes as were asked for; a hub that ignores the range is left there."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit = limit

    def write(self, piece: bytes) -> int:  # type: ignore[override]
        """Append a piece; raise when there is enough."""
        super().write(piece[: self.limit - self.tell()])
        if self.tell() >= self.limit:
            raise _EnoughError
        return len(piece)


class _EnoughError(Exception):
    """All that was asked for has arrived."""


def read_beginning(connection: Connection, listing: Listing, file: RemoteFile, count: int) -> bytes:
    """Return the first ``count`` bytes of a file.

    Raises:
        UserFacingError: the hub refuses, or gives fewer (codes ``hub.…``).
    """
    from huggingface_hub import hf_hub_url
    from huggingface_hub.file_download import http_get

    if not count:
        return b""
    url = hf_hub_url(
        listing.repo, file.name, revision=listing.commit, endpoint=connection.endpoint.url
    )
    headers = {**connection.headers, "Range": f"bytes=0-{count - 1}"}
    with explained(connection, listing.reference), connection.fetching():
        for left in reversed(range(connection.patience.tries)):
            found = _Limited(count)
            try:
                http_get(url, found, headers=headers, _nb_retries=0)
            except _EnoughError:
                return found.getvalue()
            except BrokenStreamError:
                if not left:
                    raise
                time.sleep(connection.patience.pause)
    details = f"{file.name} has fewer than {count} bytes"  # not shown: technical details
    raise bad_answer(connection.endpoint, details)

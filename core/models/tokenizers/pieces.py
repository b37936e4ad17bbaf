"""What a SentencePiece file (``tokenizer.model``) holds, read without running anything of it.

The file is a message of Google's protocol buffers; only the few fields that decide about tokens are
read. Source of their numbers: ``sentencepiece_model.proto`` of SentencePiece (Kudo & Richardson,
2018).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.storage.ordinary import open_to_read

NORMAL, UNKNOWN, CONTROL, OWN, UNUSED, BYTE = 1, 2, 3, 4, 5, 6
"""Kinds of pieces."""
UNIGRAM, BPE = 1, 2
"""Kinds of models."""
_LIMIT = 50_000_000  # bytes; the largest in use have 5 MB

Field = tuple[int, Any]


@dataclass(frozen=True, slots=True)
class Piece:
    """One token."""

    text: str
    score: float
    kind: int


@dataclass(frozen=True, slots=True)
class Pieces:
    """A SentencePiece model.

    Attributes:
        tokens: by their numbers.
        model: ``UNIGRAM`` or ``BPE``, or a kind that nothing here can read.
        charsmap: how characters are replaced first, as SentencePiece compiled it.
        begins_with_space: whether a space is put before every text.
        joins_spaces: whether several spaces count as one, and those at the ends as none.
        is_plain: whether spaces are written in the usual way.
    """

    tokens: tuple[Piece, ...]
    model: int
    charsmap: bytes
    begins_with_space: bool
    joins_spaces: bool
    is_plain: bool

    def of_kind(self, *kinds: int) -> list[str]:
        """Return the texts of the tokens of these kinds."""
        return [token.text for token in self.tokens if token.kind in kinds]


def read_pieces(path: Path) -> Pieces:
    """Read a SentencePiece file.

    Raises:
        ValueError: it is none.
    """
    with open_to_read(path, follow=True) as stream:
        raw = stream.read(_LIMIT + 1)
    if len(raw) > _LIMIT:
        raise ValueError(f"larger than {_LIMIT} bytes")
    try:
        message = list(_fields(raw))
        tokens = tuple(_piece(value) for number, value in message if number == 1)
        trainer, normalizer = (_joined(message, number) for number in (2, 3))
    except (IndexError, struct.error, UnicodeDecodeError, TypeError) as error:
        raise ValueError(str(error) or "cut off") from error
    if not tokens:
        raise ValueError("no tokens")
    return Pieces(
        tokens,
        model=int(trainer.get(3, UNIGRAM)),
        charsmap=bytes(normalizer.get(2, b"")),
        begins_with_space=bool(normalizer.get(3, 1)),
        joins_spaces=bool(normalizer.get(4, 1)),
        is_plain=bool(normalizer.get(5, 1)) and not trainer.get(24, 0),
    )


def _piece(raw: bytes) -> Piece:
    fields = dict(_fields(raw))
    return Piece(fields[1].decode("utf-8"), float(fields.get(2, 0.0)), int(fields.get(3, NORMAL)))


def _joined(message: list[Field], number: int) -> dict[int, Any]:
    return {n: v for at, part in message if at == number for n, v in _fields(part)}


def _fields(raw: bytes) -> Iterator[Field]:
    """Yield number and value of each field of a message."""
    at = 0
    while at < len(raw):
        key, at = _number(raw, at)
        kind = key & 7
        if kind == 0:
            value, at = _number(raw, at)
            yield key >> 3, value
        elif kind == 2:
            size, at = _number(raw, at)
            if at + size > len(raw):
                raise ValueError("cut off")
            yield key >> 3, raw[at : at + size]
            at += size
        elif kind in (1, 5):
            form, size = ("<f", 4) if kind == 5 else ("<d", 8)
            yield key >> 3, struct.unpack_from(form, raw, at)[0]
            at += size
        else:
            raise ValueError(f"a field of the unknown kind {kind}")


def _number(raw: bytes, at: int) -> tuple[int, int]:
    """Return the number that begins at a place, and where the next thing begins."""
    value = shift = 0
    while True:
        byte = raw[at]
        value, at, shift = value | (byte & 127) << shift, at + 1, shift + 7
        if byte < 128:
            return value, at
        if shift > 63:
            raise ValueError("a number without an end")

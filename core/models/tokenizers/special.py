"""The special tokens that a Tekken or SentencePiece file names, with their numbers."""

from __future__ import annotations

from pathlib import Path

from core.models.config import read_json_object
from core.models.tokenizers.pieces import CONTROL, UNKNOWN, read_pieces

TEKKEN, PIECES = "tekken.json", "tokenizer.model"
_LIMIT = 100_000_000  # bytes; the largest in use have 20 MB


def special_of(folder: Path) -> dict[str, int]:
    """Return those of a model folder without a “tokenizer.json”; none where nothing can be read."""
    if (folder / TEKKEN).is_file():
        return special_of_tekken(folder / TEKKEN)
    try:
        return special_of_pieces(folder / PIECES) if (folder / PIECES).is_file() else {}
    except ValueError:
        return {}


def special_of_pieces(path: Path) -> dict[str, int]:
    """Return those of a SentencePiece file.

    Raises:
        ValueError: it is none.
    """
    tokens = enumerate(read_pieces(path).tokens)
    return {token.text: number for number, token in tokens if token.kind in (UNKNOWN, CONTROL)}


def special_of_tekken(path: Path) -> dict[str, int]:
    """Return those of a Tekken file; none where it names none.

    Raises:
        UserFacingError: ``model.broken_config``.
    """
    named = read_json_object(path, _LIMIT)[1].get("special_tokens")
    found = {}
    for token in named if isinstance(named, list) else []:
        if isinstance(token, dict) and isinstance(token.get("rank"), int):
            found[str(token.get("token_str"))] = token["rank"]
    return found

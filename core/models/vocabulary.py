"""What a model's folder says about its tokens: how many it has weights for, and which ends a text.

Read from the folder's JSON files alone, so that a base that cannot end an answer, or whose
tokenizer writes what the weights do not know, is found when it is chosen.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.errors import UserFacingError
from core.language import _
from core.models.config import CONFIG_LIMIT, TOKENIZER_LIMIT, read_json_object
from core.models.tokenizers.special import special_of
from core.storage.files import JsonObject

_TOKENIZER_JSON_LIMIT = 200_000_000  # bytes; the largest in use have 35 MB
_SPECIAL = ("eos_token", "bos_token", "pad_token")
_USUAL_ENDS = (
    "<|endoftext|>", "<|end_of_text|>", "</s>", "<eos>", "<|im_end|>", "<｜end▁of▁sentence｜>",
    "<|eot_id|>", "<end_of_turn>",
)  # fmt: skip


def rows_of(folder: str | Path) -> int | None:
    """Return for how many tokens the weights of a model folder have a row, ``None`` if unknown."""
    return _rows(str(folder))


@lru_cache(maxsize=16)
def _rows(folder: str) -> int | None:
    config = _read(Path(folder) / "config.json", CONFIG_LIMIT)
    count = config.get("vocab_size")
    return count if isinstance(count, int) and count > 0 else None


def _read(path: Path, limit: int) -> JsonObject:
    if not path.is_file():
        return {}
    try:
        return read_json_object(path, limit)[1]
    except UserFacingError:
        return {}


def end_of_text(folder: Path) -> str:
    """Return the token that ends a text, ``""`` if the folder names none that its tokenizer has.

    Where the tokenizer's own configuration names none, the generation's and the model's are asked,
    then the tokens that usually do it.
    """
    named = _content(_read(folder / "tokenizer_config.json", TOKENIZER_LIMIT).get("eos_token"))
    if named:
        return named
    added = _added(folder)
    by_number = {number: text for text, number in added.items()}
    for file in ("generation_config.json", "config.json"):
        ends = _read(folder / file, CONFIG_LIMIT).get("eos_token_id")
        for number in ends if isinstance(ends, list) else [ends]:
            if isinstance(number, int) and number in by_number:
                return by_number[number]
    return next((text for text in _USUAL_ENDS if text in added), "")


def refuse_tokens_beyond(folder: Path, rows: int) -> None:
    """Refuse a base whose own special tokens or chat template use tokens without weights.

    Raises:
        UserFacingError: ``model.token_beyond``.
    """
    beyond = {text: number for text, number in _added(folder).items() if number >= rows}
    if not beyond:
        return
    config = _read(folder / "tokenizer_config.json", TOKENIZER_LIMIT)
    used = {_content(config.get(name)) for name in _SPECIAL}
    template = json.dumps(config.get("chat_template", ""), ensure_ascii=False)
    file = folder / "chat_template.jinja"
    if file.is_file() and file.stat().st_size <= TOKENIZER_LIMIT:
        template += file.read_text(encoding="utf-8", errors="replace")
    for text, number in beyond.items():
        if text in used or text in template:
            raise UserFacingError(
                "model.token_beyond",
                _(
                    "The tokenizer of “{name}” uses token number {number} (“{token}”), but the "
                    "model only has weights for {count:,} tokens.",
                    name=folder.name,
                    number=number,
                    token=text[:40],
                    count=rows,
                ),
                _(
                    "Download the model again, or choose another one. Its tokenizer and its "
                    "weights do not belong together."
                ),
            )


def _added(folder: Path) -> dict[str, int]:
    """Return the added tokens of a tokenizer with their numbers."""
    if not (folder / "tokenizer.json").is_file():
        return special_of(folder)
    tokens = _read(folder / "tokenizer.json", _TOKENIZER_JSON_LIMIT).get("added_tokens")
    found: dict[str, int] = {}
    for token in tokens if isinstance(tokens, list) else []:
        if isinstance(token, dict) and isinstance(token.get("id"), int):
            found[str(token.get("content", ""))] = token["id"]
    return found


def _content(token: Any) -> str:
    """Return the text of a token, which configurations write plainly or with its properties."""
    text = token.get("content") if isinstance(token, dict) else token
    return text if isinstance(text, str) else ""


def has_chat_template(files: dict[str, Path]) -> bool:
    """Return whether a model's files, by name, bring a chat template."""
    if "chat_template.jinja" in files or "chat_template.json" in files:
        return True
    if "tokenizer_config.json" not in files:
        return False
    _, value = read_json_object(files["tokenizer_config.json"], TOKENIZER_LIMIT)
    return bool(value.get("chat_template"))

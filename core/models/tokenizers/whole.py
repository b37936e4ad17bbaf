"""Where the tokenizer of a base model is: in its folder, or converted once beside the application.

A base model's own folder is never written to.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any

from core.errors import UserFacingError
from core.models.config import CONFIG_LIMIT, TOKENIZER_FILES, TOKENIZER_LIMIT, read_json_object
from core.models.tokenizers.conversion import from_sentencepiece, from_tekken
from core.models.tokenizers.special import PIECES, TEKKEN, special_of_pieces, special_of_tekken
from core.settings import application_folder
from core.storage.files import JsonObject, write_json
from core.storage.transaction import staged_folder

WHOLE = "tokenizer.json"
_CONFIG, _NAMES = "tokenizer_config.json", "special_tokens_map.json"
_FORM = 1  # of what is kept; another number makes it be converted again
_BEGINNERS = ("LlamaTokenizer", "GemmaTokenizer", "CodeLlamaTokenizer")


def tokenizer_folder(base: Path) -> Path:
    """Return the folder from which the tokenizer of a base model is loaded.

    Raises:
        ValueError: its tokenizer cannot be converted into one whose tokens are the same.
    """
    source = _source(base)
    if source is None:
        return base
    parts = [base / name for name in (source, _CONFIG, _NAMES)]
    digest = hashlib.sha256(str(_FORM).encode())
    for path in (p for p in parts if p.is_file()):
        digest.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    kept = application_folder() / "tokenizers" / digest.hexdigest()[:32]
    if not (kept / WHOLE).is_file():
        try:
            _convert(base, source, kept)
        except (OSError, UserFacingError):
            if not (kept / WHOLE).is_file():  # another process was faster
                raise
    return kept


def _source(base: Path) -> str | None:
    """Return the file to convert, ``None`` where transformers reads what is there."""
    if (base / WHOLE).is_file() or (base / "vocab.json").is_file():
        return None
    return next((name for name in (TEKKEN, PIECES) if (base / name).is_file()), None)


def _convert(base: Path, source: str, kept: Path) -> None:
    convert = from_tekken if source == TEKKEN else from_sentencepiece
    tokenizer = convert(base / source)
    config = _config(base, source)
    if _adds_first(config, source):
        _put_first(tokenizer, str(config.get("bos_token")))
    with staged_folder(kept) as staging:
        for name in TOKENIZER_FILES:
            if (base / name).is_file() and name not in (_CONFIG, PIECES, WHOLE):
                shutil.copyfile(base / name, staging / name)
        tokenizer.save(str(staging / WHOLE))
        write_json(staging / _CONFIG, config)


def _config(base: Path, source: str) -> JsonObject:
    """Return the tokenizer's configuration, with its special tokens named."""
    config = _object(base / _CONFIG, TOKENIZER_LIMIT)
    usual = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}
    special = _special(base / source)
    usual = {name: token for name, token in usual.items() if token in special}
    for name, token in {**usual, **_object(base / _NAMES, CONFIG_LIMIT)}.items():
        if name.endswith("_token") and not config.get(name):
            config[name] = token
    for name, token in config.items():
        if name.endswith("_token") and isinstance(token, dict):
            config[name] = token.get("content")
    config.setdefault("clean_up_tokenization_spaces", False)
    config["former_class"] = config.get("tokenizer_class")
    config["tokenizer_class"] = "PreTrainedTokenizerFast"
    return config


def _object(path: Path, limit: int) -> JsonObject:
    return dict(read_json_object(path, limit)[1]) if path.is_file() else {}


def _special(path: Path) -> dict[str, int]:
    return special_of_tekken(path) if path.name == TEKKEN else special_of_pieces(path)


def _adds_first(config: JsonObject, source: str) -> bool:
    """Whether every text begins with the first token, as the former class of a file has it."""
    if not config.get("bos_token"):
        return False
    if (said := config.get("add_bos_token")) is not None:
        return bool(said)
    former = str(config.get("former_class") or "LlamaTokenizer").removesuffix("Fast")
    return source == TEKKEN or former in _BEGINNERS


def _put_first(tokenizer: Any, first: str) -> None:
    from tokenizers import processors

    if (number := tokenizer.token_to_id(first)) is None:
        return
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{first} $A", pair=f"{first} $A $B:1", special_tokens=[(first, number)]
    )

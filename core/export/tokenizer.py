"""What the export says about text: the base's own tokenizer files, the template, the end tokens.

The base's files are copied as they are, since saving a tokenizer again writes what only the library
that saved it can read. Two things are added: the chat template that was trained with, where the
base's files hold another or none, and the tokens at which answers end.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from core.chat.template import template_text
from core.models.config import TOKENIZER_FILES
from core.models.tokenizers.whole import tokenizer_folder
from core.storage.files import JsonObject, read_json, write_json, write_text

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

GENERATION = "generation_config.json"
_CONFIG = "tokenizer_config.json"
_TEMPLATE = "chat_template.jinja"
# Its name in transformers 4; transformers 5 reads both and writes one that version 4 cannot read.
_ANY_FAST, _ONLY_NEW = "PreTrainedTokenizerFast", "TokenizersBackend"


def write_tokenizer(base: Path, tokenizer: PreTrainedTokenizerBase, folder: Path) -> None:
    """Write everything that turns a conversation into tokens.

    Args:
        base: folder of the base model.
        tokenizer: as it was trained with, with its chat template.
    """
    base = tokenizer_folder(base)
    for name in TOKENIZER_FILES:
        if (base / name).is_file():
            shutil.copyfile(base / name, folder / name)
    _make_readable(folder / _CONFIG, tokenizer)
    _name_tokens(folder, tokenizer)
    template = template_text(tokenizer)
    if template != _template_of(folder):
        write_text(folder / _TEMPLATE, template)


def _make_readable(path: Path, tokenizer: PreTrainedTokenizerBase) -> None:
    """Name a class that transformers 4 and 5 know, where the base's file names none such.

    Without a class transformers asks for the model's config, which an adapter does not have.
    """
    before: JsonObject = read_json(path) if path.is_file() else _special_tokens(tokenizer)
    config = dict(before)
    if not _is_known(config.get("tokenizer_class")):
        name = type(tokenizer).__name__
        config["tokenizer_class"] = name if _is_known(name) else _ANY_FAST
    extra = config.get("extra_special_tokens")
    if isinstance(extra, list):  # version 4 knows names for them only
        del config["extra_special_tokens"]
        config.setdefault("additional_special_tokens", extra)
    if config != before or not path.is_file():
        write_text(path, json.dumps(config, ensure_ascii=False, indent=2) + "\n")


def _name_tokens(folder: Path, tokenizer: PreTrainedTokenizerBase) -> None:
    """Name first and last token of a text where the base's files do not: the template writes them.

    What the files do name stays.
    """
    from transformers import AutoTokenizer

    plain = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
    names = ("bos_token", "eos_token")
    missing = {name: getattr(tokenizer, name) for name in names if getattr(plain, name) is None}
    missing = {name: str(token) for name, token in missing.items() if token is not None}
    if missing:
        config = {**read_json(folder / _CONFIG), **missing}
        write_text(folder / _CONFIG, json.dumps(config, ensure_ascii=False, indent=2) + "\n")


def _is_known(name: object) -> bool:
    import transformers

    return isinstance(name, str) and name != _ONLY_NEW and hasattr(transformers, name)


def _special_tokens(tokenizer: PreTrainedTokenizerBase) -> JsonObject:
    names = ("bos_token", "eos_token", "unk_token", "pad_token")
    tokens = {name: getattr(tokenizer, name, None) for name in names}
    return {name: str(token) for name, token in tokens.items() if token}


def _template_of(folder: Path) -> str:
    """The template that a reader of the copied files would take, ``""`` for none."""
    if (folder / _TEMPLATE).is_file():
        return (folder / _TEMPLATE).read_text(encoding="utf-8")
    stored = read_json(folder / _CONFIG).get("chat_template")
    if isinstance(stored, list):  # several with names
        named = {str(one.get("name")): one.get("template") for one in stored}
        stored = named.get("default")
    return stored if isinstance(stored, str) else ""


def write_generation(folder: Path, ends: list[int], tokenizer: PreTrainedTokenizerBase) -> None:
    """Write where answers end: the base's own settings may know another end than the learned one.

    Nothing else of the base's settings is taken over; what was compared was answered without.
    """
    values: JsonObject = {"eos_token_id": ends, "do_sample": False}
    for name in ("bos_token_id", "pad_token_id"):
        if (number := getattr(tokenizer, name, None)) is not None:
            values[name] = number
    write_json(folder / GENERATION, values)

"""Oddities of real bases' tokenizer files, each as a change of a sound model folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Change = Callable[[Path], None]
CONFIG = "tokenizer_config.json"
TEMPLATE = "chat_template.jinja"


def edited(name: str = CONFIG, **values: Any) -> Change:
    """Return the change that sets entries of a JSON file; ``None`` takes one away."""

    def change(base: Path) -> None:
        path = base / name
        before = json.loads(path.read_text()) if path.is_file() else {}
        after = {key: value for key, value in {**before, **values}.items() if value is not None}
        path.write_text(json.dumps(after))

    return change


def without(name: str) -> Change:
    """Return the change that takes a file away."""
    return lambda base: (base / name).unlink()


def _named_templates(base: Path) -> None:
    template = (base / TEMPLATE).read_text()
    (base / TEMPLATE).unlink()
    named = [{"name": "default", "template": template}, {"name": "tool_use", "template": "T"}]
    edited(chat_template=named)(base)


def _template_in_config(base: Path) -> None:
    template = (base / TEMPLATE).read_text()
    (base / TEMPLATE).unlink()
    edited(chat_template=template)(base)


def _another_end(base: Path) -> None:
    """A base, not an instruct model: ChatML is its template, but its own end is another token."""
    named = {"additional_special_tokens": ["<|im_start|>", "<|im_end|>"], "bos_token": None}
    edited(eos_token="<|endoftext|>", pad_token="<|endoftext|>", **named)(base)
    edited("config.json", eos_token_id=0, bos_token_id=0)(base)
    edited("generation_config.json", eos_token_id=0, bos_token_id=0, pad_token_id=0)(base)


ODD_BASES: dict[str, Change] = {
    "as it is": lambda base: None,
    "class of both versions": edited(tokenizer_class="PreTrainedTokenizerFast"),
    "class of nobody": edited(tokenizer_class="MysteryTokenizerFast"),
    "no class": edited(tokenizer_class=None),
    "list of further special tokens": edited(extra_special_tokens=["<|im_start|>", "<|im_end|>"]),
    "no template": without(TEMPLATE),
    "no tokenizer_config": without(CONFIG),
    "templates with names": _named_templates,
    "template in the config": _template_in_config,
    "another end": _another_end,
    "no special tokens named": edited(eos_token=None, bos_token=None, pad_token=None),
    "several ends": edited("generation_config.json", eos_token_id=[0, 2], num_beams=3),
}

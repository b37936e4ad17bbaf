"""The adapter's own two files, as every version of peft reads them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from core.models.lora import CONFIG, WEIGHTS
from core.storage.files import JsonObject, read_json, write_text

# Older versions take the usual value for what is not stored, and may not know what is.
_ALWAYS = frozenset(
    {
        "base_model_name_or_path",
        "bias",
        "inference_mode",
        "lora_alpha",
        "lora_dropout",
        "peft_type",
        "r",
        "target_modules",
        "task_type",
    }
)


def write_adapter(best: Path, base_name: str, folder: Path) -> None:
    """Copy the adapter in ``best``; its config names the base, not a folder of this computer."""
    shutil.copyfile(best / WEIGHTS, folder / WEIGHTS)
    usual = _usual_values()
    stored: JsonObject = read_json(best / CONFIG)
    kept = {k: v for k, v in stored.items() if k in _ALWAYS or v != usual.get(k, v)}
    kept["base_model_name_or_path"] = base_name
    write_text(folder / CONFIG, json.dumps(kept, indent=2, sort_keys=True) + "\n")


def _usual_values() -> JsonObject:
    from peft import LoraConfig

    usual: JsonObject = json.loads(json.dumps(LoraConfig().to_dict(), default=sorted))
    return usual

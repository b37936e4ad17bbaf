"""The JSON files of a model folder: size-limited, validated, and refused where they name code."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import UserFacingError
from core.language import N_, _, ngettext
from core.models.families.table import is_native
from core.storage.files import JsonObject, explained_io
from core.storage.ordinary import open_to_read

SUPPORTED = {
    "LlamaForCausalLM": N_("Llama and SmolLM"),
    "MistralForCausalLM": "Mistral",
    "Qwen2ForCausalLM": N_("Qwen 2 and 2.5"),
    "Qwen3ForCausalLM": "Qwen 3",
    "GemmaForCausalLM": "Gemma",
    "Gemma2ForCausalLM": "Gemma 2",
    "Gemma3ForCausalLM": N_("Gemma 3 (text only)"),
    "Phi3ForCausalLM": N_("Phi 3 and 4"),
}
BY_BITSANDBYTES = "bitsandbytes 4-bit"
CONFIG_LIMIT = 2_000_000  # bytes; real configs have a few thousand
TOKENIZER_LIMIT = 30_000_000  # bytes of a tokenizer_config.json with every added token
TOKENIZER_FILES = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "tokenizer.model",
    "vocab.json",
    "vocab.txt",
    "merges.txt",
    "chat_template.jinja",
)
_LONG_JSON = frozenset(
    {"tokenizer.json", "vocab.json", "tekken.json"}
)  # data only; no library reads code there

_Size = Annotated[int, Field(ge=1, le=10_000_000)]


class ModelConfig(BaseModel):
    """The entries of ``config.json`` that matter here, with bounds against absurd values."""

    model_config = ConfigDict(extra="ignore")

    architectures: list[str] = Field(default_factory=list)
    model_type: str = ""
    hidden_size: _Size
    num_hidden_layers: _Size
    num_attention_heads: _Size
    num_key_value_heads: _Size | None = None
    head_dim: _Size | None = None
    intermediate_size: _Size
    vocab_size: _Size
    max_position_embeddings: Annotated[int, Field(ge=1, le=1_000_000_000)] = 2048
    tie_word_embeddings: bool | None = None
    attention_bias: bool | None = None
    mlp_bias: bool | None = None
    quantization_config: JsonObject | None = None


def read_json_object(path: Path, limit: int) -> tuple[bytes, JsonObject]:
    """Return the bytes and the object of a JSON file of at most ``limit`` bytes.

    Raises:
        UserFacingError: ``model.broken_config``.
    """
    with explained_io(path), open_to_read(path, follow=True) as stream:
        raw = stream.read(limit + 1)
    try:
        if len(raw) > limit:
            raise ValueError(f"larger than {limit} bytes")
        value = json.loads(raw)
        if not isinstance(value, dict):
            raise TypeError("not an object")
    except (ValueError, TypeError, RecursionError) as error:
        raise broken_config(path, str(error)) from error
    return raw, value


def broken_config(path: Path, details: str) -> UserFacingError:
    """Return the error for a JSON file that cannot be used."""
    return UserFacingError(
        "model.broken_config",
        _("The model's file “{name}” is broken.", name=path.name),
        _("Download the model again, or choose another one."),
        f"{path}: {details}",
    )


def refuse_custom_code(folder: Path, files: dict[str, Path]) -> None:
    """Refuse a model that only program files in its folder, or named by it, could load.

    Where transformers has a class of its own for the model, that one is taken: program files are
    never looked at, nor is an ``auto_map`` that names some.

    Raises:
        UserFacingError: ``model.custom_code``.
    """
    programs = [name for name in files if name.lower().endswith(".py")]
    found, native = [], False
    for name, path in files.items():
        if path.suffix != ".json" or name in _LONG_JSON or name.endswith(".index.json"):
            continue
        value = read_json_object(path, TOKENIZER_LIMIT)[1]
        if _code_maps(value):
            found.append(name)
        if name == "config.json":
            native = _is_librarys_own(value)
    if (found or programs) and not native:
        raise UserFacingError(
            "model.custom_code",
            _(
                "“{name}” comes with its own program code, which would run on this computer.",
                name=folder.name,
            ),
            _("Choose a model that needs no code of its own."),
            ", ".join(programs + found),
        )


def _is_librarys_own(config: JsonObject) -> bool:
    """Whether transformers has a class of its own for such a model."""
    named = config.get("architectures")
    model_type = str(config.get("model_type", ""))
    return isinstance(named, list) and any(is_native(model_type, str(one)) for one in named)


def _code_maps(value: Any) -> list[Any]:
    """Look for ``auto_map`` through all levels, without recursion: the nesting is a stranger's."""
    waiting, found = [value], []
    while waiting:
        entry = waiting.pop()
        if isinstance(entry, dict):
            if "auto_map" in entry:
                found.append(entry["auto_map"])
            waiting.extend(entry.values())
        elif isinstance(entry, list):
            waiting.extend(entry)
    return found


def parse_config(path: Path, value: JsonObject) -> ModelConfig:
    """Validate the content of the ``config.json`` of a family that is known in detail.

    Raises:
        UserFacingError: ``model.unsupported`` or ``model.broken_config``.
    """
    architectures = value.get("architectures")
    known = isinstance(architectures, list) and any(a in SUPPORTED for a in map(str, architectures))
    if architectures and not known:  # foreign families lack these entries: name the family instead
        raise unsupported(str(architectures[0]) if isinstance(architectures, list) else "?")
    try:
        return ModelConfig.model_validate(value)
    except ValidationError as error:
        raise broken_config(path, str(error)) from error


def open_architecture(value: JsonObject) -> str:
    """Return the class of a model that is trained as transformers computes it.

    It is ``""`` for the families that are known in detail.

    Raises:
        UserFacingError: ``model.unsupported``; transformers has no class for it.
    """
    named = value.get("architectures")
    architectures = [str(one) for one in named] if isinstance(named, list) else []
    if any(one in SUPPORTED for one in architectures):
        return ""
    model_type = str(value.get("model_type", ""))
    for one in architectures:
        if is_native(model_type, one):
            return one
    raise unsupported(next(iter(architectures), model_type or "unknown"))


def architecture_of(config: ModelConfig) -> str:
    """Return the first supported architecture that the config names.

    Raises:
        UserFacingError: ``model.unsupported``.
    """
    for name in config.architectures:
        if name in SUPPORTED:
            return name
    raise unsupported(config.model_type or "unknown")


def unsupported(name: str, what: str = "") -> UserFacingError:
    """Return the error for a model that cannot be trained.

    Args:
        name: of its class or family.
        what: why, where that is known.
    """
    return UserFacingError(
        "model.unsupported",
        what or _("Models of the type “{type}” cannot be trained here.", type=name[:80]),
        _(
            "Choose a model of one of these families: {families}.",
            families=", ".join(_(name) for name in SUPPORTED.values()),
        ),
    )


def quantisation_of(packed: JsonObject | None) -> str:
    """Return how the weights are packed, ``""`` for ordinary ones.

    Args:
        packed: the config's ``quantization_config``.

    Raises:
        UserFacingError: ``model.quantised`` for packings that cannot be trained on.
    """
    if not packed:
        return ""
    method = str(packed.get("quant_method", "unknown"))[:40]
    if method == "bitsandbytes" and packed.get("load_in_4bit"):
        return BY_BITSANDBYTES
    if unpacked := stored_format(packed):
        return unpacked
    raise UserFacingError(
        "model.quantised",
        _(
            "This model is already quantised ({method}) and cannot be trained in this form.",
            method=method,
        ),
        _("Choose the original, unquantised version."),
    )


def stored_format(packed: Any) -> str:
    """Return ``"FP8"`` or ``"MXFP4"`` where a config's ``quantization_config`` names one of them.

    Such weights are unpacked when they are loaded. ``""`` for any other.
    """
    method = packed.get("quant_method") if isinstance(packed, dict) else None
    return {"fp8": "FP8", "mxfp4": "MXFP4"}.get(str(method), "")


def weight_paths(folder: Path, files: dict[str, Path]) -> list[Path]:
    """Return the safetensors files that are loaded: one, or those that the index names.

    Others in the folder (another layout of the same weights, an adapter) are not looked at.

    Raises:
        UserFacingError: ``model.incomplete``, ``model.no_weights`` or ``model.broken_config``.
    """
    index = files.get("model.safetensors.index.json")
    if "model.safetensors" in files:
        return [files["model.safetensors"]]
    if index is None:
        raise UserFacingError(
            "model.no_weights",
            _("The weights in “{name}” have a file name that cannot be loaded.", name=folder.name),
            _("Choose a folder with “model.safetensors”, or with parts and their index file."),
            ", ".join(name for name in files if name.endswith(".safetensors")),
        )
    weight_map = _weight_map(index)
    names = sorted({str(name) for name in weight_map.values()})
    missing = [name for name in names if name not in files]
    if missing:
        raise UserFacingError(
            "model.incomplete",
            ngettext(
                "{count:,} of {total:,} weight files is missing in “{name}”.",
                "{count:,} of {total:,} weight files are missing in “{name}”.",
                len(missing),
                total=len(names),
                name=folder.name,
            ),
            _("Download the model again, or continue the download."),
            ", ".join(missing),
        )
    return [files[name] for name in names]


def _weight_map(index: Path) -> JsonObject:
    """The index's own table: which file holds which tensor.

    Raises:
        UserFacingError: ``model.broken_config``; there is none, or it names a tensor twice.
    """
    raw, value = read_json_object(index, TOKENIZER_LIMIT)
    weight_map = value.get("weight_map")
    if not isinstance(weight_map, dict) or not weight_map:
        raise broken_config(index, "no weight_map")  # not shown: technical details
    twice: list[str] = []

    def once(pairs: list[tuple[str, Any]]) -> JsonObject:
        counts = Counter(name for name, _ in pairs)
        twice.extend(name for name, count in counts.items() if count > 1)
        return dict(pairs)

    json.loads(raw, object_pairs_hook=once)
    if twice:
        names = ", ".join(sorted(twice)[:20])
        raise broken_config(index, f"named twice: {names}")  # not shown: technical details
    return weight_map

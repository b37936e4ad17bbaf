"""What is in a model folder, found without loading it and without running anything of it.

Only JSON files of limited size and the headers of safetensors files are read. A folder whose
weights are pickles or that brings its own program code is refused, because loading it would run a
stranger's code.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core.errors import UserFacingError
from core.language import _
from core.models.config import (
    BY_BITSANDBYTES,
    CONFIG_LIMIT,
    SUPPORTED,
    ModelConfig,
    architecture_of,
    open_architecture,
    parse_config,
    quantisation_of,
    read_json_object,
    refuse_custom_code,
    unsupported,
    weight_paths,
)
from core.models.families.layout import is_mixture, shape_of, text_config
from core.models.families.table import has_known_experts, needs_all_scores
from core.models.licence import licence_of
from core.models.origin import read_origin
from core.models.shape import ModelShape
from core.models.stored.formats import as_unpacked
from core.models.tensors import refuse_other_tensors, refuse_twice, shares_embedding
from core.models.vocabulary import end_of_text, has_chat_template, refuse_tokens_beyond
from core.models.weights import (
    Tensor,
    WeightFile,
    fingerprint,
    main_dtype,
    read_header,
    weights_hash,
)
from core.storage.files import JsonObject, explained_io, leads_out

__all__ = ["SUPPORTED", "ModelFacts", "inspect_model", "weights_hash"]

_PICKLES = frozenset({".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle"})
_TOKENIZERS = ("tokenizer.json", "tokenizer.model", "tekken.json", "vocab.json")


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """Everything the application wants to know about a base model before loading it.

    Attributes:
        name: the folder's name, or the hub name inside a hub cache.
        dtype: of most weights, in torch's spelling (``"bfloat16"``).
        end: the token that ends a text, ``""`` if none is known.
        licence: identifier as on the hub (``"apache-2.0"``) or ``"unknown"``.
        quantisation: ``""`` for ordinary weights, ``"bitsandbytes 4-bit"`` for packed ones; those
            in ``"FP8"`` or ``"MXFP4"`` are unpacked when they are loaded.
        size_bytes: of all files directly in the folder.
        fingerprint: SHA-256 over config, weight headers and file sizes.
        weight_files: names of the files that hold the weights, for :func:`weights_hash`.
    """

    folder: Path
    name: str
    architecture: str
    model_type: str
    shape: ModelShape
    dtype: str
    licence: str
    has_chat_template: bool
    end: str
    quantisation: str
    size_bytes: int
    fingerprint: str
    weight_files: tuple[str, ...]

    @property
    def parameters(self) -> int:
        """All weights."""
        return self.shape.total_parameters


def inspect_model(folder: Path, sizes: Mapping[str, int] | None = None) -> ModelFacts:
    """Look into a model folder.

    Args:
        sizes: of the whole files, where the folder holds only what is read of them.

    Raises:
        UserFacingError: the folder holds no usable base model (codes ``model.not_found``,
            ``model.pickle``, ``model.no_weights``, ``model.is_adapter``, ``model.gguf``,
            ``model.custom_code``, ``model.unsupported``, ``model.broken_config``,
            ``model.damaged``, ``model.incomplete``, ``model.mismatch``, ``model.no_tokenizer``,
            ``model.quantised``, ``model.link_outside``, ``model.token_beyond``).
    """
    files = _list_files(folder)
    _refuse_without_weights(folder, files)
    raw_config, config_json = read_json_object(files["config.json"], CONFIG_LIMIT)
    refuse_custom_code(folder, files)
    sizes = sizes or {name: path.stat().st_size for name, path in files.items()}
    family = (_of_open_family if open_architecture(config_json) else _of_known_family)(
        folder, files, config_json, sizes
    )
    tensors = {name: t for file in family.weight_files for name, t in file.tensors.items()}
    return ModelFacts(
        folder=folder,
        name=_display_name(folder),
        architecture=family.architecture,
        model_type=family.model_type,
        shape=family.shape,
        dtype=main_dtype(tensors),
        licence=licence_of(folder, config_json),
        has_chat_template=has_chat_template(files),
        end=end_of_text(folder),
        quantisation=family.quantisation,
        size_bytes=sum(sizes.values()),
        fingerprint=fingerprint(raw_config, family.weight_files),
        weight_files=tuple(file.path.name for file in family.weight_files),
    )


@dataclass(frozen=True, slots=True)
class _Family:
    """What config and weights' headers together tell of a model."""

    architecture: str
    model_type: str
    shape: ModelShape
    quantisation: str
    weight_files: list[WeightFile]


def _of_known_family(
    folder: Path, files: dict[str, Path], config_json: JsonObject, sizes: Mapping[str, int]
) -> _Family:
    """One whose every tensor is known from the config."""
    config = parse_config(files["config.json"], config_json)
    architecture = architecture_of(config)
    quantisation = quantisation_of(config.quantization_config)
    weight_files, packed = _weights(folder, files, config.vocab_size, sizes, quantisation)
    refuse_other_tensors(_display_name(folder), config, weight_files, packed=packed)
    tensors = {name: t for file in weight_files for name, t in file.tensors.items()}
    shape = _shape(config, tensors, packed=packed)
    return _Family(architecture, config.model_type, shape, quantisation, weight_files)


def _of_open_family(
    folder: Path, files: dict[str, Path], config_json: JsonObject, sizes: Mapping[str, int]
) -> _Family:
    """One that transformers knows: its layers are counted, and compared when they are loaded."""
    architecture, text = open_architecture(config_json), text_config(config_json)
    given = config_json.get("quantization_config") or text.get("quantization_config")
    quantisation = quantisation_of(given if isinstance(given, dict) else None)
    model_type = str(text.get("model_type") or config_json.get("model_type"))
    weight_files, packed = _weights(folder, files, 0, sizes, quantisation)
    tensors = {name: t for file in weight_files for name, t in file.tensors.items()}
    refuse_twice(_display_name(folder), weight_files)
    names = model_type, str(config_json.get("model_type"))
    if is_mixture(tensors) and not any(map(has_known_experts, names)):
        what = _("“{name}” is a mixture of experts, which cannot be trained here yet.",
                 name=_display_name(folder))  # fmt: skip
        raise unsupported(architecture, what)
    try:
        shape = shape_of(text, model_type, tensors, packed=packed)
    except ValueError as error:
        raise _other_layout(_display_name(folder), str(error)) from error
    refuse_tokens_beyond(folder, shape.vocab_size)
    return _Family(architecture, model_type, shape, quantisation, weight_files)


def _weights(
    folder: Path, files: dict[str, Path], tokens: int, sizes: Mapping[str, int], quantisation: str
) -> tuple[list[WeightFile], bool]:
    """Return the headers of the weights, and whether they are in the 4 bits of bitsandbytes.

    Args:
        tokens: how many the config names, 0 if unknown.
        quantisation: how the weights are stored; what is unpacked when loaded counts as unpacked.
    """
    if not any(name in files for name in _TOKENIZERS):
        raise _no_tokenizer(folder)
    if tokens:
        refuse_tokens_beyond(folder, tokens)
    found = [read_header(path, sizes.get(path.name)) for path in weight_paths(folder, files)]
    packed = quantisation == BY_BITSANDBYTES
    return (as_unpacked(found) if quantisation and not packed else found), packed


def _other_layout(name: str, details: str) -> UserFacingError:
    return UserFacingError(
        "model.mismatch",
        _("The weights of “{name}” are not the ones that its “config.json” describes.", name=name),
        _("Download the model again, or choose another one."),
        details,
    )


def _list_files(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        raise UserFacingError(
            "model.not_found",
            _("There is no folder “{folder}”.", folder=str(folder)),
            _("Choose the folder that contains the model's “config.json”."),
        )
    with explained_io(folder):
        paths = sorted(folder.iterdir())
        _refuse_links_out(folder, paths)
        return {path.name: path for path in paths if path.is_file()}


def _refuse_links_out(folder: Path, paths: list[Path]) -> None:
    """The hub's cache links to its own blobs; any other link leads to what is not the model's."""
    home = next((p for p in folder.parents if p.name.startswith("models--")), folder)
    outside = [path.name for path in paths if path.is_symlink() and leads_out(path, home)]
    if outside:
        raise UserFacingError(
            "model.link_outside",
            _(
                "“{name}” in “{folder}” is only a link to a file outside the folder.",
                name=outside[0],
                folder=folder.name,
            ),
            _("If you trust it, put the file itself into the folder."),
            ", ".join(outside),
        )


def _refuse_without_weights(folder: Path, files: dict[str, Path]) -> None:
    suffixes = {path.suffix.lower() for path in files.values()}
    if "adapter_config.json" in files:
        raise UserFacingError(
            "model.is_adapter",
            _("“{name}” is an adapter, an addition to a base model.", name=folder.name),
            _base_of_adapter(files["adapter_config.json"]),
        )
    if ".safetensors" in suffixes and "config.json" in files:
        return
    if ".safetensors" not in suffixes and suffixes & _PICKLES:
        raise UserFacingError(
            "model.pickle",
            _(
                "“{name}” stores its weights in a format that can hide harmful programs.",
                name=folder.name,
            ),
            _("Choose a version of this model with “.safetensors” files."),
            ", ".join(n for n, p in files.items() if p.suffix.lower() in _PICKLES),
        )
    if ".gguf" in suffixes:
        raise UserFacingError(
            "model.gguf",
            _(
                "“{name}” contains a GGUF file, which is made for using a model, not for training.",
                name=folder.name,
            ),
            _("Choose the original version of this model, with “.safetensors” files."),
        )
    lacks_config = ".safetensors" in suffixes
    raise UserFacingError(
        "model.no_weights",
        _("There is no complete model in “{folder}”: “config.json” is missing.", folder=str(folder))
        if lacks_config
        else _(
            "There is no complete model in “{folder}”: the “.safetensors” weights are missing.",
            folder=str(folder),
        ),
        _("Choose the folder that contains “config.json” and the “.safetensors” files."),
    )


def _base_of_adapter(config: Path) -> str:
    """Say which base model to choose, by its name where the adapter tells it."""
    with suppress(UserFacingError):
        base = read_json_object(config, CONFIG_LIMIT)[1].get("base_model_name_or_path")
        if isinstance(base, str) and base:
            return _("Choose the base model that it belongs to: {base}.", base=base[:200])
    return _("Choose the folder of the base model itself.")


def _no_tokenizer(folder: Path) -> UserFacingError:
    return UserFacingError(
        "model.no_tokenizer",
        _("“{name}” has no tokenizer file.", name=folder.name),
        _("Download the model again with all of its files, “tokenizer.json” among them."),
    )


def _shape(config: ModelConfig, tensors: dict[str, Tensor], *, packed: bool) -> ModelShape:
    """Dimensions from the config; counts from the tensors where they are stored unpacked."""
    shape = ModelShape.from_dimensions(
        hidden_size=config.hidden_size,
        layers=config.num_hidden_layers,
        heads=config.num_attention_heads,
        kv_heads=config.num_key_value_heads or config.num_attention_heads,
        head_dim=config.head_dim or 0,
        ffn_size=config.intermediate_size,
        vocab_size=config.vocab_size,
        context_length=config.max_position_embeddings,
        tied_embeddings=shares_embedding(config),
        head_norms=any(name.endswith(".q_norm.weight") for name in tensors),
        post_norms=any(name.endswith(".post_feedforward_layernorm.weight") for name in tensors),
        all_scores=needs_all_scores(config.model_type),
    )
    if packed:
        return shape
    return _counted(shape, tensors)


def _counted(shape: ModelShape, tensors: dict[str, Tensor]) -> ModelShape:
    """Replace worked-out counts by those of the stored tensors (fused linears, biases)."""
    linears = [t for name, t in tensors.items() if _is_block_linear(name, t)]
    linear = sum(tensor.size for tensor in linears)
    head = 0 if shape.tied_embeddings else tensors["lm_head.weight"].size
    stored = sum(t.size for name, t in tensors.items() if name != "lm_head.weight")
    return dataclasses.replace(
        shape,
        linear_parameters=linear,
        head_parameters=head,
        norm_parameters=stored - linear - shape.embedding_parameters,
        linear_widths=sum(sum(tensor.shape) for tensor in linears),
        largest_linear=max(tensor.size for tensor in linears),
    )


def _is_block_linear(name: str, tensor: Tensor) -> bool:
    return ".layers." in name and len(tensor.shape) == 2


def _display_name(folder: Path) -> str:
    """``models--ORG--NAME/snapshots/HASH`` of a hub cache is ``ORG/NAME``; else the folder's.

    A download is called as on the hub.
    """
    if (origin := read_origin(folder)) is not None:
        return origin.repo
    for part in reversed(folder.parts):
        if part.startswith("models--"):
            return part.removeprefix("models--").replace("--", "/", 1)
    return folder.resolve().name

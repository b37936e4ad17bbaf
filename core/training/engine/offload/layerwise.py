"""Loads a base model that is larger than the card, one tensor after the other.

A weight is read from its file, packed into 4 bits on the card, and goes to the host's memory if its
layer will be streamed: neither the card nor the host ever holds more than the packed model and one
weight.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bitsandbytes as bnb
import torch
from torch import Tensor, nn

from core.errors import UserFacingError
from core.language import _
from core.models.config import stored_format
from core.models.loading import (
    attention_of,
    load_config,
    never_repack,
    nf4_config,
    only_tokens,
)
from core.models.stored.formats import is_scale, scale_names
from core.models.stored.reading import fp8
from core.training.engine.offload.weight_stream import (
    LOADED,
    Packed,
    linear_weights,
    stored_tensors,
)

if TYPE_CHECKING:
    from transformers import PreTrainedModel

_INDEX = "model.safetensors.index.json"
_LAYER = "model.layers."


def load_layerwise(
    folder: Path,
    quantisation: str,
    device: str,
    streams: Callable[[int], bool],
    *,
    host_embedding: bool = False,
) -> PreTrainedModel:
    """Return the base model, frozen, with some layers' weights in the host's memory.

    Args:
        folder: a model folder that ``inspect_model`` accepts, with safetensors files.
        quantisation: ``"nf4"`` or ``"none"``.
        device: where everything else is.
        streams: whether the linear weights of layer i stay on the host.
        host_embedding: whether the token embedding does, unless the output head shares it.

    Raises:
        UserFacingError: the files do not hold the model that the configuration describes.
    """
    never_repack()
    model = _skeleton(folder, quantisation)
    _make_buffers(model, device)
    tied = bool(model.config.tie_word_embeddings)
    files = _Files(folder)
    missing = Counter(_streamed_layer(name, streams) for name in files.weights())
    for name in files.weights():
        layer = _streamed_layer(name, streams)
        away = layer is not None
        away |= name == "model.embed_tokens.weight" and host_embedding and not tied
        _place(model, name, files, torch.device(device), away=away)
        missing[layer] -= 1
        if layer is not None and not missing[layer]:
            _let_wait(model.model.layers[layer], layer, device)
    model.tie_weights()
    _check_complete(model, folder)
    return model.requires_grad_(False).eval()


def _streamed_layer(name: str, streams: Callable[[int], bool]) -> int | None:
    """The layer that will be streamed with this weight, ``None`` for weights that stay."""
    layer = _layer_of(name)
    return layer if name.endswith("proj.weight") and layer is not None and streams(layer) else None


def _let_wait(module: nn.Module, layer: int, device: str) -> None:
    """Move a layer's weights to where they will wait, before the next one takes memory."""
    packed = Packed.of(layer, linear_weights(module), pin=torch.device(device).type == "cuda")
    setattr(module, LOADED, packed)


def _skeleton(folder: Path, quantisation: str) -> Any:
    """The model without any memory; its 4-bit layers are waiting for their weights."""
    from transformers import AutoModelForCausalLM, GenerationConfig
    from transformers.integrations import replace_with_bnb_linear

    config = load_config(folder)
    given = getattr(config, "quantization_config", None)
    packed = given is not None and not stored_format(given)
    if given is not None:
        del config.quantization_config
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(
            config, dtype=torch.bfloat16, attn_implementation=attention_of(config)
        )
    model.config.use_cache = False
    if (folder / "generation_config.json").is_file():
        stored = GenerationConfig.from_pretrained(str(folder))
        model.generation_config = only_tokens(stored)
    if packed or quantisation == "nf4":
        model = replace_with_bnb_linear(
            model, modules_to_not_convert=["lm_head"], quantization_config=nf4_config()
        )
        model.is_loaded_in_4bit = True  # peft asks for it
        model.is_quantized = True
    return model


def _layer_of(name: str) -> int | None:
    return int(name.removeprefix(_LAYER).split(".")[0]) if name.startswith(_LAYER) else None


class _Files:
    """The safetensors files of a folder: which tensors they hold, and each when it is asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[str, Any] = {}
        self.places = self._index()

    def _index(self) -> dict[str, str]:
        path = self._folder / _INDEX
        if path.is_file() and not (self._folder / "model.safetensors").is_file():
            places: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))["weight_map"]
            return places
        single = self._folder / "model.safetensors"  # what lies beside it is not loaded
        names = [single.name] if single.is_file() else []
        return {key: name for name in names for key in self._file(name).keys()}  # noqa: SIM118

    def _file(self, name: str) -> Any:
        if name not in self._open:
            from safetensors import safe_open

            self._open[name] = safe_open(str(self._folder / name), framework="pt")
        return self._open[name]

    def weights(self) -> Iterator[str]:
        """Names of parameters, file by file; what belongs to a 4-bit weight is not one."""
        parts = {key for key in self.places if ".weight." in key or is_scale(key)}
        yield from sorted(set(self.places) - parts, key=lambda key: (self.places[key], key))

    def parts_of(self, name: str) -> dict[str, Tensor]:
        """Scales [blocks] and description of a stored 4-bit weight; empty for an ordinary one."""
        found = [key for key in self.places if key.startswith(f"{name}.")]
        return {key: self.read(key) for key in found}

    def read(self, name: str) -> Tensor:
        """Read one tensor into the host's memory, with [shape] and type as stored.

        Weights in 8 bits are unpacked to 16.
        """
        tensor: Tensor = self._file(self.places[name]).get_tensor(name)
        scales = next((n for n in scale_names(name) if n in self.places), None)
        if scales is None or tensor.element_size() > 1:
            return tensor
        return fp8(tensor, self._file(self.places[scales]).get_tensor(scales))


def _place(model: Any, name: str, files: _Files, device: torch.device, *, away: bool) -> None:
    """Give one parameter its values."""
    owner, _, attribute = name.rpartition(".")
    try:
        module = model.get_submodule(owner)
    except AttributeError:
        return  # a stored tensor that this architecture does not use
    tensor = files.read(name)
    if isinstance(module, bnb.nn.Linear4bit) and attribute == "weight":
        module.weight = _packed(tensor, files.parts_of(name), device, module)
        if away:
            for holder, part in stored_tensors([module.weight]):
                setattr(holder, part, getattr(holder, part).cpu())
        return
    values = tensor.to("cpu" if away else device, torch.bfloat16)
    setattr(module, attribute, nn.Parameter(values, requires_grad=False))


def _packed(
    tensor: Tensor, parts: dict[str, Tensor], device: torch.device, module: Any
) -> bnb.nn.Params4bit:
    """Return a weight [N, K] in 4 bits: packed here, or put together from its stored ``parts``."""
    if parts:
        return bnb.nn.Params4bit.from_prequantized(
            tensor, quantized_stats=parts, device=device, module=module
        )
    wide = bnb.nn.Params4bit(
        tensor.to(torch.bfloat16), quant_type="nf4", compress_statistics=True, module=module
    )
    return wide.to(device)


def _make_buffers(model: Any, device: str) -> None:
    """Compute what no file holds: rotary frequencies, and the scale of some embeddings.

    transformers gives buffers their values together with parameters, which must therefore still be
    without memory here.
    """
    for module in model.modules():
        computed = [name for name, _ in module.named_buffers(recurse=False)]
        for name in computed:
            missing = torch.full_like(module._buffers[name], torch.nan, device=device)
            module._buffers[name] = missing
        if computed:
            model._init_weights(module)


def _check_complete(model: nn.Module, folder: Path) -> None:
    missing = [name for name, tensor in model.named_parameters() if tensor.is_meta]
    missing += [name for name, tensor in model.named_buffers() if tensor.isnan().any()]
    if missing:
        raise UserFacingError(
            "model.cannot_load",
            _("The base model in “{folder}” cannot be loaded piece by piece.", folder=folder.name),
            _("Download it again, or choose a smaller base model."),
            ", ".join(missing[:5]),
        )

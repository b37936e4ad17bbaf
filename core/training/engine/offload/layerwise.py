"""Loads a base model that is larger than the card, one tensor after the other.

A weight is read from its file, packed into 4 bits on the card, and goes to the host's memory if its
layer will be streamed: neither the card nor the host ever holds more than the packed model and one
weight.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
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
    loader_of,
    never_repack,
    nf4_config,
    only_tokens,
    packed_otherwise,
    refuse_gaps,
)
from core.training.engine.offload.stored_files import NamedOtherwise, StoredFiles
from core.training.engine.offload.weight_stream import (
    LOADED,
    Packed,
    linear_weights,
    stored_tensors,
)

if TYPE_CHECKING:
    from transformers import PreTrainedModel

_UNSET = -(1 << 31)  # in whole numbers that nothing has computed yet
_TABLES = ("embed_tokens", "embed_tokens_per_layer")


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
        streams: whether the linear weights of layer i of the text decoder stay on the host.
        host_embedding: whether the token embedding does, unless the output head shares it, and the
            table of what each layer is given.

    Raises:
        UserFacingError: the files do not hold the model that the configuration describes.
    """
    never_repack()
    model = _skeleton(folder, quantisation)
    named = NamedOtherwise(model)
    _make_buffers(model, device)
    places = _places(model, streams, host_embedding=host_embedding)
    files = StoredFiles(folder)
    names = [(name, named.of(name)) for name in files.weights()]
    wanted = [(stored, name) for stored, name in names if name is not None]
    missing, others = Counter(places.layer_of(name) for _, name in wanted), list[str]()
    for stored, name in wanted:
        layer = places.layer_of(name)
        tensor, parts = files.read(stored), files.parts_of(stored)
        if not parts and not named.fits(name, tensor.shape):
            others.append(stored)
            break
        _place(model, name, (tensor, parts), torch.device(device), away=places.is_away(name))
        missing[layer] -= 1
        if layer is not None and not missing[layer]:
            _let_wait(places.layers[layer], layer, device)
    found = {"mismatched_keys": others, "packed_otherwise": packed_otherwise(model)}
    left = [stored for stored, name in names if name is None and not named.may_be_left(stored)]
    refuse_gaps(folder, {**found, "unexpected_keys": left})
    model.tie_weights()
    _check_complete(model, folder)
    return model.requires_grad_(False).eval()


def text_layers(model: Any) -> nn.ModuleList:
    """Return the layers of a model's text decoder, also of one beside towers for pictures.

    Raises:
        UserFacingError: it has none where the families of the fast path have them.
    """
    inner = model.model
    layers = getattr(getattr(inner, "language_model", inner), "layers", None)
    if not isinstance(layers, nn.ModuleList):
        raise _cannot_load(Path(model.config.name_or_path).name, type(model).__name__)
    return layers


@dataclass(frozen=True)
class _Places:
    """What waits in the host's memory.

    Attributes:
        layers: of the text decoder.
        streamed: layer by the name of each linear weight that waits.
        tables: names of embeddings that wait.
    """

    layers: nn.ModuleList
    streamed: dict[str, int]
    tables: set[str]

    def layer_of(self, name: str) -> int | None:
        """The layer that will be streamed with this weight, ``None`` for weights that stay."""
        return self.streamed.get(name)

    def is_away(self, name: str) -> bool:
        """Whether a parameter goes to the host's memory."""
        return name in self.streamed or name in self.tables


def _places(model: Any, streams: Callable[[int], bool], *, host_embedding: bool) -> _Places:
    layers = text_layers(model)
    prefix = next(name for name, module in model.named_modules() if module is layers)
    streamed = {
        f"{prefix}.{index}.{name}.weight": index
        for index, layer in enumerate(layers)
        if streams(index)
        for name, module in layer.named_modules()
        if isinstance(module, nn.Linear)
    }
    tables: set[str] = set()
    if host_embedding:
        shared = {*model.all_tied_weights_keys, *model.all_tied_weights_keys.values()}
        inner = prefix.rpartition(".")[0]
        tables = {f"{inner}.{table}.weight" for table in _TABLES} - shared
    return _Places(layers, streamed, tables)


def _let_wait(module: nn.Module, layer: int, device: str) -> None:
    """Move a layer's weights to where they will wait, before the next one takes memory."""
    packed = Packed.of(layer, linear_weights(module), pin=torch.device(device).type == "cuda")
    setattr(module, LOADED, packed)


def _skeleton(folder: Path, quantisation: str) -> Any:
    """The model without any memory; its 4-bit layers are waiting for their weights."""
    from transformers import GenerationConfig
    from transformers.integrations import replace_with_bnb_linear
    from transformers.quantizers.base import HfQuantizer

    config = load_config(folder)
    given = getattr(config, "quantization_config", None)
    packed = given is not None and not stored_format(given)
    skipped = given.get("llm_int8_skip_modules") if packed and isinstance(given, dict) else None
    if given is not None:
        del config.quantization_config
    with torch.device("meta"):
        model = loader_of(config).from_config(
            config, dtype=torch.bfloat16, attn_implementation=attention_of(config)
        )
    model.config.use_cache = False
    if (folder / "generation_config.json").is_file():
        stored = GenerationConfig.from_pretrained(str(folder))
        model.generation_config = only_tokens(stored)
    if packed or quantisation == "nf4":
        stay = HfQuantizer.get_modules_to_not_convert(model, skipped, model._keep_in_fp32_modules)
        model = replace_with_bnb_linear(
            model, modules_to_not_convert=stay, quantization_config=nf4_config()
        )
        model.is_loaded_in_4bit = True  # peft asks for it
        model.is_quantized = True
    return model


def _place(
    model: Any,
    name: str,
    stored: tuple[Tensor, dict[str, Tensor]],
    device: torch.device,
    *,
    away: bool,
) -> None:
    """Give one parameter, or a buffer that is stored, its values.

    Args:
        stored: those values, and what describes them where they are in 4 bits.
    """
    owner, _, attribute = name.rpartition(".")
    module, (tensor, parts) = model.get_submodule(owner), stored
    if isinstance(module, bnb.nn.Linear4bit) and attribute == "weight":
        module.weight = _packed(tensor, parts, device, module)
        if away:
            for holder, part in stored_tensors([module.weight]):
                setattr(holder, part, getattr(holder, part).cpu())
        return
    if attribute in module._buffers:
        module._buffers[attribute] = tensor.to(device, getattr(module, attribute).dtype)
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
    for module, owner in _with_owners(model, model):
        computed = list(module.named_buffers(recurse=False))
        for name, buffer in computed:
            unset = torch.nan if buffer.is_floating_point() else _UNSET
            module._buffers[name] = torch.full_like(buffer, unset, device=device)
        if computed:
            owner._init_weights(module)


def _with_owners(module: nn.Module, owner: Any) -> Iterator[tuple[nn.Module, Any]]:
    """Yield every module with the model, inside of composite ones, that knows how it begins."""
    from transformers import PreTrainedModel

    owner = module if isinstance(module, PreTrainedModel) else owner
    yield module, owner
    for child in module.children():
        yield from _with_owners(child, owner)


def _is_unset(buffer: Tensor) -> bool:
    """Whether nothing has given values to a buffer [any shape]."""
    return bool((buffer.isnan() if buffer.is_floating_point() else buffer == _UNSET).any())


def _check_complete(model: nn.Module, folder: Path) -> None:
    missing = [name for name, tensor in model.named_parameters() if tensor.is_meta]
    missing += [name for name, tensor in model.named_buffers() if _is_unset(tensor)]
    if missing:
        raise _cannot_load(folder.name, ", ".join(missing[:5]))


def _cannot_load(folder: str, details: str) -> UserFacingError:
    return UserFacingError(
        "model.cannot_load",
        _("The base model in “{folder}” cannot be loaded piece by piece.", folder=folder),
        _("Download it again, or choose a smaller base model."),
        details,
    )

"""The adapter alone as a GGUF file, for a llama.cpp that has the base model already.

llama.cpp orders the rows of some weights otherwise than transformers. What its converter does to a
weight is done to B, and counts only if the product with A is then what the converter makes of the
product.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import UserFacingError
from core.export.gguf.conversion import load_converter
from core.export.merging.merge import base_files, stored_name, updates_of
from core.language import _

if TYPE_CHECKING:
    import torch

_LAYER = re.compile(r"\.(\d+)\.")
_NEAR = 1e-5


@dataclass(frozen=True)
class Pair:
    """One adapted weight as llama.cpp names it: ``up`` [N, r], ``down`` [r, K] in float32."""

    name: str
    down: torch.Tensor
    up: torch.Tensor


def write_lora(base: Path, adapter: Path, file: Path, name: str) -> None:
    """Write the file.

    Raises:
        UserFacingError: llama.cpp cannot take this adapter (code ``export.no_gguf``).
    """
    import gguf

    model = _converter_for(base, file)
    kind = gguf.MODEL_ARCH_NAMES[model.model_arch]
    writer = gguf.GGUFWriter(None, kind)
    writer.add_type(gguf.GGUFType.ADAPTER)
    writer.add_name(name)
    writer.add_string(gguf.Keys.Adapter.TYPE, "lora")
    writer.add_float32(gguf.Keys.Adapter.LORA_ALPHA, lora_alpha(adapter))
    for pair in lora_pairs(base, adapter, file):
        writer.add_tensor(f"{pair.name}.lora_a", pair.down.numpy())
        writer.add_tensor(f"{pair.name}.lora_b", pair.up.numpy())
    writer.write_header_to_file(path=file)
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file(progress=False)
    writer.close()


def lora_pairs(base: Path, adapter: Path, file: Path) -> Iterator[Pair]:
    """Give every adapted weight as llama.cpp has it; ``file`` is only named.

    Raises:
        UserFacingError: llama.cpp cannot take one of them (code ``export.no_gguf``).
    """
    model = _converter_for(base, file)
    stored = {name: tensor for one in base_files(base) for name, tensor in one.tensors.items()}
    for module, update in updates_of(adapter).items():
        name = stored_name(f"{module}.weight", stored)
        down, up = update.down.float(), update.up.float()
        whole = _converted(model, name, up @ down)
        mine = _converted(model, name, up)
        if (
            whole is None
            or mine is None
            or whole[0] != mine[0]
            or not _is(mine[1] @ down, whole[1])
        ):
            raise _cannot(module)
        yield Pair(mine[0].removesuffix(".weight") + ".weight", down, mine[1].contiguous())


def _is(found: torch.Tensor, wanted: torch.Tensor) -> bool:
    if found.shape != wanted.shape:
        return False
    return bool((found - wanted).abs().max() <= _NEAR * wanted.abs().max() + 1e-12)


def _converted(
    model: Any, name: str | None, values: torch.Tensor
) -> tuple[str, torch.Tensor] | None:
    """Return the name and the values that the converter makes of a weight; None for no single."""
    kept = model.filter_tensors((name, lambda: values)) if name is not None else None
    if kept is None:
        return None
    layer = _LAYER.search(kept[0])
    try:
        found = list(model.modify_tensors(values, kept[0], int(layer[1]) if layer else None))
    except (ValueError, RuntimeError, KeyError):
        return None
    return found[0] if len(found) == 1 else None


def lora_alpha(adapter: Path) -> float:
    """Return the alpha that llama.cpp divides by the rank; it knows one for all weights.

    Raises:
        UserFacingError: the adapter has several (code ``export.no_gguf``).
    """
    found = {(update.scale * update.up.shape[1]) for update in updates_of(adapter).values()}
    if len({round(alpha, 4) for alpha in found}) != 1:
        raise _cannot("alpha")
    return float(found.pop())


def _converter_for(base: Path, file: Path) -> Any:
    import gguf

    converter = load_converter()
    try:
        values = converter.ModelBase.load_hparams(base, False)
        kind = converter.get_model_architecture(values, converter.ModelType.TEXT)
        made_for = converter.get_model_class(kind)
        return made_for(base, gguf.LlamaFileType.ALL_F32, file, eager=True)
    except NotImplementedError as error:
        raise _cannot(str(error)) from error


def _cannot(details: str) -> UserFacingError:
    return UserFacingError(
        "export.no_gguf",
        _("Models of this kind cannot be saved as GGUF."),
        _("Save it as a merged model instead."),
        details,
    )

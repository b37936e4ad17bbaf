"""The job ``four_bits_proof``: transformers alone loads the folder and answers with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from core.export.four_bits.checkpoint import unpacked
from core.export.four_bits.spec import FourBitsProofParams, FourBitsProofResult
from core.export.merging.form import compared
from core.export.merging.merge import base_files
from core.jobs.link import JobLink
from core.language import _
from core.models.loading import load_config, loader_of, training_device
from core.models.weights import WeightFile
from core.project import RunFolder

_PACKED = ".weight_packed"
_PARTS = (_PACKED, ".weight_scale", ".weight_shape")
# Root mean square of the error as a share of that of the weights. Plain rounding makes 0.1; errors
# are moved into columns that matter little. Weights of another layer or order differ by 1 and more.
_MOST = 0.5


def run_four_bits_proof(
    folder: RunFolder, params: FourBitsProofParams, link: JobLink
) -> FourBitsProofResult:
    """Job ``four_bits_proof``: compute from the folder alone what the fine-tune computed."""
    export, merged = Path(params.export), Path(params.merged)
    link.progress(_("Comparing the tensors"))
    wrong = wrong_layer(merged, export, link.check_cancelled)
    link.progress(_("Loading the export"))
    model = loader_of(load_config(export)).from_pretrained(
        str(export), local_files_only=True, dtype="auto", device_map={"": training_device()}
    )
    link.progress(_("Comparing"))
    found = compared(folder, model.eval(), export, merged, params)
    if wrong and not found.text:
        text = f"the tensor {wrong} is not what it should be"  # not shown: technical details
        found = found.model_copy(update={"text": text})
    return FourBitsProofResult.model_validate(found.model_dump())


def wrong_layer(merged: Path, export: Path, look: Callable[[], None]) -> str:
    """Return the name of the first tensor that is not the merged model's, ``""`` for none."""
    stored = _places(base_files(export))
    before = {name: file.path for file in base_files(merged) for name in file.tensors}
    kept = {name for name in stored if not name.endswith(_PARTS)}
    packed = {name.removesuffix(_PACKED) for name in stored if name.endswith(_PACKED)}
    names = kept | {f"{start}.weight" for start in packed}
    if names != before.keys():
        return min(names ^ before.keys())
    for name, path in before.items():
        look()
        start = name.removesuffix(".weight")
        right = (
            _is_near(path, name, export, start, stored)
            if start in packed and name not in kept
            else _is_same(path, export / stored[name], name)
        )
        if not right:
            return name
    return ""


def _places(files: list[WeightFile]) -> dict[str, str]:
    return {name: file.path.name for file in files for name in file.tensors}


def _is_near(path: Path, name: str, export: Path, start: str, stored: dict[str, str]) -> bool:
    from safetensors import safe_open

    with safe_open(str(path), framework="pt") as opened:
        wanted = opened.get_tensor(name).float()
    found = unpacked(export, start, stored)
    if found.shape != wanted.shape:
        return False
    return bool((found - wanted).norm() <= _MOST * wanted.norm())


def _is_same(path: Path, other: Path, name: str) -> bool:
    import torch
    from safetensors import safe_open

    with safe_open(str(path), framework="pt") as one, safe_open(str(other), framework="pt") as two:
        wanted, found = one.get_tensor(name), two.get_tensor(name)
    if wanted.shape != found.shape or wanted.dtype != found.dtype:
        return False
    return torch.equal(wanted.contiguous().view(torch.uint8), found.contiguous().view(torch.uint8))

"""Writes the folder that vLLM and transformers load: ``compressed-tensors``, packed integers.

A packed layer is three tensors, ``weight_packed`` [N, K / 8] int32, ``weight_scale`` [N, K / group]
and ``weight_shape`` [2]. Everything else is copied from the merged model as it is.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.export.four_bits.solver import Rounded
from core.export.merging.merge import base_files
from core.storage.files import read_json, write_json, write_tensors

if TYPE_CHECKING:
    import torch

_INDEX = "model.safetensors.index.json"
_KIND = "compressed-tensors"


@dataclass(frozen=True)
class Checkpoint:
    """One folder in the making.

    Attributes:
        merged: the model in 16 bits.
        names: stored name of the weight of each layer to pack, by its name in the model.
        left: names in the model of the linear layers that stay as they are.
        group: weights of a row that share a scale.
        blocks: how many parts :meth:`write` is given.
    """

    merged: Path
    names: dict[str, str]
    left: list[str]
    group: int
    blocks: int

    def write(
        self,
        folder: Path,
        parts: Iterable[dict[str, Rounded]],
        progress: Callable[[int, int], None],
    ) -> None:
        """Write weights and papers into ``folder``, which exists.

        Args:
            parts: the packed layers by their names in the model; each is written at once.
            progress: called with the blocks done and all of them; may raise to cancel.
        """
        files = base_files(self.merged)
        places: dict[str, str] = {}
        total = self.blocks + len(files)
        names = [f"model-{number + 1:05}-of-{total:05}.safetensors" for number in range(total)]
        for number, part in enumerate(parts):
            tensors = self._packed(part)
            write_tensors(folder / names[number], tensors)
            places |= dict.fromkeys(tensors, names[number])
            progress(number + 1, self.blocks)
        packed = set(self.names.values())
        for name, file in zip(names[self.blocks :], files, strict=True):
            rest = _read(file.path, [n for n in file.tensors if n not in packed])
            if rest:
                write_tensors(folder / name, rest)
                places |= dict.fromkeys(rest, name)
        size = sum((folder / name).stat().st_size for name in set(places.values()))
        index = {"metadata": {"total_size": size}, "weight_map": dict(sorted(places.items()))}
        write_json(folder / _INDEX, index)
        self._write_papers(folder)

    def _packed(self, part: dict[str, Rounded]) -> dict[str, torch.Tensor]:
        import torch
        from compressed_tensors.compressors.pack_quantized.helpers import pack_to_int32

        tensors = {}
        for name, found in part.items():
            start = self.names[name].removesuffix(".weight")
            codes = found.codes.cpu()
            tensors[f"{start}.weight_packed"] = pack_to_int32(codes, 4).contiguous()
            tensors[f"{start}.weight_scale"] = found.scales.cpu().contiguous()
            tensors[f"{start}.weight_shape"] = torch.tensor(codes.shape)
        return tensors

    def _write_papers(self, folder: Path) -> None:
        for path in self.merged.iterdir():
            if path.suffix != ".safetensors" and path.name not in (_INDEX, "config.json"):
                shutil.copyfile(path, folder / path.name)
        config = read_json(self.merged / "config.json")
        config["quantization_config"] = quantization_config(self.group, self.left)
        write_json(folder / "config.json", config)


def quantization_config(group: int, left: list[str]) -> dict[str, Any]:
    """Return what ``config.json`` says of the packing.

    Source: https://github.com/vllm-project/compressed-tensors, scheme ``W4A16``.
    """
    weights = {
        "num_bits": 4,
        "type": "int",
        "symmetric": True,
        "strategy": "group",
        "group_size": group,
        "dynamic": False,
    }
    return {
        "quant_method": _KIND,
        "format": "pack-quantized",
        "quantization_status": "compressed",
        "config_groups": {"group_0": {"targets": ["Linear"], "weights": weights}},
        "ignore": left,
    }


def unpacked(folder: Path, start: str, places: dict[str, str]) -> torch.Tensor:
    """Return the weight [N, K] in float32 of the packed layer whose stored names begin so."""
    from compressed_tensors.compressors.pack_quantized.helpers import unpack_from_int32

    parts = {
        part: _read(folder / places[f"{start}.{part}"], [f"{start}.{part}"])[f"{start}.{part}"]
        for part in ("weight_packed", "weight_scale", "weight_shape")
    }
    shape = [int(side) for side in parts["weight_shape"]]
    codes = unpack_from_int32(parts["weight_packed"], 4, shape)
    return Rounded(codes, parts["weight_scale"]).weight()


def _read(path: Path, names: list[str]) -> dict[str, torch.Tensor]:
    from safetensors import safe_open

    with safe_open(str(path), framework="pt") as opened:
        return {name: opened.get_tensor(name) for name in names}

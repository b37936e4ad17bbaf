"""Writes the base model with the adapter worked into its weights, in bounded memory.

One tensor after the other is read, changed where the adapter reaches it, and written: never more
than one weight is in memory, and whatever the adapter does not touch is copied byte for byte, into
files of the same names and layout. The update is alpha / r · B · A, added in float32.

Source: Hu et al., 2021, *LoRA: Low-Rank Adaptation of Large Language Models*.
"""

from __future__ import annotations

import json
import math
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

from core.errors import UserFacingError
from core.export.merging.experts import four_bits_of_experts, touched_experts
from core.language import _
from core.models.config import weight_paths
from core.models.four_bit import import_bitsandbytes
from core.models.lora import UnknownAdapterError, Update, read_all_updates, read_updates
from core.models.weights import Tensor, WeightFile, read_header
from core.storage.files import explained_io, read_json, write_json

if TYPE_CHECKING:
    import torch

Onto = Literal["original", "unpacked"]
"""What the adapter is added to: the stored weights, or what 4 bits leave of them."""
_CHUNK = 1 << 22
_INDEX = "model.safetensors.index.json"
_BESIDE = ("LICENSE*", "NOTICE*", "*processor_config.json")
_EXPERT = re.compile(r"\.experts\.")
_TYPES = {"BF16": "bfloat16", "F16": "float16", "F32": "float32"}


Updates = dict[str, Update | list[Update]]
"""What an adapter adds, by the module's name; to the matrices of experts, several."""


def updates_of(adapter: Path) -> dict[str, Update]:
    """Return what a stored adapter adds to linear layers, by the module's name.

    Raises:
        UserFacingError: it is of a kind that cannot be added (code ``export.cannot_merge``).
    """
    try:
        return read_updates(adapter)
    except UnknownAdapterError as error:
        raise _cannot_merge(error.parts) from error


def all_updates_of(adapter: Path) -> Updates:
    """Return what a stored adapter adds, also to experts.

    Raises:
        UserFacingError: it is of a kind that cannot be added (code ``export.cannot_merge``).
    """
    try:
        linears, experts = read_all_updates(adapter)
    except UnknownAdapterError as error:
        raise _cannot_merge(error.parts) from error
    return {**linears, **experts}


def touched_tensors(updates: Updates, stored: dict[str, Tensor]) -> dict[str, Update]:
    """Return the updates by the name of the stored tensor that each one changes.

    Files of composite models may name a part otherwise than the loaded model does; there the tensor
    with the longest common end is taken, if there is only one.

    Raises:
        UserFacingError: one has no tensor, or not one of its shape (code ``export.cannot_merge``).
    """
    found: dict[str, Update] = {}
    for module, update in updates.items():
        if isinstance(update, list):
            parts = touched_experts(module, update, stored, lambda n: stored_name(n, stored))
            if not parts or any(stored[name].dtype not in _TYPES for name in parts):
                raise _cannot_merge([module])
            found |= parts
            continue
        name = stored_name(f"{module}.weight", stored)
        shape = (update.up.shape[0], update.down.shape[1])
        packed = f"{name}.absmax" in stored
        plain = name in stored and stored[name].shape == shape and stored[name].dtype in _TYPES
        if name is None or name in found or not (packed or plain):
            raise _cannot_merge([module])
        found[name] = update
    return found


def stored_name(wanted: str, stored: dict[str, Tensor]) -> str | None:
    """Return the name under which the files hold a tensor of the loaded model, None for no one."""
    if wanted in stored:
        return wanted
    parts = wanted.split(".")
    for first in range(1, len(parts) - 2):
        end = "." + ".".join(parts[first:])
        names = [name for name in stored if name.endswith(end)]
        if names:
            return names[0] if len(names) == 1 else None
    return None


def _cannot_merge(names: list[str]) -> UserFacingError:
    return UserFacingError(
        "export.cannot_merge",
        _("This adapter cannot be merged into its base model."),
        _("Save it as an adapter instead."),
        ", ".join(names[:20]),
    )


def base_files(base: Path) -> list[WeightFile]:
    """Return the headers of the files that hold the base's weights."""
    listed = {path.name: path for path in base.iterdir() if path.is_file()}
    return [read_header(path) for path in weight_paths(base, listed)]


def merged_bytes(base: Path) -> int:
    """Return about how large the merged model will be."""
    sizes = 0
    for file in base_files(base):
        packed = any(name.endswith(".absmax") for name in file.tensors)
        sizes += file.file_size * (4 if packed else 1)
    return sizes


@dataclass(frozen=True)
class Merge:
    """One way of merging.

    Attributes:
        base: folder of the base model.
        adapter: folder of the stored adapter.
        onto: what it is added to.
        device: where weights are packed into 4 bits and unpacked, as in training.
    """

    base: Path
    adapter: Path
    onto: Onto
    device: str

    def write(self, folder: Path, progress: Callable[[int, int], None]) -> None:
        """Write weights and config.

        Args:
            progress: called with the tensors done and all of them; may raise to cancel.
        """
        files = base_files(self.base)
        stored = {name: tensor for file in files for name, tensor in file.tensors.items()}
        touched = touched_tensors(all_updates_of(self.adapter), stored)
        done, total = 0, len(stored)

        def tell() -> None:
            nonlocal done
            done += 1
            progress(done, total)

        for file in files:
            target = folder / file.path.name
            with explained_io(target):
                _FileMerge(self, file, touched).write(target, tell)
        self._write_index(folder, files)
        self._copy_papers(folder)

    def left_of(self, name: str, weight: torch.Tensor, update: Update) -> torch.Tensor:
        """Return what 4 bits leave of a stored weight, packed as the loaded model packs it."""
        import torch

        if update.beside:
            parts = [weight if n == name else self._read_beside(n) for n in update.beside]
            left = four_bits_of_experts(torch.cat(parts)[None], self.device)[0]
            rows = [len(part) for part in parts]
            return torch.split(left, rows)[update.beside.index(name)]
        if _EXPERT.search(name):
            whole = weight if weight.dim() == 3 else weight[None]
            return four_bits_of_experts(whole, self.device).view(weight.shape)
        return four_bits_of(weight, self.device)

    def _read_beside(self, name: str) -> torch.Tensor:
        """Return a tensor from whichever file holds it."""
        from safetensors import safe_open

        (path,) = (file.path for file in base_files(self.base) if name in file.tensors)
        with safe_open(str(path), framework="pt") as opened:
            found: torch.Tensor = opened.get_tensor(name)
        return found

    def _write_index(self, folder: Path, files: list[WeightFile]) -> None:
        if len(files) == 1 and files[0].path.name == "model.safetensors":
            return
        written = [read_header(folder / file.path.name) for file in files]
        places = {name: file.path.name for file in written for name in file.tensors}
        size = sum(
            tensor.end - tensor.begin for file in written for tensor in file.tensors.values()
        )
        index = {"metadata": {"total_size": size}, "weight_map": dict(sorted(places.items()))}
        write_json(folder / _INDEX, index)

    def _copy_papers(self, folder: Path) -> None:
        config = read_json(self.base / "config.json")
        if config.pop("quantization_config", None) is None:
            shutil.copyfile(self.base / "config.json", folder / "config.json")
        else:
            write_json(folder / "config.json", config)
        for pattern in _BESIDE:
            for path in self.base.glob(pattern):
                shutil.copyfile(path, folder / path.name)


@dataclass(frozen=True)
class _FileMerge:
    """The merge of one weight file."""

    merge: Merge
    file: WeightFile
    touched: dict[str, Update]

    def write(self, target: Path, tell: Callable[[], None]) -> None:
        order = sorted(self.file.tensors.items(), key=lambda item: item[1].begin)
        with self.file.path.open("rb") as source, target.open("wb") as sink:
            if self._packed():
                self._write_unpacked(sink, [name for name, _tensor in order], tell)
                return
            sink.write(len(self.file.raw_header).to_bytes(8, "little") + self.file.raw_header)
            for name, tensor in order:
                if name in self.touched:
                    sink.write(_bytes_of(self._merged(name), tensor.dtype))
                else:
                    _copy(source, sink, self.file.data_begin + tensor.begin, tensor)
                tell()

    def _packed(self) -> set[str]:
        """The weights that are stored in 4 bits."""
        ends = (".absmax",)
        return {n.rpartition(".")[0] for n in self.file.tensors if n.endswith(ends)}

    def _write_unpacked(self, sink: BinaryIO, order: list[str], tell: Callable[[], None]) -> None:
        """Of a base that is stored in 4 bits only 16 bits can be merged."""
        packed = self._packed()
        names = [n for n in order if not any(n.startswith(f"{w}.") for w in packed)]
        entries: dict[str, Any] = {"__metadata__": {"format": "pt"}}
        position = 0
        for name in names:
            tensor = self.file.tensors[name]
            dtype, shape, size = tensor.dtype, tensor.shape, tensor.end - tensor.begin
            if name in packed:
                dtype, shape = "BF16", tuple(self._unpacked(name).shape)
                size = 2 * math.prod(shape)
            place = [position, position + size]
            entries[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": place}
            position += size
        header = json.dumps(entries).encode()
        header += b" " * (-len(header) % 8)
        sink.write(len(header).to_bytes(8, "little") + header)
        for name in names:
            weight = self._unpacked(name) if name in packed else self._read(name)
            if name in self.touched:
                weight = self.touched[name].added_to(weight)
            sink.write(_bytes_of(weight, entries[name]["dtype"]))
            tell()

    def _merged(self, name: str) -> torch.Tensor:
        weight = self._read(name)
        if self.merge.onto == "unpacked":
            weight = self.merge.left_of(name, weight, self.touched[name])
        return self.touched[name].added_to(weight)

    def _read(self, name: str) -> torch.Tensor:
        from safetensors import safe_open

        with safe_open(str(self.file.path), framework="pt") as opened:
            tensor: torch.Tensor = opened.get_tensor(name)
        return tensor

    def _unpacked(self, name: str) -> torch.Tensor:
        import_bitsandbytes()
        import bitsandbytes as bnb

        parts = {n: self._read(n) for n in self.file.tensors if n.startswith(f"{name}.")}
        stored = bnb.nn.Params4bit.from_prequantized(
            self._read(name), quantized_stats=parts, device=self.merge.device
        )
        weight: torch.Tensor = bnb.functional.dequantize_4bit(stored.data, stored.quant_state)
        return weight


def four_bits_of(weight: torch.Tensor, device: str) -> torch.Tensor:
    """Return what is left of a weight [N, K] after it was packed into 4 bits as in training."""
    import_bitsandbytes()
    import bitsandbytes as bnb
    import torch

    wide = bnb.nn.Params4bit(
        weight.to(torch.bfloat16), quant_type="nf4", compress_statistics=True
    ).to(device)
    left: torch.Tensor = bnb.functional.dequantize_4bit(wide.data, wide.quant_state)
    return left


def _bytes_of(weight: torch.Tensor, dtype: str) -> bytes:
    import torch

    kind: torch.dtype = getattr(torch, _TYPES[dtype])
    return bytes(weight.to(kind).contiguous().cpu().view(torch.uint8).numpy())


def _copy(source: BinaryIO, sink: BinaryIO, begin: int, tensor: Tensor) -> None:
    source.seek(begin)
    left = tensor.end - tensor.begin
    while left:
        chunk = source.read(min(_CHUNK, left))
        if not chunk:
            raise OSError("the weight file became shorter")
        sink.write(chunk)
        left -= len(chunk)

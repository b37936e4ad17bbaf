"""What is stored in a model folder's safetensors files, read from their headers alone.

A safetensors file begins with eight bytes (the header's length, little endian), the header (JSON:
tensor name → dtype, shape, byte range) and then the raw numbers. The header is checked completely,
so that a cut or overwritten file is found here and not in the middle of a run.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from core.errors import UserFacingError
from core.language import _
from core.storage.files import JsonObject, explained_io
from core.storage.ordinary import open_to_read

_HEADER_LIMIT = 100_000_000  # the format's own limit, in bytes
_DTYPES = {"BF16": "bfloat16", "F16": "float16", "F32": "float32", "F64": "float64", "U8": "uint8"}
_CHUNK = 1 << 22
_ITEM_BITS = {
    "BOOL": 8, "U8": 8, "I8": 8, "F8_E4M3": 8, "F8_E5M2": 8, "F8_E8M0": 8,
    "U16": 16, "I16": 16, "F16": 16, "BF16": 16,
    "U32": 32, "I32": 32, "F32": 32,
    "U64": 64, "I64": 64, "F64": 64,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tensor:
    """One stored tensor: its dtype in safetensors' spelling, its shape, its bytes in the data."""

    dtype: str
    shape: tuple[int, ...]
    begin: int = 0
    end: int = 0

    @property
    def size(self) -> int:
        """Number of values."""
        return math.prod(self.shape)


@dataclass(frozen=True, slots=True)
class WeightFile:
    """The checked header of one file; ``raw_header`` are its bytes, for the fingerprint."""

    path: Path
    file_size: int
    raw_header: bytes
    tensors: dict[str, Tensor]

    @property
    def data_begin(self) -> int:
        """Where in the file the tensors' data begin."""
        return 8 + len(self.raw_header)


def read_header(path: Path, file_size: int | None = None) -> WeightFile:
    """Read and check the header of one safetensors file.

    Args:
        file_size: of the whole file, where ``path`` holds only its beginning.

    Raises:
        UserFacingError: ``model.damaged`` when the file is cut or is no safetensors file.
    """
    with explained_io(path):
        file_size = path.stat().st_size if file_size is None else file_size
        with open_to_read(path, follow=True) as stream:
            length = int.from_bytes(stream.read(8), "little")
            if file_size < 8 or not 2 <= length <= min(_HEADER_LIMIT, file_size - 8):
                details = f"header length {length}, file size {file_size}"  # not shown: technical
                raise _damaged(path, details)
            raw = stream.read(length)
    try:
        tensors = _tensors(json.loads(raw), data_size=file_size - 8 - length)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise _damaged(path, str(error)) from error
    return WeightFile(path, file_size, raw, tensors)


def _tensors(header: JsonObject, data_size: int) -> dict[str, Tensor]:
    """Return the tensors; ``ValueError`` unless their byte ranges cover the data exactly."""
    tensors: dict[str, Tensor] = {}
    ranges: list[tuple[int, int]] = []
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        tensor = Tensor(str(entry["dtype"]), tuple(entry["shape"]), begin, end)
        if not all(type(side) is int and side >= 0 for side in tensor.shape):
            raise ValueError(f"shape of {name}")
        bits = _ITEM_BITS.get(tensor.dtype)
        if bits is not None and (end - begin) * 8 != tensor.size * bits:
            raise ValueError(f"{name}: {end - begin} bytes do not hold {tensor.shape}")
        tensors[name] = tensor
        ranges.append((begin, end))
    position = 0
    for begin, end in sorted(ranges):
        if begin != position or end < begin:
            raise ValueError(f"gap or overlap at byte {position}")
        position = end
    if position != data_size:
        raise ValueError(f"{data_size} bytes of data, the header describes {position}")
    return tensors


def _damaged(path: Path, details: str) -> UserFacingError:
    return UserFacingError(
        "model.damaged",
        _("The model file “{name}” is damaged or was not downloaded completely.", name=path.name),
        _("Download the model again, or choose another one."),
        f"{path}: {details}",
    )


def main_dtype(tensors: Mapping[str, Tensor]) -> str:
    """Return the type of most weights, in torch's spelling (``"bfloat16"``)."""
    values: Counter[str] = Counter()
    for tensor in tensors.values():
        values[tensor.dtype] += tensor.size
    name = values.most_common(1)[0][0]
    return _DTYPES.get(name, name.lower())


def fingerprint(config: bytes, files: list[WeightFile]) -> str:
    """Return a SHA-256 over the config and every file's name, size and header.

    It tells base models apart in milliseconds; :func:`weights_hash` reads every byte.
    """
    digest = hashlib.sha256(hashlib.sha256(config).digest())
    for file in sorted(files, key=lambda file: file.path.name):
        digest.update(f"{file.path.name}\0{file.file_size}\0".encode())
        digest.update(hashlib.sha256(file.raw_header).digest())
    return digest.hexdigest()


def weights_hash(
    folder: Path, names: Iterable[str], progress: Callable[[int, int], None] | None = None
) -> str:
    """Return a SHA-256 over all bytes of the named weight files, in order of their names.

    Args:
        progress: called with bytes done and bytes in all after each 4 MiB; may raise to cancel.
    """
    paths = [folder / name for name in sorted(names)]
    total = sum(path.stat().st_size for path in paths)
    done = 0
    digest = hashlib.sha256()
    for path in paths:
        digest.update(f"{path.name}\0".encode())
        with explained_io(path), open_to_read(path, follow=True) as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
                done += len(chunk)
                if progress:
                    progress(done, total)
    return digest.hexdigest()

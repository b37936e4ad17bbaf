"""Turns a model folder into a GGUF file with llama.cpp's own converter, which auto-round carries.

Tensors are converted, packed and written one after the other: only one is in memory. For a process
of its own, since the converter and the package around it change how other libraries behave.
"""

from __future__ import annotations

import importlib
import logging
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, BinaryIO

from core.errors import UserFacingError
from core.export.gguf.quants import PLAIN, Recipe
from core.language import _
from core.storage.files import read_json

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Array = npt.NDArray[np.generic]

_NOT_PACKED = ("F32", "F64", "I8", "I16", "I32", "I64")
_DATE = re.compile(r"""set\s+date_string\s*=\s*("[^"]*"|'[^']*')""")
_PHI_3 = re.compile("phi-?3", re.IGNORECASE)
_OF_PHI_3 = {"<unk>", "<s>", "<|endoftext|>"}
_LOG = logging.getLogger("hf-to-gguf")
_NO_CLONE = "NO_LOCAL_GGUF"


class Source:
    """A model folder as the converter sees it.

    Args:
        folder: the model.
        quant: one of :data:`core.export.gguf.quants.QUANTS`.
        target: the file to write.
        name: what the file says it is called.
        importance: mean squares [K] of what each linear layer reads, by its name in ``folder``.

    Raises:
        UserFacingError: the converter does not know such models (code ``export.no_gguf``).
    """

    def __init__(
        self,
        folder: Path,
        quant: str,
        target: Path,
        name: str,
        importance: Mapping[str, Array] | None = None,
    ) -> None:
        import gguf

        _LOG.setLevel(logging.WARNING)
        self._gguf, self._quant = gguf, quant
        converter = load_converter()
        try:
            values = converter.ModelBase.load_hparams(folder, False)
            kind = converter.get_model_architecture(values, converter.ModelType.TEXT)
            made_for = converter.get_model_class(kind)
            wide = quant if quant in PLAIN else "BF16"
            wide_type = getattr(gguf.LlamaFileType, f"MOSTLY_{wide}")
            self._model = made_for(folder, wide_type, target, model_name=told_name(folder, name))
            self._model.prepare_tensors()
        except NotImplementedError as error:
            raise UserFacingError(
                "export.no_gguf",
                _("Models of this kind cannot be saved as GGUF."),
                _("Save it as a merged model instead."),
                str(error),
            ) from error
        self._infos: dict[str, Any] = self._model.gguf_writer.tensors[0]
        self._importance = self._by_tensor(importance or {})

    def _by_tensor(self, importance: Mapping[str, Array]) -> dict[str, Array]:
        """Name what was measured as the file names its tensors; what it does not know is left."""
        found = {}
        for module, columns in importance.items():
            with suppress(ValueError):
                name = self._model.map_tensor_name(f"{module}.weight")
                if name in self._infos and self._infos[name].shape[-1] == len(columns):
                    found[name] = columns
        return found

    @property
    def names(self) -> list[str]:
        """Names of all tensors in the order of the file."""
        return list(self._infos)

    def tensor(self, name: str) -> Array:
        """Return one tensor in float32, converted and not yet packed."""
        info = self._infos[name]
        stored = self._gguf.LazyNumpyTensor.to_eager(info.tensor)
        values: Array = self._gguf.quants.dequantize(stored, info.dtype)
        return values

    def settings(self) -> dict[str, object]:
        """Return what the file says of the model's architecture, by name."""
        self._model.prepare_metadata(vocab_only=False)
        said = self._model.gguf_writer.kv_data[0]
        start = f"{said[self._gguf.Keys.General.ARCHITECTURE].value}."
        return {name: value.value for name, value in said.items() if name.startswith(start)}

    def write(self, progress: Callable[[int, int], None]) -> None:
        """Write the file.

        Args:
            progress: called with the tensors done and all of them; may raise to cancel.
        """
        model, writer = self._model, self._model.gguf_writer
        model.prepare_metadata(vocab_only=False)
        if (template := writer.kv_data[0].get(self._gguf.Keys.Tokenizer.CHAT_TEMPLATE)) is not None:
            template.value = with_its_date(template.value)
        if self._quant not in PLAIN:
            self._plan_packing(writer)
        for number, info in enumerate(self._infos.values(), 1):
            info.tensor = _Told(info.tensor, partial(progress, number, len(self._infos)))
        writer.write_header_to_file(path=model.fname_out)
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file(progress=False)
        writer.close()

    def _plan_packing(self, writer: Any) -> None:
        gguf = self._gguf
        file_type = getattr(gguf.LlamaFileType, f"MOSTLY_{self._quant}")
        writer.kv_data[0][gguf.Keys.General.FILE_TYPE].value = int(file_type)
        recipe = Recipe(self._quant, int(self._model.block_count), self._infos.keys())
        for name, info in self._infos.items():
            if info.dtype.name in _NOT_PACKED or not name.endswith(".weight"):
                continue
            kind = getattr(gguf.GGMLQuantizationType, recipe.kind(name, info.shape[-1]))
            matters = self._importance.get(name)
            packed = _Packed(info.tensor, info.dtype, kind, tuple(info.shape), matters)
            info.tensor, info.dtype, info.nbytes = packed, kind, packed.nbytes


def with_its_date(template: str) -> str:
    """Return a chat template that keeps its own date where llama.cpp would give it today's.

    Llama 3.1 was trained with a date in its system prompt, and so was the fine-tune.
    """
    own = _DATE.search(template)
    if own is None or "strftime_now" in template:
        return template
    return f"{{%- set date_string = {own[1]} %}}{template}"  # not shown: part of a template


def told_name(folder: Path, name: str) -> str:
    """Return the name that a file may carry, since llama.cpp draws conclusions from it.

    In a model called Phi-3 it drops the space behind special tokens, and looks for three tokens
    that only those models have; without them it cannot load the file.
    """
    added = read_json(folder / "tokenizer.json").get("added_tokens", [])
    texts = {token["content"] for token in added}
    drops = any(token.get("rstrip") for token in added) and texts >= _OF_PHI_3
    if drops:
        return name if _PHI_3.search(name) else f"{name} Phi-3"  # not shown: llama.cpp reads it
    return _PHI_3.sub("Phi 3", name)


@dataclass
class _Told:
    """A tensor that tells when it was written."""

    tensor: Any
    tell: Callable[[], None]

    @property
    def nbytes(self) -> int:
        return int(self.tensor.nbytes)

    def tofile(self, stream: BinaryIO) -> None:
        self.tensor.tofile(stream)
        self.tell()


@dataclass
class _Packed:
    """A tensor that is converted and packed only while it is written."""

    tensor: Any
    before: Any
    kind: Any
    shape: tuple[int, ...]
    importance: Array | None = None

    @property
    def nbytes(self) -> int:
        import gguf

        size = 1
        for side in gguf.quant_shape_to_byte_shape(self.shape, self.kind):
            size *= int(side)
        return size

    def tofile(self, stream: BinaryIO) -> None:
        import gguf

        values = gguf.quants.dequantize(gguf.LazyNumpyTensor.to_eager(self.tensor), self.before)
        slices = _slices(values.reshape(-1, self.shape[-1]))
        pack = partial(packed_rows, kind=self.kind, importance=self.importance)
        with ThreadPoolExecutor(os.cpu_count()) as threads:  # the packing itself needs no lock
            for packed in threads.map(pack, slices):
                stream.write(packed.tobytes())


def packed_rows(rows: Array, kind: Any, importance: Array | None = None) -> Array:
    """Return rows [n, K] packed into blocks of a type, as bytes [n, B].

    Args:
        importance: how much each column [K] matters.
    """
    import gguf
    import libgguf
    import numpy as np

    if kind.name in ("F16", "BF16", "F32"):
        plain: Array = gguf.quants.quantize(rows, kind)
        return plain.view(np.uint8)
    packed: Array = libgguf.quantize_rows(
        np.ascontiguousarray(rows, np.float32), int(kind), importance
    )
    return packed


def _slices(rows: Array, most: int = 1 << 21) -> Iterator[Array]:
    step = max(1, most // rows.shape[-1])
    for first in range(0, len(rows), step):
        yield rows[first : first + step]


def load_converter() -> Any:
    """Import llama.cpp's converter from where auto-round keeps it, and nothing else of that."""
    if "conversion" not in sys.modules:
        spec = find_spec("auto_round")
        assert spec is not None and spec.origin is not None
        root = Path(spec.origin).parent
        for name, folder in (("auto_round", root), ("auto_round.utils", root / "utils")):
            empty = ModuleType(name)  # the real one would load and change half of transformers
            empty.__path__ = [str(folder)]
            sys.modules.setdefault(name, empty)
        sys.path.append(str(root / "export" / "export_to_gguf"))  # it calls itself ``conversion``
    with _own_gguf_library():
        return importlib.import_module("conversion")


@contextmanager
def _own_gguf_library() -> Iterator[None]:
    """Else the converter looks for one in a clone of llama.cpp; no child inherits the wish."""
    wanted = _NO_CLONE not in os.environ
    os.environ.setdefault(_NO_CLONE, "1")
    try:
        yield
    finally:
        if wanted:
            del os.environ[_NO_CLONE]

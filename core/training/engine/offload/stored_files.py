"""The tensors in a model's folder, read one at a time by the names that the model has for them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from core.models.stored.formats import is_scale, scale_names
from core.models.stored.reading import fp8

_ONCE_STORED = ("inv_freq", "position_ids")  # computed today
_INDEX = "model.safetensors.index.json"


class NamedOtherwise:
    """From the names in files to those of a model's parameters, as transformers finds them.

    Composite models are published under names that transformers has since changed, and a text model
    may be loaded from the files of a model that sees pictures, too.
    """

    def __init__(self, model: Any) -> None:
        from transformers.conversion_mapping import get_model_conversion_mapping
        from transformers.core_model_loading import WeightConverter, WeightRenaming

        mapping = get_model_conversion_mapping(model)
        self._renamings = [one for one in mapping if isinstance(one, WeightRenaming)]
        self._joining = [one for one in mapping if isinstance(one, WeightConverter)]
        self._prefix, self._known = model.base_model_prefix, model.state_dict()
        self._unused = model._keys_to_ignore_on_load_unexpected or set()
        buffers = [name.rpartition(".")[-1] for name, _ in model.named_buffers()]
        self._unused |= {rf"(^|\.){name}$" for name in _ONCE_STORED if name in buffers}

    def of(self, stored: str) -> str | None:
        """Return the parameter's name; ``None`` for a tensor that the model does not use as it is.

        Those that it uses in another form are then missing, and are noticed.
        """
        from transformers.core_model_loading import rename_source_key

        name, joined = rename_source_key(
            stored, self._renamings, self._joining, self._prefix, self._known
        )
        if name not in self._known and stored in self._known:
            name, joined = rename_source_key(stored, [], [], self._prefix, self._known)
        return name if joined is None and name in self._known else None

    def may_be_left(self, stored: str) -> bool:
        """Whether transformers leaves a stored tensor that the model does not use, unasked."""
        return any(re.search(pattern, stored) for pattern in self._unused)

    def fits(self, name: str, shape: torch.Size) -> bool:
        """Whether a tensor of this shape is that parameter, as it is before it is packed."""
        return bool(self._known[name].shape == shape)


class StoredFiles:
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

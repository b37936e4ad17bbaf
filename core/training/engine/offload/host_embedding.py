"""A token embedding that lives in the host's memory; only the rows that are used travel."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


def move_to_host(embedding: nn.Embedding, device: torch.device) -> None:
    """Move the weight to the host and let ids and rows cross over in every call.

    Args:
        embedding: on ``device``, or loaded to the host in the first place.
        device: where the rows are needed.
    """
    if device.type == "cpu" or "crossing" in embedding.__dict__:
        return
    _move(embedding, torch.device("cpu"))

    def down(_: nn.Module, ids: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """Bring token numbers [1, T] (int64) to the host."""
        return tuple(x.cpu() for x in ids)

    def up(_: nn.Module, __: Any, rows: Tensor) -> Tensor:
        """Bring embedded rows [1, T, K] to the device."""
        return rows.to(device)

    handles = [embedding.register_forward_pre_hook(down), embedding.register_forward_hook(up)]
    embedding.crossing = handles  # type: ignore[assignment]


def move_back(embedding: nn.Embedding, device: torch.device) -> None:
    """Undo :func:`move_to_host`; does nothing where it was not done."""
    handles = embedding.__dict__.pop("crossing", None)
    if handles is None:
        return
    for handle in handles:
        handle.remove()
    _move(embedding, device)


def _move(embedding: nn.Embedding, device: torch.device) -> None:
    """Move the weight [V, K], and the scale that some families multiply its rows with."""
    embedding.weight.data = embedding.weight.data.to(device)
    for name, scale in embedding.named_buffers(recurse=False):
        setattr(embedding, name, scale.to(device))

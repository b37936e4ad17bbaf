"""Layer inputs that wait in the host's memory between the forward and the backward pass."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor


@dataclass(eq=False)
class Parked:
    """One tensor, on the device or on its way to the host and back.

    Copies run on ``stream`` beside the arithmetic. Without a stream the tensor stays where it is.
    """

    here: Tensor | None
    stream: torch.cuda.Stream | None = None
    before: Parked | None = None
    _host: Tensor | None = field(default=None, init=False)
    _device: torch.device = field(init=False)

    def __post_init__(self) -> None:
        assert self.here is not None
        self._device = self.here.device
        if self.stream is not None:
            self._send(self.here, self.stream)
            self.here = None

    def _send(self, tensor: Tensor, stream: torch.cuda.Stream) -> None:
        """Start copying ``tensor`` [any shape] to pinned memory of the same type."""
        self._host = torch.empty(tensor.shape, dtype=tensor.dtype, pin_memory=True)
        stream.wait_stream(torch.cuda.current_stream(self._device))
        with torch.cuda.stream(stream):
            self._host.copy_(tensor, non_blocking=True)
        tensor.record_stream(stream)

    def fetch(self) -> None:
        """Start the way back, if the tensor is away."""
        if self.stream is None or self.here is not None or self._host is None:
            return
        self.here = torch.empty(self._host.shape, dtype=self._host.dtype, device=self._device)
        self.stream.wait_stream(torch.cuda.current_stream(self._device))
        with torch.cuda.stream(self.stream):
            self.here.copy_(self._host, non_blocking=True)
        self.here.record_stream(self.stream)

    def take(self) -> Tensor:
        """Return the tensor [as parked] on the device; start fetching the one needed next."""
        self.fetch()
        if self.stream is not None:
            torch.cuda.current_stream(self._device).wait_stream(self.stream)
        if self.before is not None:
            self.before.fetch()
            self.before = None
        tensor, self.here, self._host = self.here, None, None
        assert tensor is not None, "already taken"  # not shown
        return tensor

"""The 8-bit AdamW of bitsandbytes without its wait for the card after every parameter.

All engines are measured with 8-bit moments, as the peers use them.
"""

from __future__ import annotations

from typing import Any

import bitsandbytes as bnb
import torch


class AdamW8bit(bnb.optim.AdamW8bit):  # type: ignore[misc]
    """Same arithmetic, state and checkpoints as the base class.

    The base class synchronises with the card once a parameter, hundreds of times a step; the
    launches are ordered by their stream anyway.
    """

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        """Do one step; see ``torch.optim.Optimizer.step``."""
        if self.is_paged or closure is not None:
            return super().step(closure)
        if not getattr(self, "initialized", False):
            self.check_overrides()
            self.to_gpu()
            self.initialized = True
        for group_index, group in enumerate(self.param_groups):
            for index, parameter in enumerate(group["params"]):
                if parameter.grad is not None:
                    self._update(group, parameter, group_index, index)
        return None

    def _update(self, group: Any, parameter: torch.Tensor, group_index: int, index: int) -> None:
        if not self.state[parameter]:
            self.init_state(group, parameter, group_index, index)
        self.update_step(group, parameter, group_index, index)

"""Rounds the linear layers of a model block by block, each on what the rounded blocks before give.

The loaded fine-tune carries the walk: it knows how a family's blocks are called. In the block whose
turn it is, the merged weights take the place of the packed ones with their adapter, so that never
more than one block is in memory in 16 bits. Blocks that are done give what they gave before, and
blocks behind are not reached.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.errors import UserFacingError
from core.export.four_bits.solver import Rounded, rounded
from core.language import _

if TYPE_CHECKING:
    import torch
    from torch import nn

Weights = Callable[[str], "torch.Tensor"]
"""Gives the merged weight [N, K] of a linear layer by its name in the model."""


class _EndOfBlockError(Exception):
    """Nothing behind the block is needed."""


@dataclass
class Walk:
    """One rounding of a model.

    Attributes:
        model: takes ``input_ids`` [1, T].
        name: of the stack of blocks among its modules.
        blocks: the stack.
        linears: names of the linear layers to round, as in ``model``.
        rows: token numbers of each example.
        weights: gives the merged weights.
        group: weights of a row that share a scale.
    """

    model: nn.Module
    name: str
    blocks: nn.ModuleList
    linears: Sequence[str]
    rows: Sequence[Sequence[int]]
    weights: Weights
    group: int
    _outputs: list[Any] = field(default_factory=list)

    def __iter__(self) -> Iterator[dict[str, Rounded]]:
        """Round a block a time and give its layers by name.

        Raises:
            UserFacingError: blocks depend on more than the one before
                (code ``export.no_four_bits``).
        """
        self._require_chain()
        for number in range(len(self.blocks)):
            layers = self._lay_open(number)
            done: dict[str, Rounded] = {}
            for names, squares in self._squares(number, layers):
                done |= self._rounded({name: layers[name] for name in names}, squares)
            self._outputs = list(self._run(number))
            for layer in layers.values():
                layer.weight.data = layer.weight.data.new_empty(0)  # a view would keep it all
            yield done

    def _rounded(self, layers: dict[str, nn.Linear], squares: torch.Tensor) -> dict[str, Rounded]:
        """Round layers that read the same, as one, and let them compute with what is left."""
        import torch

        weights = [layer.weight for layer in layers.values()]
        found = rounded(torch.cat(weights), squares, self.group, weights[0].dtype)
        sizes = [len(weight) for weight in weights]
        parts = zip(torch.split(found.codes, sizes), torch.split(found.scales, sizes), strict=True)
        done = {}
        for (name, layer), (codes, scales) in zip(layers.items(), parts, strict=True):
            layer.weight.data = Rounded(codes, scales).weight().to(layer.weight.dtype)
            done[name] = Rounded(codes.cpu(), scales.cpu())
        return done

    def _lay_open(self, number: int) -> dict[str, nn.Linear]:
        """Put the merged weights in the place of a block's packed ones."""
        import torch

        opened = {}
        for name in self.linears:
            if not name.startswith(f"{self.name}.{number}."):
                continue
            old: Any = self.model.get_submodule(name)
            inner = old.base_layer if hasattr(old, "base_layer") else old
            device = next(inner.parameters()).device
            layer = torch.nn.Linear(inner.in_features, inner.out_features, False, device="meta")
            weight = self.weights(name).to(device, torch.bfloat16)
            layer.weight = torch.nn.Parameter(weight, requires_grad=False)
            layer.bias = inner.bias
            self.model.set_submodule(name, layer)
            opened[name] = layer
        return opened

    def _squares(
        self, number: int, layers: dict[str, nn.Linear]
    ) -> Iterator[tuple[list[str], torch.Tensor]]:
        """Give layers that read the same, with the sum of x xᵀ [K, K] over what they read.

        They are those that take the same tensor one after the other. A layer that no example
        reached is rounded as if its inputs were all alike.
        """
        import torch

        reading = _Reading()
        hooks = [layer.register_forward_pre_hook(reading.hook(n)) for n, layer in layers.items()]
        try:
            for _output in self._run(number):
                reading.last = None
        finally:
            for hook in hooks:
                hook.remove()
        for first, names in reading.together().items():
            yield names, reading.sums.pop(first)
        for name, layer in layers.items():
            if name not in reading.owner:
                yield [name], torch.eye(layer.in_features, device=layer.weight.device)

    def _run(self, number: int) -> Iterator[Any]:
        """Give what the block makes of each example."""
        for place, ids in enumerate(self.rows):
            before = self._outputs[place] if number else None
            yield _to(self._one(number, ids, before), "cpu")

    def _one(self, number: int, ids: Sequence[int], before: Any, passing_over: bool = True) -> Any:
        """Return what a block makes of an example, from what the block before gave."""
        import torch

        device = next(self.model.parameters()).device
        found: list[Any] = []

        def end(_module: nn.Module, _inputs: Any, output: Any) -> None:
            found.append(output)
            raise _EndOfBlockError

        hook = self.blocks[number].register_forward_hook(end)
        try:
            over = number if passing_over else 0
            with self._passed_over(over, before), torch.no_grad():
                self.model(input_ids=torch.tensor([list(ids)], device=device), use_cache=False)
        except _EndOfBlockError:
            pass
        finally:
            hook.remove()
        return found[0]

    @contextmanager
    def _passed_over(self, number: int, output: Any) -> Iterator[None]:
        """Let the blocks before ``number`` compute nothing; the last of them gives ``output``."""
        with ExitStack() as stack:
            for place in range(number):
                last = place == number - 1
                stack.enter_context(_gives(self.blocks[place], output, last))
            yield

    def _require_chain(self) -> None:
        """Refuse models whose blocks read more than the block before (shared keys, for example)."""
        import torch

        ids, before = self.rows[0], None
        last = len(self.blocks) - 1
        for number in range(last):
            before = self._one(number, ids, before)
        chained = _first(self._one(last, ids, before))
        whole = _first(self._one(last, ids, None, passing_over=False))
        if not torch.allclose(chained, whole, rtol=1e-2, atol=1e-2 * float(whole.abs().max())):
            raise UserFacingError(
                "export.no_four_bits",
                _("Models of this kind cannot be saved in 4 bits for vLLM."),
                _("Save it as a merged model instead."),
            )


@dataclass
class _Reading:
    """What the linear layers of a block read.

    Attributes:
        sums: the sum of x xᵀ [K, K] by the first of the layers that read it.
        owner: that first layer, by each of them.
        last: the layer that read last, and what.
    """

    sums: dict[str, torch.Tensor] = field(default_factory=dict)
    owner: dict[str, str] = field(default_factory=dict)
    last: tuple[str, Any] | None = None

    def hook(self, name: str) -> Callable[[nn.Module, tuple[Any, ...]], None]:
        """Return a hook that looks before the layer computes."""

        def look(_module: nn.Module, inputs: tuple[Any, ...]) -> None:
            read = inputs[0]
            if name not in self.owner:
                same = self.last is not None and self.last[1] is read
                self.owner[name] = self.last[0] if self.last is not None and same else name
            self.last = self.owner[name], read
            if self.owner[name] == name:
                rows = read.detach().reshape(-1, read.shape[-1]).float()
                self.sums[name] = self.sums.get(name, 0) + rows.T @ rows

        return look

    def together(self) -> dict[str, list[str]]:
        """Return the layers that read the same, by the first one."""
        found: dict[str, list[str]] = {}
        for name, first in self.owner.items():
            found.setdefault(first, []).append(name)
        return found


@contextmanager
def _gives(block: nn.Module, output: Any, last: bool) -> Iterator[None]:
    """Let a block give ``output`` if it is the last one, and what it reads if it is not."""
    before = block.__dict__.get("forward")

    def forward(*read: Any, **named: Any) -> Any:
        hidden = read[0] if read else named["hidden_states"]
        if last:
            return _to(output, hidden.device)
        return (hidden, *output[1:]) if isinstance(output, tuple) else hidden

    block.forward = forward
    try:
        yield
    finally:
        del block.forward
        if before is not None:
            block.forward = before


def _first(output: Any) -> torch.Tensor:
    tensor: torch.Tensor = output[0] if isinstance(output, tuple) else output
    return tensor.float()


def _to(output: Any, device: Any) -> Any:
    if isinstance(output, tuple):
        return tuple(one.to(device) if hasattr(one, "to") else one for one in output)
    return output.to(device)

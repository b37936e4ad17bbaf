"""How much each input of every linear layer matters for your own examples.

The mean square of what a layer reads, column by column, over training examples as the fine-tune
reads them. Formats of few bits keep the weights of strong columns more exactly; llama.cpp calls
this the importance matrix.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from core.chat.tokens import tokenise
from core.evaluation.tuned import Tuned
from core.jobs.link import JobLink
from core.language import _

if TYPE_CHECKING:
    import torch

_TOKENS = {"cpu": 4_096, "cuda": 65_536}
_INNER = ".base_layer"


def measure_importance(tuned: Tuned, link: JobLink) -> dict[str, torch.Tensor]:
    """Return mean squares [K] in float32 by the names of the base's linear layers."""
    import torch

    most = _TOKENS[tuned.device.partition(":")[0]]
    phase, done = _("Reading your examples to see what must stay exact"), 0
    with _sums(tuned.model.get_base_model()) as sums, torch.no_grad():
        for row in calibration_rows(tuned):
            ids = torch.tensor([row], device=tuned.device)
            tuned.model(input_ids=ids, use_cache=False, logits_to_keep=1)
            done += len(row)
            link.progress(phase, min(done, most), most)  # of tokens, which say little
            if done >= most:
                break
    return {name: (total / count).cpu() for name, (total, count) in sums.items() if count}


def calibration_rows(tuned: Tuned) -> Iterator[list[int]]:
    """Give the token numbers of training examples, as the fine-tune reads them."""
    for example in tuned.version.examples("train"):
        row = tokenise(tuned.tokenizer, example, tuned.config.max_length)
        if not row.problem:
            yield [int(token) for token in row.ids]


@contextmanager
def _sums(model: torch.nn.Module) -> Iterator[dict[str, tuple[Any, int]]]:
    """Yield a table that grows with every pass: sums of squares [K] and their number, by layer."""
    sums: dict[str, tuple[Any, int]] = {}

    def look(name: str) -> Any:
        def hook(_module: torch.nn.Module, inputs: tuple[Any, ...]) -> None:
            rows = inputs[0].detach().float().reshape(-1, inputs[0].shape[-1])
            total, count = sums.get(name, (0.0, 0))
            sums[name] = total + rows.square().sum(0), count + len(rows)

        return hook

    hooks = [
        module.register_forward_pre_hook(look(name.removesuffix(_INNER)))
        for name, module in model.named_modules()
        if hasattr(module, "in_features") and not hasattr(module, "base_layer")
        if "lora_" not in name
    ]
    try:
        yield sums
    finally:
        for hook in hooks:
            hook.remove()

"""Proof of an export: a fresh process loads it on the base and must compute the same.

The child is an ordinary job in a folder inside the export's run folder; it uses only transformers
and peft, as anybody would who receives the export.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import UserFacingError
from core.evaluation.answers import generate
from core.evaluation.job import Tuned
from core.files import write_tensors
from core.jobs.events import Failed, Finished
from core.jobs.link import JobLink
from core.jobs.supervisor import Supervisor
from core.models.loading import load_tokenizer, training_device
from core.project import RunFolder
from core.training.adapter import load_adapter, move_adapter
from core.training.tokens import render_prompt

if TYPE_CHECKING:
    import torch

_PROBES = 4
_EXPECTED = "expected.safetensors"
_ANSWER_TOKENS = 48
# Exact on a CPU. On a card, two loads may choose other kernels: bf16 keeps 8 bits of mantissa.
_TOLERANCE = {"cpu": 0.0, "cuda": 0.05}


@dataclass(frozen=True)
class Probe:
    """Held-out prompts with the logits and the answer of the trained model.

    ``logits`` holds [n, V] float32: the next-token logits after each prompt.
    """

    prompts: list[str]
    logits: torch.Tensor
    answer: str


def make_probe(tuned: Tuned) -> Probe:
    """Ask the trained model a few held-out questions."""
    examples = tuned.unseen_examples(_PROBES)
    prompts = [render_prompt(tuned.tokenizer, e.messages[:-1]) for e in examples]
    logits = last_logits(tuned.model, tuned.tokenizer, prompts)
    return Probe(prompts, logits, _answer(tuned.model, tuned.tokenizer, prompts[0]))


def _answer(model: Any, tokenizer: Any, prompt: str) -> str:
    return generate(model, tokenizer, [prompt], max_new_tokens=_ANSWER_TOKENS)[0]


def last_logits(model: Any, tokenizer: Any, prompts: list[str]) -> torch.Tensor:
    """Return [n, V] float32 logits after the last token of each prompt."""
    import torch

    rows = []
    device = next(model.parameters()).device
    for prompt in prompts:
        encoded = tokenizer(prompt, add_special_tokens=False, return_tensors="pt").to(device)
        with torch.no_grad():
            logits = model(input_ids=encoded["input_ids"], use_cache=False).logits
        rows.append(logits[0, -1].float().cpu())
    return torch.stack(rows)


def prove(folder: RunFolder, export: Path, tuned: Tuned, probe: Probe) -> dict[str, Any]:
    """Load ``export`` in a fresh process; return how far its logits are from the trained model's.

    Raises:
        UserFacingError: they differ (``export.proof_failed``), or the export does not load.
    """
    child = RunFolder(folder.root / "proof")
    child.root.mkdir(exist_ok=True)
    write_tensors(child.root / _EXPECTED, {"logits": probe.logits})
    params = {
        "export": str(export),
        "base_model": tuned.facts["base_model"],
        "quantisation": tuned.config.quantisation,
        "prompts": probe.prompts,
    }
    supervisor = Supervisor(child)
    supervisor.start("proof", params)
    last = list(supervisor.follow())[-1]
    if isinstance(last, Failed):
        raise UserFacingError(last.code, last.what, last.todo, last.details)
    assert isinstance(last, Finished)
    difference = float(last.result["largest_difference"])
    _demand_equal(difference, last.result["answer"], probe.answer, tuned.device)
    return {"largest_difference": difference, "answer": probe.answer}


def _demand_equal(difference: float, answer: str, expected: str, device: str) -> None:
    tolerance = _TOLERANCE[device.partition(":")[0]]
    if difference <= tolerance and (tolerance or answer == expected):
        return
    raise UserFacingError(
        "export.proof_failed",
        "The exported adapter does not answer like the trained model, so it was not saved.",
        "Export again; if it happens again, report it with the details below.",
        f"largest difference of logits {difference:g}; answers {expected!r} and {answer!r}",
    )


def run_proof(folder: RunFolder, params: dict[str, Any], link: JobLink) -> dict[str, Any]:
    """Job ``proof``: compute the same logits and answer from the export alone."""
    from safetensors.torch import load_file

    from core.training.engine.answering import load_to_answer

    export = Path(params["export"])
    link.progress("Loading the export")
    device = training_device()
    base = load_to_answer(Path(params["base_model"]), params["quantisation"], device)
    model = move_adapter(load_adapter(base, export), device)
    model.eval()
    tokenizer = load_tokenizer(export)  # with the chat template that travels with the adapter
    link.progress("Comparing")
    logits = last_logits(model, tokenizer, params["prompts"])
    expected = load_file(folder.root / _EXPECTED)["logits"]
    return {
        "largest_difference": float((logits - expected).abs().max()),
        "answer": _answer(model, tokenizer, params["prompts"][0]),
    }

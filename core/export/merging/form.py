"""The form ``merged``: one model of 16 bits that needs neither adapter nor this application.

An adapter that was trained on 4-bit weights has learned to make good for what they lost. Whether it
answers more alike on the original weights or on what the 4 bits left of them depends on the model
and the data, so both are written and measured, and the nearer one is kept.
"""

from __future__ import annotations

import math
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import UserFacingError
from core.export.card import Card, fact_lines, heading
from core.export.children import child_of, result_of
from core.export.likeness import Reference, compare, log_probabilities
from core.export.merging.check import wrong_tensor
from core.export.merging.merge import Merge, Onto, merged_bytes
from core.export.probing import other_text, spoken_answers
from core.export.proof import Probe, Work
from core.export.spec import LikenessResult, MergedProofParams, Questions
from core.export.tokenizer import GENERATION, write_generation, write_tokenizer
from core.jobs.likeness import Likeness, Verdict
from core.jobs.link import JobLink
from core.language import _
from core.models.loading import training_device
from core.project import RunFolder
from core.storage.files import read_json
from core.training.checkpoints.disk_space import require_room
from core.training.result import best_adapter

_RUN_ON = 1  # so many of the short answers may run on where the fine-tune's ended: words differ


@dataclass(frozen=True)
class Merged:
    """The nearer merged model.

    Attributes:
        onto: what the adapter was added to.
        candidates: what was measured, by that.
        proof: what the kept one made of the probe.
    """

    onto: Onto
    candidates: dict[str, Likeness]
    proof: LikenessResult


@dataclass(frozen=True)
class Merging:
    """The merging of one fine-tune; ``reference``: how probable it finds held-out answers."""

    work: Work
    reference: Reference

    def write(self, staging: Path) -> Merged:
        """Write the nearer merged model into ``staging``, which is empty.

        Raises:
            UserFacingError: neither answers like the fine-tune (code ``export.proof_failed``).
        """
        ways: list[Onto] = ["original"]
        if self.work.tuned.config.quantisation == "nf4":
            ways.append("unpacked")
        base = Path(self.work.tuned.facts.base_model)
        require_room(staging, len(ways) * merged_bytes(base))
        found = {way: self._candidate(way, staging / way) for way in ways}
        nearest = min(ways, key=lambda way: _distance(found[way].likeness))
        for way in ways:
            if way != nearest:
                shutil.rmtree(staging / way)
        require_alike(found[nearest], self.work.probe)
        for path in (staging / nearest).iterdir():
            path.rename(staging / path.name)
        (staging / nearest).rmdir()
        likenesses: dict[str, Likeness] = {way: one.likeness for way, one in found.items()}
        return Merged(nearest, likenesses, found[nearest])

    def _candidate(self, onto: Onto, folder: Path) -> LikenessResult:
        folder.mkdir()
        work, tuned = self.work, self.work.tuned
        base = Path(tuned.facts.base_model)
        phase = _("Merging the adapter into the base model")

        def progress(done: int, total: int) -> None:
            work.link.progress(phase, done, total, _("tensors"))

        Merge(base, best_adapter(tuned.run), onto, tuned.device).write(folder, progress)
        write_tokenizer(base, tuned.tokenizer, folder)
        write_generation(folder, work.ends, tuned.tokenizer)
        work.link.progress(_("Loading the export again and comparing"))
        return self._prove(onto, folder)

    def _prove(self, onto: Onto, folder: Path) -> LikenessResult:
        """Load a merged model in a fresh process; return how near it is to the fine-tune."""
        work, tuned = self.work, self.work.tuned
        child = child_of(work.folder, f"proof-{onto}")
        self.reference.write(child.root)
        params = MergedProofParams(
            export=str(folder),
            base_model=tuned.facts.base_model,
            adapter=str(best_adapter(tuned.run)),
            onto=onto,
            **work.questions(),
        )
        return result_of(child, params, work.link)


def _distance(likeness: Likeness) -> float:
    return math.inf if math.isnan(likeness.divergence) else likeness.divergence


def require_alike(found: LikenessResult, probe: Probe) -> None:
    """Refuse what does not answer like the fine-tune.

    Raises:
        UserFacingError: ``export.proof_failed``.
    """
    runs_on = _runs_on(found, probe)
    if found.likeness.verdict is not Verdict.DIFFERENT and not found.text and not runs_on:
        return
    likeness = found.likeness
    details = (  # not shown: technical details
        f"perplexity {likeness.perplexity:g}, the fine-tune's {likeness.wanted_perplexity:g}; "
        f"divergence {likeness.divergence:g}; answers {probe.answer!r} and {found.answer!r}; "
        f"ended {found.ended}; {found.text}"
    )
    raise UserFacingError(
        "export.proof_failed",
        _("The export does not answer like the trained model, so it was not saved."),
        _("Export again. If it happens again, report it with the details below."),
        details,
    )


def _runs_on(found: LikenessResult, probe: Probe) -> bool:
    """Whether answers do not end that the fine-tune ended."""
    pairs = zip(probe.answers[1:], found.answers[1:], strict=False)
    rest = sum(not wanted.cut and not ended for wanted, (_text, ended) in pairs)
    return (probe.ended and not found.ended) or rest > _RUN_ON


def run_merged_proof(folder: RunFolder, params: MergedProofParams, link: JobLink) -> LikenessResult:
    """Job ``merged_proof``: compute from the export alone what the fine-tune computed.

    Only transformers takes part, as everywhere else where the export will be loaded.
    """
    from core.training.engine.answering import load_to_answer

    export, device = Path(params.export), training_device()
    link.progress(_("Loading the export"))
    merge = Merge(Path(params.base_model), Path(params.adapter), params.onto, device)
    wrong = wrong_tensor(merge, export, lambda _done, _total: link.check_cancelled())
    model = load_to_answer(export, "none", device).eval()
    link.progress(_("Comparing"))
    found = compared(folder, model, export, Path(params.base_model), params)
    if wrong and not found.text:
        text = f"the tensor {wrong} is not what it should be"  # not shown: technical details
        return found.model_copy(update={"text": text})
    return found


def compared(
    folder: RunFolder, model: Any, export: Path, origin: Path, asked: Questions[Any]
) -> LikenessResult:
    """Let an export that transformers loaded answer what the fine-tune answered.

    Args:
        folder: of the job, with the fine-tune's answers.
        model: loaded from ``export``.
        origin: the model whose settings it should have.
    """
    from transformers import AutoTokenizer, GenerationConfig

    tokenizer = AutoTokenizer.from_pretrained(str(export), local_files_only=True)
    settings = GenerationConfig.from_pretrained(str(export), local_files_only=True)
    reference = Reference.read(folder.root)
    logs = log_probabilities(model, reference.ids, reference.places)
    answers = spoken_answers(model, tokenizer, asked.prompts, settings, asked.limits)
    other = other_text(tokenizer, asked.chats, asked.prompts, asked.ids)
    other = other or other_settings(origin, export, asked.ends)
    return LikenessResult(
        likeness=compare(reference, logs),
        answer=answers[0].text,
        ended=answers[0].ended,
        speed=answers[0].speed,
        answers=[(one.text, one.ended) for one in answers],
        text=other,
    )


def other_settings(base: Path, export: Path, ends: list[int]) -> str:
    """Say which setting of the model, or which end of its answers, is not what it should be."""
    wanted, found = read_json(base / "config.json"), read_json(export / "config.json")
    for config in (wanted, found):
        config.pop("quantization_config", None)
    for name in sorted(wanted.keys() | found.keys()):
        if wanted.get(name) != found.get(name):
            return f"{name} is {found.get(name)!r}, not {wanted.get(name)!r}"  # not shown: details
    stops = read_json(export / GENERATION).get("eos_token_id")
    if stops != ends:
        return f"answers end at {stops}, not at {ends}"  # not shown: technical details
    return ""


def merged_readme(card: Card, merged: Merged) -> str:
    """Return what a merged model says of itself, as Markdown with the Hub's front matter."""
    base, kept = card.base, merged.proof.likeness
    what = {  # not shown: read by others
        "original": "the original weights",
        "unpacked": "the unpacked 4-bit weights",
    }
    lines = [  # not shown: read by others
        *heading(card, "transformers"),
        f"**{base.name}** with a fine-tune merged into it: a whole model that needs nothing else.",
        "",
        *fact_lines(card),
        f"| merged into | {what[merged.onto]} |",
        f"| perplexity on {kept.tokens} unseen tokens | {kept.perplexity:.3f}, with the adapter "
        f"{kept.wanted_perplexity:.3f} |",
        f"| divergence from the adapter | {kept.divergence:.4f} nats a token |",
        "",
        _USE,
    ]
    return "\n".join(lines) + "\n"


_USE = (  # not shown: read by others
    """## Use

```python
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

model = AutoModelForCausalLM.from_pretrained("PATH/TO/THIS/FOLDER", dtype=torch.bfloat16)
tokenizer = AutoTokenizer.from_pretrained("PATH/TO/THIS/FOLDER")  # with the chat template
tokens = tokenizer.apply_chat_template(
    [{"role": "user", "content": "…"}], add_generation_prompt=True, return_tensors="pt",
    return_dict=True)
answer = model.generate(**tokens, max_new_tokens=500)
print(tokenizer.decode(answer[0, tokens["input_ids"].shape[1]:], skip_special_tokens=True))
```

`training_config.yaml` holds the settings, `card.json` all facts, `proof.json` how this folder was
loaded again and compared before it was saved, `manifest.json` the SHA-256 of every file.
"""
)

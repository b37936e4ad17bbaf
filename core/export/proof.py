"""Proof of an export: a fresh process loads it on the base and must compute the same.

The child is an ordinary job in a folder inside the export's run folder; it uses only transformers
and peft, like anyone who receives the export.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.chat.cuts import Answer
from core.chat.readings import reader_of
from core.chat.template import Chat
from core.chat.turns import chat, fitted
from core.data.example import Message
from core.errors import UserFacingError
from core.evaluation.tuned import Tuned
from core.export.children import result_of
from core.export.probing import (
    ANSWER_TOKENS,
    SHORT_TOKENS,
    end_settings,
    last_logits,
    other_text,
    room,
    spoken,
)
from core.export.probing import answer as answer_to
from core.export.probing import rendered as _rendered
from core.export.probing import token_ids as _ids
from core.generation.answers import generate_answers
from core.jobs.likeness import Answered
from core.jobs.link import JobLink
from core.jobs.spec import ProofParams, ProofResult
from core.language import _
from core.models.loading import training_device
from core.project import RunFolder
from core.storage.files import write_tensors
from core.training.adapter import load_adapter, move_adapter

if TYPE_CHECKING:
    import torch

_PROBES = 10
_EXPECTED = "expected.safetensors"
# Exact on a CPU. On a card, two loads may choose other kernels: bf16 keeps 8 bits of mantissa.
_TOLERANCE = {"cpu": 0.0, "cuda": 0.05}


@dataclass(frozen=True)
class Probe:
    """Held-out conversations with what the trained model makes of them.

    Attributes:
        chats: the conversations, as the chat template takes them.
        prompts: what it makes of them.
        ids: their token numbers.
        logits: [n, V] float32, the next-token logits after each prompt.
        answer: the answer to the first one.
        ended: it ended before the limit.
        answers: the answers to all of them, the first one included; empty where only that one
            was asked for.
    """

    chats: list[Chat]
    prompts: list[str]
    ids: list[list[int]]
    logits: torch.Tensor
    answer: str
    ended: bool
    answers: tuple[Answer, ...] = ()

    @property
    def limits(self) -> list[int]:
        """Room of the export's answers; where the fine-tune's was cut, theirs is cut there too."""
        return [room(place, cut=answer.cut) for place, answer in enumerate(self.answers)]

    def answered(self, answers: Sequence[tuple[str, bool]]) -> list[Answered]:
        """Return the questions with both answers."""
        mine = self.answers or (Answer(self.answer, cut=not self.ended),)
        return [
            Answered(
                question=_question(asked),
                wanted=wanted.text,
                wanted_ended=not wanted.cut,
                answer=text,
                ended=ended,
            )
            for asked, wanted, (text, ended) in zip(self.chats, mine, answers, strict=False)
        ]


def _question(asked: Chat) -> str:
    """Return what stands last before the answer; templates may want it in parts."""
    content: Any = asked[-1].get("content")
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return str(content or "")


@dataclass(frozen=True)
class Work:
    """One saving of a fine-tune.

    Attributes:
        folder: of the job.
        ends: the tokens that end an answer.
        probe: what the fine-tune makes of a few questions.
    """

    folder: RunFolder
    tuned: Tuned
    ends: list[int]
    probe: Probe
    link: JobLink

    def questions(self) -> dict[str, Any]:
        """Return what an export is asked, as the parameters of its proof take it."""
        probe = self.probe
        asked = {"chats": probe.chats, "prompts": probe.prompts, "ids": probe.ids}
        return {**asked, "ends": self.ends, "limits": probe.limits}


def make_probe(tuned: Tuned, ends: list[int]) -> Probe:
    """Ask the trained model a few held-out questions.

    Args:
        ends: the tokens that end an answer.
    """
    chats = _chats(tuned)
    prompts = _rendered(tuned.tokenizer, chats)
    logits = last_logits(tuned.model, tuned.tokenizer, prompts)
    settings = end_settings(eos_token_id=ends, pad_token_id=tuned.tokenizer.pad_token_id)
    answer, ended = answer_to(tuned.model, tuned.tokenizer, prompts[0], settings)
    return Probe(chats, prompts, _ids(tuned.tokenizer, prompts), logits, answer, ended)


def ask_all(tuned: Tuned, probe: Probe) -> Probe:
    """Let the fine-tune answer the other questions too, briefly."""
    first = Answer(probe.answer, cut=not probe.ended)
    rest = generate_answers(
        tuned.model, tuned.tokenizer, probe.prompts[1:], max_new_tokens=SHORT_TOKENS
    )
    return replace(probe, answers=(first, *rest))


def _chats(tuned: Tuned) -> list[Chat]:
    """Held-out conversations up to the answer, with their turns as the template can show them."""
    traits = reader_of(tuned.tokenizer).traits
    asked = [example.messages[:-1] for example in tuned.unseen_examples(_PROBES)]
    asked = [turns for turns in asked if turns] or [(Message("user", "Hello"),)]
    return [chat(fitted(turns, traits)[0], parts=traits.parts) for turns in asked]


@dataclass(frozen=True)
class Proof:
    """What was found when an export was loaded again.

    Attributes:
        largest_difference: between its logits and those of the trained model.
        answer: what both answered to the first probe.
        ended_by_itself: the answer ended before the limit.
        speed: tokens a second of that answer.
    """

    largest_difference: float
    answer: str
    ended_by_itself: bool
    speed: float


def prove(work: Work, export: Path) -> Proof:
    """Load ``export`` in a fresh process; return how far its logits are from the trained model's.

    Raises:
        UserFacingError: they differ (``export.proof_failed``), or the export does not load.
        Cancelled: you cancelled.
    """
    tuned, probe = work.tuned, work.probe
    child = RunFolder(work.folder.root / "proof")
    child.root.mkdir(exist_ok=True)
    write_tensors(child.root / _EXPECTED, {"logits": probe.logits})
    params = ProofParams(
        export=str(export),
        base_model=tuned.facts.base_model,
        quantisation=tuned.config.quantisation,
        chats=probe.chats,
        prompts=probe.prompts,
        ids=probe.ids,
    )
    found = result_of(child, params, work.link)
    _demand_equal(found, probe, tuned.device)
    return Proof(found.largest_difference, probe.answer, found.ended, found.speed)


def _demand_equal(found: ProofResult, probe: Probe, device: str) -> None:
    tolerance = _TOLERANCE[device.partition(":")[0]]
    difference = found.largest_difference
    answers = found.answer, found.ended
    same_answer = bool(tolerance) or answers == (probe.answer, probe.ended)
    if difference <= tolerance and same_answer and not found.text:
        return
    details = (  # not shown: technical details
        f"largest difference of logits {difference:g}; answers {probe.answer!r} and {answers!r}; "
        f"{found.text}"
    )
    raise UserFacingError(
        "export.proof_failed",
        _("The exported adapter does not answer like the trained model, so it was not saved."),
        _("Export again. If it happens again, report it with the details below."),
        details,
    )


def run_proof(folder: RunFolder, params: ProofParams, link: JobLink) -> ProofResult:
    """Job ``proof``: compute the same from the export alone.

    Tokenizer, template and the tokens that end an answer are those of the export, as the libraries
    read them; nothing is added to them here.
    """
    from safetensors.torch import load_file
    from transformers import AutoTokenizer, GenerationConfig

    from core.training.engine.answering import load_to_answer, write_out_if_room

    export = Path(params.export)
    link.progress(_("Loading the export"))
    device = training_device()
    base = load_to_answer(Path(params.base_model), params.quantisation, device)
    model = move_adapter(load_adapter(base, export), device)
    write_out_if_room(model, device)
    model.eval()
    tokenizer = AutoTokenizer.from_pretrained(str(export), local_files_only=True)
    settings = GenerationConfig.from_pretrained(str(export), local_files_only=True)
    link.progress(_("Comparing"))
    logits = last_logits(model, tokenizer, params.prompts)
    expected = load_file(folder.root / _EXPECTED)["logits"]
    first = spoken(model, tokenizer, params.prompts[0], settings, ANSWER_TOKENS)
    return ProofResult(
        largest_difference=float((logits - expected).abs().max()),
        answer=first.text,
        ended=first.ended,
        speed=first.speed,
        text=_other_text(tokenizer, params),
    )


def _other_text(tokenizer: Any, params: ProofParams) -> str:
    return other_text(tokenizer, params.chats, params.prompts, params.ids)

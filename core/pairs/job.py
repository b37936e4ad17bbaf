"""The job ``pairs``: a base model asks and answers about the passages of documents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.chat.cuts import Answer
from core.chat.tokens import render_prompt
from core.data.example import Message
from core.generation.answers import generate_answers
from core.jobs.link import Cancelled, JobLink, Request, Stopped
from core.language import _
from core.models.inspection import inspect_model
from core.models.loading import load_tokenizer, training_device
from core.models.sample import ensure, sample_model_folder
from core.pairs.asking import Ask, proposals
from core.pairs.passages import Passage, passages_of
from core.pairs.proposals import Proposal, proposals_file
from core.pairs.spec import PairsParams, PairsResult
from core.project import RunFolder
from core.storage.ordinary import open_to_append

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

_AT_ONCE = {"cuda": 32, "cpu": 4}
_ROOM = 160  # tokens of a question or an answer


def run_pairs(folder: RunFolder, params: PairsParams, link: JobLink) -> PairsResult:
    """Write the pairs into the run's folder as they are made; a cancel keeps them."""
    from core.training.engine.answering import load_to_answer, write_out_if_room

    link.progress(_("Reading your documents"))
    found = passages_of(map(Path, params.paths), params.read)
    chosen = spread(found, params.most)
    link.progress(_("Loading the base model"))
    base = Path(params.base_model)
    if base == sample_model_folder():
        ensure(link.progress)
    inspect_model(base)
    device = training_device()
    model = load_to_answer(base, "nf4", device)
    write_out_if_room(model, device)
    model.eval()
    ask = _asker(model, load_tokenizer(base))
    tally = _Tally(len(found))
    try:
        for some in _batches(chosen, _AT_ONCE[device.partition(":")[0]]):
            _look_at_requests(link, tally, len(chosen))
            made = proposals(some, ask, base.name, tally.questions)
            _keep(folder, made)
            tally.add(made)
        link.progress(_("Asking about your documents"), len(chosen), len(chosen), _("passages"))
    except Cancelled:
        raise Stopped(tally.result()) from None
    return tally.result()


class _Tally:
    """What was made so far."""

    def __init__(self, passages: int) -> None:
        self.questions: list[frozenset[str]] = []
        self.asked = 0
        self._passages = passages
        self._faults: Counter[str] = Counter()

    def add(self, made: Sequence[Proposal]) -> None:
        self.asked += len(made)
        self._faults.update(one.fault for one in made)

    def result(self) -> PairsResult:
        faults = {fault: count for fault, count in self._faults.most_common() if fault}
        return PairsResult(
            passages=self._passages, asked=self.asked, passed=self._faults[""], faults=faults
        )


def _look_at_requests(link: JobLink, tally: _Tally, total: int) -> None:
    link.progress(_("Asking about your documents"), tally.asked, total, _("passages"))
    if link.request() in (Request.STOP, Request.END):
        raise Stopped(tally.result())


def _asker(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> Ask:
    def ask(conversations: Sequence[tuple[Message, ...]]) -> list[Answer]:
        prompts = [render_prompt(tokenizer, turns) for turns in conversations]
        return generate_answers(model, tokenizer, prompts, max_new_tokens=_ROOM)

    return ask


def spread(passages: Sequence[Passage], most: int) -> list[Passage]:
    """Return at most this many passages, from everywhere in the documents."""
    count = min(most, len(passages))
    return [passages[n * len(passages) // count] for n in range(count)]


def _batches(passages: Sequence[Passage], size: int) -> Iterator[Sequence[Passage]]:
    for first in range(0, len(passages), size):
        yield passages[first : first + size]


def _keep(folder: RunFolder, made: Sequence[Proposal]) -> None:
    with open(open_to_append(proposals_file(folder)), "ab") as stream:  # noqa: PTH123 - a descriptor
        stream.write("".join(f"{one.model_dump_json()}\n" for one in made).encode())

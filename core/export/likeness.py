"""Measures how near an export is to the fine-tune, on answers that it never learned from.

The fine-tune (the adapter on the base as it was trained on) says how probable it finds every next
token of held-out answers; a process of its own asks the export the same.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.chat.packing import IGNORED
from core.chat.tokens import tokenise
from core.evaluation.tuned import Tuned
from core.jobs.likeness import Likeness
from core.storage.files import read_json, write_json, write_tensors

if TYPE_CHECKING:
    import torch

_EXAMPLES = 32
_VALUES = 1 << 25  # log-probabilities that are kept: 128 MB
_TOKENS = 600
_ROWS, _EXPECTED = "held_out.json", "held_out.safetensors"


@dataclass(frozen=True)
class Reference:
    """Held-out answers, and what the fine-tune makes of them.

    Attributes:
        ids: token numbers of each text.
        places: where in it the tokens of the answer are.
        logs: [n, V] float32, log-probabilities of every next token at all those places.
    """

    ids: list[list[int]]
    places: list[list[int]]
    logs: torch.Tensor

    @property
    def targets(self) -> list[int]:
        """The token that stands at each place."""
        return [ids[place] for ids, place in self.asked]

    @property
    def asked(self) -> list[tuple[list[int], int]]:
        """Each place, with the text it is in."""
        rows = zip(self.ids, self.places, strict=True)
        return [(ids, place) for ids, places in rows for place in places]

    def write(self, folder: Path) -> None:
        """Write it where the child will read it."""
        write_json(folder / _ROWS, {"ids": self.ids, "places": self.places})
        write_tensors(folder / _EXPECTED, {"logs": self.logs})

    @classmethod
    def read(cls, folder: Path) -> Reference:
        """Read what :meth:`write` wrote."""
        from safetensors.torch import load_file

        rows = read_json(folder / _ROWS)
        return cls(rows["ids"], rows["places"], load_file(folder / _EXPECTED)["logs"])


def make_reference(tuned: Tuned) -> Reference:
    """Ask the fine-tune how probable it finds held-out answers."""
    vocabulary = tuned.model.get_output_embeddings().weight.shape[0]
    room = max(1, min(_TOKENS, _VALUES // vocabulary))
    ids, places = [], []
    unseen = tuned.unseen_examples(_EXAMPLES)
    learned_from = itertools.islice(tuned.version.examples("train"), _EXAMPLES)
    for example in itertools.chain(unseen, learned_from):  # the latter where there are few
        row = tokenise(tuned.tokenizer, example, tuned.config.max_length)
        learned = [n for n, label in enumerate(row.labels) if label != IGNORED][:room]
        if row.problem or not learned:
            continue
        ids.append([int(token) for token in row.ids[: learned[-1] + 1]])
        places.append(learned)
        room -= len(learned)
        if not room:
            break
    return Reference(ids, places, log_probabilities(tuned.model, ids, places))


def log_probabilities(
    model: Any, ids: Sequence[Sequence[int]], places: Sequence[Sequence[int]]
) -> torch.Tensor:
    """Return [n, V] float32 log-probabilities of what stands at each of the places."""
    import torch

    device = next(model.parameters()).device
    found = []
    for row, chosen in zip(ids, places, strict=True):
        before = torch.tensor([place - 1 for place in chosen])
        with torch.no_grad():
            logits = model(input_ids=torch.tensor([row]).to(device), use_cache=False).logits[0]
        found.append(torch.log_softmax(logits[before.to(logits.device)].float(), -1).cpu())
    return torch.cat(found)


def compare(reference: Reference, logs: torch.Tensor) -> Likeness:
    """Return how far the log-probabilities [n, V] of an export are from the fine-tune's."""
    import torch

    wanted = reference.logs.double()
    found = logs[:, : wanted.shape[1]].double()
    targets = torch.tensor(reference.targets)[:, None]
    share = wanted.exp()
    terms = torch.where(share > 0, share * (wanted - found), 0.0)
    return Likeness(
        tokens=len(targets),
        loss=float(-found.gather(1, targets).mean()),
        wanted=float(-wanted.gather(1, targets).mean()),
        divergence=float(terms.sum(-1).mean()),
    )

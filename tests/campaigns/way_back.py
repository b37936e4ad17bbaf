"""Campaign: corrected answers of daily use become a dataset version, and the next run learns them.

    python -m tests.campaigns.way_back [--corrections 40] [--steps 60] [--tiny]

A project of 300 short examples is trained on the sample model (``--tiny``: a random one). Then
questions about invented devices are recorded as daily use and corrected, among others some that
resemble test examples. The next version must hold the corrected ones, the same test part byte for
byte, and nothing that resembles it; the next run's loss on the corrected answers must be far lower.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from core.actions.examples import prepare
from core.actions.plans import choose, look
from core.actions.serving import learn
from core.actions.state import dataset_folder
from core.actions.training import train
from core.commands.terminal import run_job
from core.data.dataset import DatasetVersion
from core.data.example import Message
from core.generation.spec import Ask, Done, Turn
from core.project import Project, RunFolder
from core.serving.use.record import UseRecord
from tests.models import kept_sample_model, make_tiny_model, write_numbers

_RESEMBLING = 10
_COLOURS = ("amber", "teal", "violet", "scarlet", "ivory", "cobalt")
_THINGS = ("lantern", "kettle", "clock", "fan", "radio", "lock", "lamp", "pump")


@dataclass(frozen=True)
class Outcome:
    """Figures of the campaign; losses are means over the tokens of the corrected answers."""

    corrections: int
    added: int
    held_out: int
    tests: int
    tests_unchanged: bool
    before: float
    after: float

    @property
    def failures(self) -> list[str]:
        found = []
        if self.added != self.corrections or self.held_out != _RESEMBLING:
            found.append(f"{self.added} added, {self.held_out} held out")
        if not self.tests_unchanged or not self.tests:
            found.append("the test part is another one")
        if self.after > 0.7 * self.before:
            found.append(f"not learned: loss {self.before:.2f}, then {self.after:.2f}")
        return found


def corrected(count: int) -> list[tuple[str, str]]:
    """Return questions about devices that nobody knows, with the answers they should have."""
    dice = random.Random(5)
    found: dict[str, str] = {}
    while len(found) < count:
        colour, thing = dice.choice(_COLOURS), dice.choice(_THINGS)
        model = f"{thing.title()}mat {dice.randrange(100, 999)}"
        question = f"What does the {colour} light of the {model} mean?"
        found[question] = f"The {model} says by its {colour} light: fill the {thing} with brine."
    return list(found.items())


def way_back(folder: Path, base: Path, count: int, steps: int, **values: object) -> Outcome:
    """Go the whole way in an empty folder."""
    project = Project.create(folder / "project")
    prepare(project, [write_numbers(folder / "numbers.jsonl", 300)], run_job=run_job)
    first_version = DatasetVersion.load(dataset_folder(project))
    first = trained(project, base, steps, **values)
    pairs = corrected(count)
    tests = list(first_version.examples("test"))
    with UseRecord(project) as record:
        resembling = [(e.question, f"{e.answer} Certainly.") for e in tests[:_RESEMBLING]]
        for number, (question, answer) in enumerate([*pairs, *resembling]):
            note(record, str(number), question, answer)
    learned = learn(project)
    second = trained(project, base, steps, **values)
    return Outcome(
        corrections=count,
        added=learned.added,
        held_out=learned.held_out,
        tests=len(tests),
        tests_unchanged=test_lines(learned.version) == test_lines(first_version),
        before=loss(project, first, pairs),
        after=loss(project, second, pairs),
    )


def note(record: UseRecord, id: str, question: str, answer: str) -> None:
    """Record that the model answered something wrong, and what was right."""
    asked = Ask(id=id, messages=(Turn(role="user", content=question),))
    record.add(asked, "I do not know.", Done(id=id, reason="stop"), characters=5000)
    found = record.find(id)
    assert found is not None
    record.mark(found.id, "edited", answer)


def trained(project: Project, base: Path, steps: int, **values: object) -> RunFolder:
    """Train on the version in use; return the run."""
    here = look(project, base)
    settings = {"max_steps": steps, "max_length": 256, **values}
    train(here, choose(here, values=settings).config, run_job=run_job)
    run = project.latest_run("train")
    assert run is not None
    return run


def test_lines(version: DatasetVersion) -> list[bytes]:
    """Return the test part as it is stored."""
    return [line for line in version.lines() if line.rstrip().endswith(b'"part":"test"}')]


def loss(project: Project, run: RunFolder, pairs: list[tuple[str, str]]) -> float:
    """Return the mean loss of the answers' tokens under a run's fine-tune."""
    import torch

    from core.chat.tokens import render_prompt
    from core.evaluation.tuned import load_tuned

    tuned = load_tuned(project, run)
    total, count = 0.0, 0
    for question, answer in pairs:
        prompt = render_prompt(tuned.tokenizer, (Message("user", question),))
        begin = tuned.tokenizer(prompt, add_special_tokens=False).input_ids
        end = tuned.tokenizer(answer, add_special_tokens=False).input_ids
        ids = torch.tensor([begin + end], device=tuned.device)
        with torch.no_grad():
            logits = tuned.model(input_ids=ids).logits[0, len(begin) - 1 : -1].float()
        wanted = torch.tensor(end, device=tuned.device)
        total += float(torch.nn.functional.cross_entropy(logits, wanted, reduction="sum"))
        count += len(end)
    return total / count


def main() -> int:
    """Run the campaign and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corrections", type=int, default=40)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--tiny", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="homelab-way-back-") as folder:
        base = kept_sample_model()
        if options.tiny:
            base = make_tiny_model(Path(folder) / "tiny", base)
        outcome = way_back(Path(folder), base, options.corrections, options.steps)
    lines = [str(outcome), *(f"FAILED {failure}" for failure in outcome.failures)]
    lines.append(f"cases {options.corrections}, failures {len(outcome.failures)}")
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if outcome.failures else 0


if __name__ == "__main__":
    sys.exit(main())

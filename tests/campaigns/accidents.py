"""Campaign: trainings that go wrong in known ways are recognised early, sound ones are left alone.

Each case is a real training job on rows of the sample data. The accidents: a learning rate far too
high, one far too low, six epochs on sixty rows, damaged rows. The sound runs vary seed, rate, rank,
batch, schedule and data. ``--base sample`` trains SmolLM2-135M (minutes a case), ``--base small`` a
little model that was taught the sample's rows before (seconds a case).

``python -m tests.campaigns.accidents --base sample --sound 20`` prints ``cases N, failures M``
last; the courses are kept in ``build/campaigns/accidents``, in the format that the tests replay.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from core.actions.examples import prepare
from core.actions.state import dataset_folder
from core.commands.terminal import run_job
from core.config.training import TrainingConfig, save_config
from core.data.dataset import DatasetVersion
from core.errors import UserFacingError
from core.events import Event, HealthVerdict, TrainStep, Validation
from core.jobs.link import JobLink
from core.jobs.spec import TrainParams, write_spec
from core.jobs.supervisor import read_events
from core.project import Project, RunFolder
from core.sample_project import EXAMPLES
from core.training.schedule import Schedule

KEPT = Path("build/campaigns/accidents")
Row = dict[str, str]
_LONGEST_QUESTION = 230  # characters: the shortest rows of the sample, for the time's sake
_ALARMING = frozenset(
    {"diverged", "not_finite", "unstable", "rough_gradient", "rate_too_low", "rate_too_high",
     "no_gradient", "odd_rows"}
)  # fmt: skip
_COMMON = {
    "effective_batch": 4, "max_length": 256, "micro_batch_tokens": 1024, "patience_epochs": 0.0,
    "checkpoint_minutes": 60.0, "sample_answers": False, "validations_per_epoch": 5,
}  # fmt: skip


def unchanged(rows: list[Row], _dice: random.Random) -> list[Row]:
    """Take the rows as they are."""
    return rows


def damaged(rows: list[Row], dice: random.Random) -> list[Row]:
    """Replace a few answers by letters from everywhere, as a wrong encoding would."""
    spoilt = set(dice.sample(range(len(rows)), max(4, len(rows) // 20)))
    noise = ["".join(chr(dice.randrange(0x100, 0x2000)) for _ in range(160)) for _ in rows]
    return [
        {**row, "output": noise[place]} if place in spoilt else row
        for place, row in enumerate(rows)
    ]


@dataclass(frozen=True)
class Case:
    """One training.

    Attributes:
        values: differences from the common settings.
        rows: how many rows are used.
        spoil: what is done to them.
        expected: codes of which one must be told; empty for a sound run.
        early: by which share of the steps that must be.
        small: other differences for the little model, which stands more.
    """

    name: str
    values: dict[str, Any]
    rows: int = 160
    spoil: Callable[[list[Row], random.Random], list[Row]] = unchanged
    expected: frozenset[str] = frozenset()
    early: float = 1.0
    seed: int = 0
    small: dict[str, Any] = field(default_factory=dict)


@dataclass
class Outcome:
    """What was told (step, level, code) in how many planned steps, and what is wrong with that."""

    case: Case
    told: list[tuple[int, str, str]] = field(default_factory=list)
    total: int = 0
    seconds: float = 0.0
    findings: list[str] = field(default_factory=list)


ACCIDENTS = (
    Case(
        "learning rate 2e-3 times ten",
        {"learning_rate": 2e-2, "max_steps": 60, "epochs": 2.0},
        expected=frozenset({"diverged", "not_finite", "rate_too_high"}),
        early=0.4,
        small={"learning_rate": 0.5},
    ),
    Case(
        "learning rate 1e-6",
        {"learning_rate": 1e-6, "max_steps": 60, "epochs": 2.0},
        expected=frozenset({"rate_too_low"}),
        early=0.25,
    ),
    Case(
        "six epochs on sixty rows",
        {"learning_rate": 1e-3, "epochs": 6.0},
        rows=60,
        expected=frozenset({"overfitting", "memorising"}),
        early=0.6,
        small={"learning_rate": 2e-2},
    ),
    Case(
        "damaged rows",
        {"learning_rate": 1e-4, "epochs": 2.0},
        spoil=damaged,
        expected=frozenset({"odd_rows"}),
        early=0.3,
    ),
)


def sound(seed: int) -> Iterator[Case]:
    """Yield sound runs without an end, each different."""
    number = 0
    while True:
        dice = random.Random(1000 * seed + number)
        values = {
            "learning_rate": float(f"{10 ** dice.uniform(-4.3, -3.5):.2g}"),
            "rank": dice.choice([4, 8, 16, 32]),
            "effective_batch": dice.choice([2, 4, 8]),
            "schedule": dice.choice(["cosine", "linear", "constant"]),
            "epochs": dice.choice([1.0, 1.5, 2.0]),
            "seed": number,
            "max_steps": 60,
        }
        yield Case(f"sound {number}", values, rows=dice.randrange(100, 161), seed=number)
        number += 1


def rows_of_the_sample(count: int, seed: int) -> list[Row]:
    """Return short, undamaged rows of the sample data."""
    lines = EXAMPLES.read_text(encoding="utf-8", errors="replace").splitlines()
    rows = [json.loads(line) for line in lines if line.startswith("{")]
    short = [
        r for r in rows if r.get("output") and len(r.get("input", "x" * 999)) < _LONGEST_QUESTION
    ]
    random.Random(seed).shuffle(short)
    return short[:count]


def run_case(case: Case, base: Path, work: Path) -> Outcome:
    """Train through one case as the training job does; judge what it told."""
    began, outcome = time.monotonic(), Outcome(case)
    project = Project.create(work / case.name)
    source = work / f"{case.name}.jsonl"
    rows = case.spoil(rows_of_the_sample(case.rows, case.seed), random.Random(case.seed))
    source.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    prepare(project, [source], run_job=run_job)
    config = TrainingConfig(**{**_COMMON, **case.values})
    run = _train(project, base, config)
    events = list(read_events(run))
    version = DatasetVersion.load(dataset_folder(project))
    schedule = Schedule(config, version.counts["train"])
    outcome.total = schedule.total_steps
    outcome.told = [
        (e.step, e.level, e.code.removeprefix("training."))
        for e in events
        if isinstance(e, HealthVerdict)
    ]
    outcome.seconds = round(time.monotonic() - began, 1)
    outcome.findings = judge(outcome)
    _keep(case, schedule, events)
    return outcome


def _train(project: Project, base: Path, config: TrainingConfig) -> RunFolder:
    from core.training.job import run_train

    run = project.new_run("train")
    save_config(config, run.config_file)
    params = TrainParams(dataset_version=dataset_folder(project).name, base_model=str(base))
    write_spec(run, params)
    with JobLink(run) as link:
        try:
            run_train(run, params, link)
        except UserFacingError as error:
            if not error.code.startswith("training."):
                raise
    return run


def judge(outcome: Outcome) -> list[str]:
    """Return what is wrong with what was told."""
    case = outcome.case
    if not case.expected:
        return [f"a false alarm: {told}" for told in outcome.told if told[2] in _ALARMING]
    steps = [step for step, level, code in outcome.told if code in case.expected]
    if not steps:
        return [f"not recognised, told only {outcome.told}"]
    if steps[0] > case.early * outcome.total:
        return [f"recognised at step {steps[0]} of {outcome.total} only"]
    return []


def _keep(case: Case, schedule: Schedule, events: list[Event]) -> None:
    """Write the course as the tests replay it."""
    config = schedule.config
    head = {
        "learning_rate": config.learning_rate,
        "warmup_steps": schedule.warmup_steps,
        "epoch_steps": round(schedule.examples / config.effective_batch, 2),
        "checks": [[e.step, round(e.loss, 4)] for e in events if isinstance(e, Validation)],
    }
    steps = [
        json.dumps([round(e.loss, 4), round(e.grad_norm, 3), e.rows, e.row_losses, e.row_tokens])
        for e in events
        if isinstance(e, TrainStep)
    ]
    KEPT.mkdir(parents=True, exist_ok=True)
    name = case.name.replace(" ", "_")
    text = json.dumps(head)[:-1] + ',\n"steps": [\n ' + ",\n ".join(steps) + "]}\n"
    (KEPT / f"{name}.json").write_text(text, encoding="utf-8")


def small_base(steps: int = 250) -> Path:
    """Make a little model that knows the sample's kind of text: a base worth fine-tuning."""
    import torch
    from transformers import AutoTokenizer, LlamaForCausalLM

    from tests.models import kept_sample_model, make_tiny_model

    folder = KEPT / "small-base"
    if (folder / "model.safetensors").is_file():
        return folder
    torch.manual_seed(0)
    folder.mkdir(parents=True, exist_ok=True)
    make_tiny_model(folder, kept_sample_model())
    model = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    texts = [f"{row['input']}\n{row['output']}" for row in rows_of_the_sample(400, 1)]
    ids = tokenizer("\n\n".join(texts), return_tensors="pt")["input_ids"][0]
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for _ in range(steps):
        starts = torch.randint(0, len(ids) - 64, (4,))
        batch = torch.stack([ids[start : start + 64] for start in starts])
        model(input_ids=batch, labels=batch).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    model.to(torch.bfloat16).save_pretrained(folder)
    return folder


def run(cases: list[Case], base: str) -> list[Outcome]:
    """Run the cases one after another, and show each at once."""
    outcomes = []
    work = Path(tempfile.mkdtemp())
    try:
        model = small_base() if base == "small" else _sample_base()
        for case in cases:
            extra = case.small if base == "small" else {}
            fitted = replace(case, values={**case.values, **extra})
            outcome = run_case(fitted, model, work)
            outcomes.append(outcome)
            wrong = "; ".join(outcome.findings) or "as expected"
            told = ", ".join(f"{code} at {step}" for step, _, code in outcome.told)
            sys.stdout.write(
                f"{case.name}: {told or 'nothing'} of {outcome.total} steps, "
                f"{outcome.seconds} s: {wrong}\n"
            )
            sys.stdout.flush()
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return outcomes


def _sample_base() -> Path:
    from tests.models import kept_sample_model

    return kept_sample_model()


def main(arguments: list[str]) -> int:
    """Run the campaign as the command line says."""
    from core.jobs.worker import quiet_environment

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", choices=("sample", "small"), default="small")
    parser.add_argument("--sound", type=int, default=20, help="how many sound runs")
    parser.add_argument("--first-sound", type=int, default=0)
    parser.add_argument("--only-sound", action="store_true")
    options = parser.parse_args(arguments)
    quiet_environment()
    sounds = sound(0)
    chosen = [next(sounds) for _ in range(options.first_sound + options.sound)]
    cases = [] if options.only_sound else list(ACCIDENTS)
    outcomes = run([*cases, *chosen[options.first_sound :]], options.base)
    failures = sum(bool(outcome.findings) for outcome in outcomes)
    sys.stdout.write(f"cases {len(outcomes)}, failures {failures}\n")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Projects in the states that the pages have to show, written as the jobs would write them."""

from __future__ import annotations

import math
import random
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from filelock import FileLock
from pytestqt.qtbot import QtBot

from core.chat.label_preview import FACTS, LabelledText, LabelPreviewSummary
from core.chat.tokens import REJECTED
from core.config.training import TrainingConfig, save_config
from core.data.dataset import PARTS, DatasetVersion
from core.data.example import Example, Part
from core.data.jobs import run_prepare, run_scan
from core.data.spec import PrepareParams, ScanParams
from core.evaluation.facts.cases import FactAnswer, FactCase
from core.evaluation.facts.checker import marked
from core.events import (
    Event,
    Failed,
    Finished,
    HealthVerdict,
    Notice,
    Progress,
    SampleAnswer,
    Started,
    Telemetry,
    TrainStep,
    Validation,
    to_line,
)
from core.hardware.cards import reader, usable
from core.hardware.system.awake import failed_notice, works_notice
from core.hardware.system.energy import Range
from core.jobs.link import JobLink
from core.jobs.spec import TrainingFacts
from core.language import _, ngettext
from core.models.hub.listing import Listing, RemoteFile
from core.models.hub.offer import Offer
from core.models.lora import WEIGHTS
from core.models.shape import ModelShape
from core.project import Project, RunFolder
from core.queue import entries
from core.storage.files import write_bytes, write_json
from core.training.checkpoints.checkpoint import StepFolders
from core.training.monitor.history import rises
from gui.wizard.session import Session
from tests.core.hardware.fake_nvml import FakeNvml
from tests.core.models.folders import make_model

QUESTION = "What does this function do?\n\ndef area(width, height):\n    return width * height"
ANSWER = "`area`: Returns the area of a rectangle."


def add_dataset(session: Session, rows: int = 120) -> str:
    """Read, check and accept examples; return the version's hash."""
    project = session.require_project()
    source = project.root / "numbers.jsonl"
    lines = [
        f'{{"instruction": "What comes after {n}?", "output": "`{n}`: The next is {n + 1}."}}'
        for n in range(rows)
    ]
    source.write_text("\n".join(lines), encoding="utf-8")
    folder = project.new_run("prepare")
    with JobLink(folder) as link:
        run_scan(folder, ScanParams(paths=(str(source),)), link)
        report = run_prepare(folder, PrepareParams(), link)
    session.give(dataset_version=report.content_hash)
    add_check(session)
    return report.content_hash


def add_base(session: Session, folder: Path) -> Path:
    """Make a small model folder and choose it."""
    make_model(folder, max_position_embeddings=2048)
    session.give(base_model=str(folder))
    add_check(session)
    return folder


def add_check(session: Session, *, long: int = 0, faulty: int = 0, end: bool = True) -> None:
    """Write what the check of the examples leaves, one token for each word.

    Args:
        long: so many examples get long answers, every second of them behind a long question.
        faulty: so many are refused by the chat template.
        end: whether answers end with a token of their own.
    """
    state, project = session.state, session.require_project()
    if not (state.dataset_version and state.base_model):
        return
    version = DatasetVersion.load(project.versions / state.dataset_version)
    facts = np.zeros(sum(version.counts.values()), dtype=FACTS)
    texts, reasons = [], {}
    for index, (part, item) in enumerate(version.rows()):
        question, answer = item.question, item.answer
        if index < long:
            question += " and then" * (400 if index % 2 else 1)
            answer += " and so on" * 300
        text = _learned_text(index, item, part, question, answer, end=end)
        if index >= len(facts) - faulty:
            reasons[index] = REJECTED.format(reason="System role not supported")
            text = text.model_copy(
                update={"text": "", "ids": (), "ends": (), "kinds": "", "fault": reasons[index]}
            )
        first = text.kinds.find("t")
        trained = len(text.kinds) - text.kinds.count("m")
        fault, place = int(bool(text.fault)), PARTS.index(part)
        facts[index] = (len(text.ids), first, trained, fault, place, 0, text.line)
        texts.append(text)
    run = project.new_run("learning")
    np.save(run.label_preview_facts, facts)
    lines = "\n".join(text.model_dump_json() for text in texts)
    run.label_preview_texts.write_text(lines, encoding="utf-8")
    summary = LabelPreviewSummary(
        dataset_version=state.dataset_version,
        base_model=state.base_model,
        files=("numbers.jsonl",),
        reasons=reasons,
        end="<|im_end|>" if end else "",
        without_end=0 if end else len(facts),
    )
    write_json(run.label_preview_file, summary.model_dump(mode="json"))


def _learned_text(
    index: int, item: Example, part: Part, question: str, answer: str, *, end: bool
) -> LabelledText:
    before = f"<|im_start|>user\n{question}<|im_end|>\n<|im_start|>assistant\n"
    text, ends = "", []
    for piece in re.findall(r"\S+\s*|\s+", before):
        text += piece
        ends.append(len(text))
    masked = len(ends)
    for piece in [*re.findall(r"\S+\s*", answer), *(["<|im_end|>"] if end else [])]:
        text += piece
        ends.append(len(text))
    kinds = "m" * masked + "t" * (len(ends) - masked)
    return LabelledText(
        index=index,
        file=item.source.file,
        line=item.source.line,
        part=part,
        text=text,
        ids=tuple(range(len(ends))),
        ends=tuple(ends),
        kinds=f"{kinds[:-1]}e" if end else kinds,
    )


def offer(repo: str = "Qwen/Qwen3-4B-Instruct-2507") -> Offer:
    """Return what the hub might say of a model with four billion parameters."""
    shape = ModelShape.from_dimensions(
        hidden_size=2560, layers=36, heads=32, kv_heads=8, head_dim=128, ffn_size=9728,
        vocab_size=151936, context_length=262144, tied_embeddings=True,
    )  # fmt: skip
    files = [
        RemoteFile(name=f"model-0000{n}-of-00003.safetensors", size=size, sha256="0" * 64)
        for n, size in enumerate((3_957_900_000, 3_987_450_000, 99_630_000), 1)
    ]
    small = RemoteFile(name="tokenizer.json", size=11_422_654, git_sha1="0" * 40)
    listing = Listing(
        repo=repo, revision="main", commit="c" * 40, licence="apache-2.0", files=(small, *files)
    )
    return Offer(listing=listing, model_type="qwen3", architecture="Qwen3ForCausalLM", shape=shape)


def add_run(session: Session) -> RunFolder:
    """Make a training run that was started; its events are for the caller to write."""
    project = session.require_project()
    run = project.new_run("train")
    save_config(TrainingConfig(), run.config_file)
    params = {
        "project": str(project.root),
        "dataset_version": session.state.dataset_version,
        "base_model": session.state.base_model,
    }
    write_json(run.job_file, {"kind": "train", "params": params, "resume_step": 0})
    session.give(training_run=run.name)
    return run


def write_events(run: RunFolder, events: Iterable[Event]) -> None:
    """Append events as the child does."""
    with run.events_file.open("a", encoding="utf-8") as stream:
        stream.writelines(to_line(event) for event in events)


def training_events(
    steps: int, total: int, *, card: bool = True, first: int = 1, memorise: bool = False
) -> Iterator[Event]:
    """Yield what a training tells that goes well (or memorises towards its end)."""
    dice = random.Random(first)
    checks: list[float] = []
    yield Started(job="train", resumed_from_step=first - 1)
    yield Progress(phase=_("Loading the base model"), at=0.1)
    if first == 1:
        yield Validation(step=0, epoch=0, loss=2.9, is_best=True, everyday=2.3, at=1.0)
        yield SampleAnswer(step=0, question=QUESTION, answer="The function the the area.", at=1.0)
    for step in range(first, first + steps):
        share = step / total
        at = 2.0 * step
        loss = 0.6 + 2.2 * math.exp(-4 * share) + dice.gauss(0, 0.12)
        yield TrainStep(
            step=step,
            total_steps=total,
            epoch=3 * share,
            loss=loss,
            learning_rate=5e-5 * min(1.0, step / 6) * math.cos(1.5 * share),
            grad_norm=0.8 + abs(dice.gauss(0, 0.2)),
            tokens=4100 + dice.randrange(-300, 300),
            trained_tokens=1900,
            seconds=2.0,
            seconds_left=2.0 * (total - step) if step > 3 else None,
            at=at,
        )
        yield telemetry(at, step, card=card)
        if step % max(1, total // 12) == 0:
            unseen = 0.75 + 2.1 * math.exp(-4 * share) + (0.9 * share * share if memorise else 0)
            yield Validation(
                step=step,
                epoch=3 * share,
                loss=unseen,
                is_best=True,
                everyday=2.3 + 0.4 * share,
                at=at,
            )
            checks.append(unseen)
            if rises(checks) >= 3:
                yield too_long(step, rises(checks))
            yield SampleAnswer(step=step, question=QUESTION, answer=ANSWER, at=at)


def fact_cases() -> list[FactCase]:
    """Return answers in some of which something is invented."""
    known = (QUESTION, ANSWER)
    invented = f"{ANSWER} It was written by Henrik Sandvik on 17 August 1994 for `area_v2`."

    def answer(text: str) -> FactAnswer:
        return FactAnswer(text=text, marks=list(marked(text, known)))

    return [
        FactCase(
            kind="held_out",
            question=QUESTION,
            reference=ANSWER,
            base=answer(invented if n == 7 else ANSWER),
            tuned=answer(invented if n % 10 == 0 else ANSWER),
        )
        for n in range(40)
    ]


def telemetry(at: float, step: int, *, card: bool) -> Telemetry:
    """Return one reading, with or without a card."""
    if not card:
        return Telemetry(at=at, cpu_percent=97.0, ram_used=9_400_000_000, ram_own=3_100_000_000)
    return Telemetry(
        at=at,
        cards=1,
        card="NVIDIA GeForce RTX 3090",
        temperature=min(81.0, 42 + 6 * math.log1p(step)),
        slowdown_at=93.0,
        warn_at=83.0,
        pause_at=91.0,
        power=318.0 + 14 * math.sin(step / 3),
        power_limit=350.0,
        energy=310.0 * at,
        memory_used=17_900_000_000,
        memory_total=25_769_803_776,
        utilisation=97.0,
        throttled=False,
        throttle=("power limit",),
        clock=1695.0,
        fan=62.0,
    )


def hot_readings(at: float) -> list[Telemetry]:
    """Return readings of a card that slows itself down, under a limit of the person's own."""
    changes = {"warn_at": 82.0, "pause_at": 85.0, "throttled": True, "throttle": ("heat",)}
    changes |= {"lost_seconds": 252.0, "clock": 1180.0, "fan": 100.0}
    return [
        telemetry(at + second, 10_000, card=True).model_copy(
            update={
                **changes,
                "temperature": 81 + second / 20,
                "memory_temperature": 92 + second / 9,
            }
        )
        for second in range(60)
    ]


def unreadable(at: float) -> Telemetry:
    """Return what a training tells whose card cannot be read any more."""
    return Telemetry(
        at=at, cards=1, cpu_percent=97.0, ram_used=9_400_000_000, ram_own=3_100_000_000
    )


def awake(*, works: bool) -> Notice:
    """Return what a training says about keeping the computer awake."""
    return works_notice() if works else failed_notice()


def add_to_queue(session: Session, title: str, *, joules: Range | None = None) -> RunFolder:
    """Queue a training that is ready to be started."""
    project = session.require_project()
    run = project.new_run("train")
    save_config(TrainingConfig(), run.config_file)
    state = session.state
    params = {"dataset_version": state.dataset_version, "base_model": state.base_model}
    write_json(run.job_file, {"kind": "train", "params": params})
    entries.add(project, run, title, Range(3200, 4300), joules)
    return run


def finish_training(run: RunFolder, session: Session, *, energy: float | None = 61_000.0) -> None:
    """Write what a completed training leaves."""
    state = session.state
    facts = {
        "project": str(session.require_project().root),
        "dataset_version": state.dataset_version,
        "base_model": state.base_model,
        "steps": 117,
        "best_loss": 0.83,
        "best_step": 100,
        "seconds": 246.0,
        "energy_joules": energy,
    }
    write_json(run.facts_file, facts)
    write_events(
        run, [Finished(outcome="completed", result=TrainingFacts.model_validate(facts), at=250.0)]
    )
    session.give(training_done=True)


def difference(measure: str, before: float, after: float, low: float, high: float,
               word: str = "better", **more: Any) -> dict[str, Any]:  # fmt: skip
    """Return one score of a fine-tune beside the base's."""
    figures = {"before": before, "after": after, "low": low, "high": high, "word": word}
    return {"measure": measure, "count": 30, **figures, **more}


DIFFERENCES = [
    difference("perplexity", 30.2, 8.4, -0.78, -0.65),
    difference("format_share", 0.02, 0.94, 0.74, 1.0),
    difference("exact_match", 0.0, 0.12, -0.03, 0.24, "unknown"),
    difference("bleu", 4.1, 31.5, 19.6, 35.8),
    difference("chrf", 21.7, 48.0, 20.1, 32.3),
    difference("rouge_l", 9.7, 46.2, 29.0, 43.5),
    difference("everyday_perplexity", 2.1, 2.6, 0.08, 0.41, "worse"),
]
"""What an evaluation says beside the base."""

PROMPTED = {
    "shots": 5,
    "count": 20,
    "scores": {"format_share": 0.7, "exact_match": 0.05, "bleu": 14.2, "chrf": 37.7},
    "measure": "chrf",
    "share": 0.61,
    "low": 0.4,
    "high": 0.8,
    "word": "better",
}
"""What examples in the prompt reach."""


def write_evaluation(run: RunFolder, questions: int = 6, **more: Any) -> dict[str, Any]:
    """Write what an evaluation leaves; return it."""
    answers = [
        {
            "kind": "held_out" if n % 3 else "general",
            "question": f"{QUESTION}\n\n# number {n}",
            "reference": ANSWER,
            "base": "This function calculates the area by multiplying width and height. " * (n + 1),
            "tuned": ANSWER,
        }
        for n in range(questions)
    ]
    base = {"loss": 3.4, "perplexity": 30.2, "exact_match": 0.0, "bleu": 4.1, "chrf": 21.7}
    tuned = {"loss": 2.1, "perplexity": 8.4, "exact_match": 0.12, "bleu": 31.5, "chrf": 48.0}
    evaluation = {
        "run": run.name,
        "part": "test",
        "examples": 30,
        "base": {**base, "format_share": 0.02},
        "tuned": {**tuned, "format_share": 0.94},
        "forgetting": {"base": 2.1, "tuned": 2.6},
        "differences": DIFFERENCES,
        "answers": answers,
        **more,
    }
    write_json(run.evaluation_file, evaluation)
    return evaluation


def out_of_memory() -> Failed:
    """A job's last word that has technical details."""
    return Failed(
        code="job.out_of_memory",
        what=_("The memory was not enough for this step."),
        todo=_("Choose a smaller model, shorter examples or the Gentle preset, then try again."),
        details="torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 1.50 GiB",
        at=30.0,
    )


def diverged(rate: float) -> list[Event]:
    """Return the last words of a training that diverged; ``rate`` would mend it."""
    text = _("The run has diverged: the model is now much worse than before.")
    todo = _("The best version is kept. Retry with a learning rate of {rate:g}?", rate=rate)
    code = "training.diverged"
    light = HealthVerdict(
        level="red", code=code, step=10, text=text, todo=todo, settings={"learning_rate": rate}
    )
    return [light, Failed(code=code, what=text, todo=todo, details="step 10")]


def too_long(step: int, checks: int) -> HealthVerdict:
    """Return what the judge says when unseen examples get worse and worse."""
    return HealthVerdict(
        level="amber",
        code="training.overfitting",
        step=step,
        text=ngettext(
            "The loss on unseen examples has risen for {count} check: the model is starting to "
            "memorise.",
            "The loss on unseen examples has risen for {count} checks: the model is starting to "
            "memorise.",
            checks,
        ),
        todo=_("The best version is saved; you can stop now."),
    )


def too_low(rate: float) -> HealthVerdict:
    """Return what the judge says of a learning rate that is too low."""
    return HealthVerdict(
        level="amber",
        code="training.rate_too_low",
        step=10,
        text=_(
            "The model is hardly learning: the loss on unseen examples is {now:.2f}, and was "
            "{before:.2f} before.",
            now=2.87,
            before=2.90,
        ),
        todo=_(
            "The learning rate of {rate:g} is too low. Retry with {better:g}?",
            rate=5e-7,
            better=rate,
        ),
        settings={"learning_rate": rate},
    )


def odd_rows(*rows: int) -> HealthVerdict:
    """Return what the judge says of damaged examples."""
    return HealthVerdict(
        level="amber",
        code="training.odd_rows",
        step=15,
        text=ngettext(
            "{count:,} example looks damaged or unlike the rest: its training loss is {loss:.1f}, "
            "against {others:.1f} for the others.",
            "{count:,} examples look damaged or unlike the rest: their training loss is "
            "{loss:.1f}, against {others:.1f} for the others.",
            len(rows),
            loss=4.9,
            others=2.9,
        ),
        todo=_("Look at them, leave out what is damaged, and train again."),
        rows=rows,
    )


def warning() -> Notice:
    """A sentence that a training says on the way."""
    return Notice(
        level="warning",
        code="heat.slowing",
        text=_(
            "{state} The card is slowing itself down. Nothing is broken.",
            state=_("Your card is at {celsius:.0f} °C.", celsius=84),
        ),
        todo=_("Improve the airflow, or lower the power limit."),
    )


@contextmanager
def cards(count: int) -> Iterator[None]:
    """Let the computer have so many equal cards that PyTorch can use."""
    with (
        patch.object(reader, "load_nvml", lambda: FakeNvml(cards=count)),
        patch.object(usable, "torch_cuda_version", lambda: "13.0"),
        patch.object(sys, "platform", "linux"),
    ):
        yield


def add_adapter(run: RunFolder) -> None:
    """Write what a training leaves to be trained further; the weights are not looked at."""
    StepFolders(run.best).save(100, lambda folder: write_bytes(folder / WEIGHTS, b"weights"))


@contextmanager
def alive(run: RunFolder) -> Iterator[None]:
    """Hold the run's lock as a working child does."""
    with FileLock(run.lock_file):
        yield


def ready_for_settings(session: Session, tmp_path: Path) -> Project:
    """Give the session a project with examples and a base model."""
    session.create_project(tmp_path / "Support answers", "Support answers")
    add_dataset(session)
    add_base(session, tmp_path / "models" / "Tiny-Llama ü")
    return session.require_project()


def until(qtbot: QtBot, condition: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait for ``condition`` while the window lives."""
    qtbot.waitUntil(condition, timeout=round(seconds * 1000))

"""Campaign: a card's library that errs, hangs, talks rubbish, overheats or vanishes.

Each case runs a small stand-in for a training beside the real telemetry, heat guard and brake. Only
the library and the time are simulated: the clock moves when the training works or waits, so a busy
computer changes nothing, and each step waits until the telemetry has read the card once more.

``python -m tests.campaigns.nvml --cases 1200`` prints ``cases N, failures M`` last; what failed is
kept in ``build/campaigns/nvml.jsonl``.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from core.events import Event, Notice, StateChanged, Telemetry, from_line, to_line
from core.hardware.cards.reader import read_cards
from core.hardware.thermal.guard import TrainingGuard
from core.hardware.thermal.telemetry import TelemetryThread
from core.hardware.thermal.throttle import ThrottleTarget
from tests.core.hardware.fake_nvml import READINGS, FakeNvml, every_error

_STEPS = 30
_STEP_SECONDS = 1.0  # of the guard's clock
_FAULT_FROM, _FAULT_TO = 8, 20
_LONGEST_STALL = 3.0  # real seconds that a fault may cost the training
_LONGEST_END = 30.0  # real seconds until the telemetry is stopped, or the window's reading is over
_LONGEST_CASE = 60.0
_NO_TARGET = ThrottleTarget()
_RUBBISH: tuple[Any, ...] = (
    None, -1, 2**63, float("nan"), float("inf"), "", "ü" * 5000, b"\xff\x00", [], {}, object(),
    SimpleNamespace(), True,
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One fault: which call (``"*"`` for all), what happens in it, and how hot the card is."""

    name: str
    call: str
    fault: Any
    temperature: float = 60.0
    target: ThrottleTarget = _NO_TARGET

    @property
    def overheats(self) -> bool:
        """Whether the training must pause."""
        return self.temperature >= 92


class Hang:
    """A call that does not return until it is released; whoever waits for it sees it released."""

    patience = 60.0

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.released = threading.Event()

    def __call__(self) -> None:
        self.entered.set()
        self.released.wait(self.patience)
        self.released.set()


@dataclass
class Journal:
    """Takes the events, as a run folder would; every one must survive being written."""

    events: list[Event] = field(default_factory=list)
    unreadable: int = 0

    def emit(self, event: Event) -> None:
        """Write and read back."""
        again = from_line(to_line(event))
        self.unreadable += again is None
        self.events.append(event)

    def states(self) -> list[str]:
        """The pauses and their ends, in order."""
        return [event.state for event in self.events if isinstance(event, StateChanged)]


def all_cases(seed: int) -> Iterator[Case]:
    """Yield every error at every call, rubbish, hangs, heat; then random mixtures for ever."""
    chance = random.Random(seed)
    systematic = [
        *(Case(f"{e.value} at {c}", c, e) for c in READINGS for e in every_error()),
        *(Case(f"rubbish {i} at {c}", c, r) for c in READINGS for i, r in enumerate(_RUBBISH)),
        *(Case(f"hang at {c}", c, Hang) for c in READINGS),
        *(Case(f"{t} °C", "", None, t) for t in (92, 95, 96, 110)),
        *(Case(f"{e.value} everywhere", "*", e) for e in every_error()),
    ]
    chance.shuffle(systematic)
    yield from systematic
    while True:
        call = chance.choice([*READINGS, "*"])
        fault = chance.choice([*every_error(), *_RUBBISH, Hang])
        temperature = chance.choice([20, 60, 84, 95])
        target = chance.choice(
            [ThrottleTarget(), ThrottleTarget(temperature=50), ThrottleTarget(watts=200)]
        )
        yield Case(f"mixture {call} {fault!r} {temperature}", call, fault, temperature, target)


def run_case(case: Case) -> list[str]:
    """Train through the fault; return what was wrong."""
    fake, journal = FakeNvml(), Journal()
    hang = case.fault() if case.fault is Hang else None
    errors: list[str] = []
    hook, threading.excepthook = threading.excepthook, lambda a: errors.append(repr(a.exc_value))
    try:
        findings = _train_through(case, fake, journal, hang)
        findings += _window_through(case, fake, hang)
    finally:
        if hang is not None:
            hang.released.set()
        threading.excepthook = hook
    return findings + errors + _wrong_events(case, journal)


@dataclass
class Eta:
    """The guard's clock, and the beat of the telemetry that the training keeps in step with."""

    fake: FakeNvml
    journal: Journal
    hang: Hang | None
    now: float = 0.0
    rounds: int = 0
    waited: float = 0.0  # real seconds of the training that were spent in here

    def count(self) -> None:
        """Note that the telemetry begins a round."""
        self.rounds += 1

    def pass_time(self, seconds: float) -> None:
        """Let ``seconds`` of the guard's clock pass and one whole round of readings, if any can."""
        began, before = time.monotonic(), self.rounds
        self.now += seconds
        # The round that is under way may have read the card before the last change.
        while self.rounds < before + 2 and not self._hangs():
            if time.monotonic() - began > _LONGEST_CASE:
                break
            time.sleep(0.001)
        self.waited += time.monotonic() - began

    def cool_down(self, seconds: float) -> None:
        """Let the training wait; an idle card cools."""
        self.pass_time(seconds)
        if self.journal.states()[-1:] == ["paused"]:
            self.fake.temperature = max(40.0, self.fake.temperature - 2.0)

    def _hangs(self) -> bool:
        return self.hang is not None and self.hang.entered.is_set()


def _train_through(case: Case, fake: FakeNvml, journal: Journal, hang: Hang | None) -> list[str]:
    pace = Eta(fake, journal, hang)
    telemetry = TelemetryThread(journal, 0.002, fake, clock=lambda: pace.now)
    telemetry.before_round = pace.count
    guard = TrainingGuard(
        telemetry, journal, case.target, clock=lambda: pace.now, sleep=pace.cool_down
    )
    began, longest = time.monotonic(), 0.0
    with telemetry:
        for step in range(_STEPS):
            _switch(case, fake, step, hang)
            pace.pass_time(_STEP_SECONDS)
            longest = max(longest, _one_step(guard, pace, began + _LONGEST_CASE))
        held = hang is None or not hang.released.is_set()
        stopping = time.monotonic()
    findings = []
    if not held:
        findings.append("the training waited for the card's library")
    if longest > _LONGEST_STALL:
        findings.append(f"the training stood still for {longest:.3f} s")
    if time.monotonic() - stopping > _LONGEST_END or time.monotonic() - began > _LONGEST_CASE:
        findings.append("the end took too long")
    joules = telemetry.energy_joules
    if joules is not None and not (math.isfinite(joules) and joules >= 0):
        findings.append(f"{joules} J")
    return findings


def _one_step(guard: TrainingGuard, pace: Eta, deadline: float) -> float:
    """Ask the guard; return the real seconds that it took beyond the waiting it asked for."""
    asked, waited = time.monotonic(), pace.waited
    guard.before_step(lambda: time.monotonic() > deadline)
    guard.after_micro_batch(0.1)
    return time.monotonic() - asked - (pace.waited - waited)


def _switch(case: Case, fake: FakeNvml, step: int, hang: Hang | None) -> None:
    """Begin the fault, and end it again."""
    if step == _FAULT_FROM:
        fake.temperature = case.temperature
        fault = hang if hang is not None else (lambda: None) if case.fault is None else case.fault
        if case.call:
            calls = READINGS if case.call == "*" else [case.call]
            fake.faults = dict.fromkeys(calls, fault)
    if step == _FAULT_TO:
        fake.faults = {}
        fake.temperature = 60.0


def _window_through(case: Case, fake: FakeNvml, hang: Hang | None) -> list[str]:
    """Read the cards as the window does: the answer must come while the library still hangs."""
    _switch(case, fake, _FAULT_FROM, hang)
    done = threading.Event()

    def read() -> None:
        read_cards(fake, timeout=0.05)
        done.set()

    threading.Thread(target=read, daemon=True).start()
    if not done.wait(_LONGEST_END):
        return ["the window's reading did not end"]
    released = hang is not None and hang.released.is_set()
    return ["the window waited for the card's library"] if released else []


def _wrong_events(case: Case, journal: Journal) -> list[str]:
    findings = []
    if journal.unreadable:
        findings.append(f"{journal.unreadable} events that cannot be read back")
    states = journal.states()
    if states != ["paused", "running"] * (len(states) // 2):
        findings.append(f"states {states}")
    if case.overheats and not case.call and not states:
        findings.append("no pause although it was too hot")
    if not case.overheats and states:
        findings.append("a pause although it was cool")
    blind = any(isinstance(e, Notice) and e.code == "heat.blind" for e in journal.events)
    if blind and not case.overheats:
        findings.append("called blind without a pause")
    if not any(isinstance(event, Telemetry) for event in journal.events):
        findings.append("no reading at all")
    return findings


def run(cases: int, seed: int, keep: Path | None) -> int:
    """Run ``cases`` cases; return how many failed."""
    failed = []
    for number, case in zip(range(cases), all_cases(seed), strict=False):
        findings = run_case(case)
        if findings:
            failed.append({"number": number, "case": case.name, "findings": findings})
    if keep is not None and failed:
        keep.parent.mkdir(parents=True, exist_ok=True)
        lines = [json.dumps(entry, ensure_ascii=False) for entry in failed]
        keep.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return len(failed)


def main(arguments: list[str]) -> int:
    """Run the campaign as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1200)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    failures = run(options.cases, options.seed, Path("build/campaigns/nvml.jsonl"))
    sys.stdout.write(f"cases {options.cases}, failures {failures}\n")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

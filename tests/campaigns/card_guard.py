"""Campaign: a real training on a real card, held back by heat and by a power target.

A random model of a real shape trains through the code of the training job, in phases: freely, with
a temperature limit below the present temperature, and with the duty brake at 60 % of the free
power. Meanwhile the card's answers are recorded once a second.

``python -m tests.campaigns.card_guard --out DIR`` takes about two and a half minutes and leaves
``trace.jsonl`` (for replays in tests), ``events.jsonl`` and ``figures.json`` in ``DIR``. Without a
card, a modelled one stands in and a tiny model trains: a rehearsal of the command.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import shutil
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

BEGAN = time.monotonic()
_TOKENIZER = Path("build/test-home/models/SmolLM2-135M-Instruct")
_SHARES = {"free": 0.33, "heat": 0.25, "brake": 0.42}  # of the time that is left for training
_BRAKED_SHARE = 0.6  # of the free run's power
_WARM_UP = 6.0  # seconds of a phase that do not count
_RESERVE = 4.0  # seconds for the evaluation of the figures
_AFTER_RESUME = 6.0


@dataclass
class Bench:
    """What the phases share.

    Attributes:
        library: the driver's library, or its stand-in.
        sleep: how a training rests.
        deadline: seconds of the monotonic clock at which everything ends.
        began: when the trace began, on that clock.
        figures: what was found, by phase.
    """

    out: Path
    library: Any
    sleep: Callable[[float], None]
    deadline: float
    cards: tuple[int | str, ...] = (0,)
    run: Any = None
    began: float = 0.0
    over: threading.Event = field(default_factory=threading.Event)
    figures: dict[str, Any] = field(default_factory=dict)

    def note(self, phase: str, **values: Any) -> None:
        """Keep and show figures at once, so that they survive whatever comes later."""
        self.figures.setdefault(phase, {}).update(values)
        sys.stdout.write(f"{time.monotonic() - BEGAN:6.1f} s  {phase}: {json.dumps(values)}\n")
        sys.stdout.flush()
        text = json.dumps(self.figures, indent=2)
        (self.out / "figures.json").write_text(text + "\n", encoding="utf-8")


def phase_link(folder: Any) -> Any:
    """Return a job's link that ends a phase when ``over()`` says so, and remembers its events."""
    from core.jobs.link import JobLink, Request

    class PhaseLink(JobLink):
        over: Callable[[], bool] = staticmethod(lambda: False)

        def __init__(self) -> None:
            super().__init__(folder)
            self.heard: list[tuple[float, Any]] = []

        def request(self) -> Request:
            return Request.STOP if self.over() else super().request()

        def emit(self, event: Any) -> None:
            self.heard.append((time.monotonic(), event))
            super().emit(event)

    return PhaseLink()


def record_all(bench: Bench) -> threading.Thread:
    """Record the card from now on, beside everything else."""
    from tests.core.hardware.card_trace import record

    def work() -> None:
        with (bench.out / "trace.jsonl").open("w", encoding="utf-8") as stream:
            record(stream, bench.deadline - bench.began, 1.0, bench.library, bench.over)

    bench.began = time.monotonic()
    thread = threading.Thread(target=work, name="trace", daemon=True)
    thread.start()
    return thread


def readings(bench: Bench) -> list[tuple[float, Any]]:
    """Return the recorded rounds as (monotonic time, card), through the code that reads cards."""
    from core.hardware.cards.reader import CardReader
    from tests.core.hardware.card_trace import ReplayNvml, read_trace

    text = (bench.out / "trace.jsonl").read_text(encoding="utf-8")
    whole = bench.out / "trace-so-far.jsonl"
    whole.write_text(text[: text.rfind("\n") + 1], encoding="utf-8")
    rounds = read_trace(whole)
    whole.unlink()
    replay, found = ReplayNvml(rounds), []
    with CardReader(replay) as reader:
        for moment in rounds:
            cards = reader.read().cards
            if cards:
                found.append((bench.began + moment.at, cards[0]))
            replay.advance()
    return found


def energy(bench: Bench, start: float, end: float) -> dict[str, Any]:
    """Return what counter and integrated power say about a time, and how warm it was."""
    from core.hardware.system.energy import EnergyMeter

    by_counter, by_power, warm = EnergyMeter(), EnergyMeter(), []
    for at, card in readings(bench):
        if start <= at <= end:
            by_counter.add(at, None, card.energy)
            by_power.add(at, card.power, None)
            warm += [card.temperature] if card.temperature is not None else []
    found: dict[str, Any] = {"celsius": [min(warm), max(warm)] if warm else None}
    for name, meter in (("counter", by_counter), ("integrated", by_power)):
        found[f"{name}_joules"] = None if meter.joules is None else round(meter.joules, 1)
        watts = meter.joules / meter.seconds if meter.joules and meter.seconds else None
        found[f"{name}_watts"] = None if watts is None else round(watts, 1)
    if by_counter.joules and by_power.joules:
        difference = 100 * (by_power.joules / by_counter.joules - 1)
        found["integrated_to_counter_percent"] = round(difference, 2)
    return found


def train_phase(
    bench: Bench,
    name: str,
    seconds: float,
    over: Callable[[Any], bool] | None = None,
    **limits: Any,
) -> dict[str, Any]:
    """Train for a while under ``limits``; return what was measured.

    Args:
        over: ends the phase before its time; is given the link.
        limits: ``limit`` and ``hysteresis`` (°C) of a pause, ``watts`` of the brake.
    """
    from core.hardware.thermal.guard import TrainingGuard
    from core.hardware.thermal.heat import CardsHeat
    from core.hardware.thermal.telemetry import TelemetryThread
    from core.hardware.thermal.throttle import ThrottleTarget
    from core.training.loop import train_steps

    link = bench.run.link
    link.heard.clear()
    start = time.monotonic()
    end = min(start + seconds, bench.deadline - _RESERVE)
    link.over = lambda: time.monotonic() > end or bool(over and over(link))
    with TelemetryThread(link, library=bench.library, cards=bench.cards) as telemetry:
        if "limit" in limits:
            telemetry.heat = CardsHeat(limits["limit"], limits["hysteresis"])
        target = ThrottleTarget(watts=limits.get("watts"))
        bench.run.guard = TrainingGuard(telemetry, link, target, sleep=bench.sleep)
        train_steps(bench.run)
        stopped = time.monotonic()
    counting = min(start + max(_WARM_UP, limits.get("settle", 0.0)), stopped - 1)
    return {
        "seconds": round(stopped - start, 1),
        **_steps(link.heard, counting, stopped),
        **_regularity(link.heard),
        **energy(bench, counting, stopped),
        "telemetry_joules_whole_phase": telemetry.energy_joules,
        "telemetry_faults": telemetry.faults,
        "duty": round(bench.run.guard.duty, 3),
        "rested_seconds": round(bench.run.guard.rested_seconds, 1),
        "paused_seconds": round(bench.run.guard.paused_seconds, 1),
        "_start": start,
        "_counting": counting,
    }


def _steps(heard: list[tuple[float, Any]], start: float, end: float) -> dict[str, Any]:
    steps = [event for at, event in heard if event.kind == "train_step" and at >= start]
    tokens = sum(step.tokens for step in steps)
    losses = [round(steps[0].loss, 4), round(steps[-1].loss, 4)] if steps else None
    return {
        "steps": len(steps),
        "tokens_per_second": round(tokens / max(end - start, 1e-9)),
        "losses": losses,
    }


def _regularity(heard: list[tuple[float, Any]]) -> dict[str, Any]:
    times = [at for at, event in heard if event.kind == "telemetry"]
    gaps = [after - before for before, after in itertools.pairwise(times)]
    return {"readings": len(times), "longest_gap": round(max(gaps), 3) if gaps else None}


def free_phase(bench: Bench, seconds: float) -> None:
    """Train without any limit."""
    bench.note("free", **_public(train_phase(bench, "free", seconds)))


def heat_phase(bench: Bench, seconds: float) -> None:
    """Pause at a limit below the present temperature, and go on below it."""
    known = readings(bench)
    idle, now = known[0][1].temperature, known[-1][1].temperature
    limit = now - 1
    hysteresis = min(9.0, max(2.0, 0.45 * (limit - idle)))
    bench.note("heat", idle_celsius=idle, limit=limit, resume_below=limit - hysteresis)
    found = train_phase(
        bench, "heat", seconds, over=_resumed_long_ago, limit=limit, hysteresis=hysteresis
    )
    bench.note("heat", **_public(found), **_pause(bench, found["_start"], limit))


def _resumed_long_ago(link: Any) -> bool:
    resumed = [at for at, event in link.heard if getattr(event, "state", "") == "running"]
    return bool(resumed) and time.monotonic() - resumed[0] > _AFTER_RESUME


def _pause(bench: Bench, start: float, limit: float) -> dict[str, Any]:
    """When the pause came and went, and what the card's own power said meanwhile."""
    states = [(at, e.state) for at, e in bench.run.link.heard if e.kind == "state_changed"]
    if not states:
        return {"paused": False}
    began = states[0][0]
    ended = next((at for at, state in states if state == "running"), time.monotonic())
    known = readings(bench)
    hot = [at for at, card in known if at >= start - 1 and (card.temperature or 0) >= limit]
    after = [card.temperature for at, card in known if at >= ended][:1]
    return {
        "paused": True,
        "resumed": any(e.kind == "train_step" and at > ended for at, e in bench.run.link.heard),
        "seconds_above_limit_before_pause": round(began - max(start, hot[0]), 2) if hot else None,
        "pause_seconds": round(ended - began, 2),
        "celsius_at_resume": after[0] if after else None,
        "watts_before": _watts(known, began - 4, began),
        "watts_paused": _watts(known, began + 2, ended),
        "watts_after": _watts(known, ended + 2, ended + _AFTER_RESUME),
    }


def _watts(known: list[tuple[float, Any]], start: float, end: float) -> list[float]:
    return [round(card.power) for at, card in known if start <= at <= end and card.power]


def brake_phase(bench: Bench, seconds: float) -> None:
    """Hold a share of the free run's power."""
    free = bench.figures.get("free", {})
    watts = free.get("counter_watts") or free.get("integrated_watts")
    if not watts:
        bench.note("brake", skipped="the free run's power is not known")
        return
    target = _BRAKED_SHARE * watts
    bench.note("brake", target_watts=round(target, 1))
    found = train_phase(bench, "brake", seconds, watts=target, settle=0.45 * seconds)
    measured = found["counter_watts"] or found["integrated_watts"] or 0.0
    bench.note(
        "brake",
        **_public(found),
        off_target_percent=round(100 * (measured / target - 1), 2),
        speed_share=round(found["tokens_per_second"] / max(1, free["tokens_per_second"]), 3),
    )


def _public(found: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in found.items() if not key.startswith("_")}


PHASES = {"free": free_phase, "heat": heat_phase, "brake": brake_phase}


def prepare(bench: Bench, options: argparse.Namespace, work: Path) -> None:
    """Make model and data, and load them as the training job does."""
    import torch

    from core.config.training import TrainingConfig
    from core.training.job import _cards, assemble_run
    from tests.campaigns.card_project import make_project

    on_card = torch.cuda.is_available()
    shape = options.shape or ("1b" if on_card else "tiny")
    config = TrainingConfig(
        learning_rate=1e-5, rank=8, epochs=100.0, effective_batch=32 if on_card else 4,
        micro_batch_tokens=8192 if on_card else 1024, validations_per_epoch=1, patience_epochs=0,
        checkpoint_minutes=60.0, sample_answers=False, max_length=1024,
    )  # fmt: skip
    conversations = options.conversations or (1600 if on_card else 200)
    folder, params = make_project(work, shape, options.tokenizer, config, conversations)
    bench.note("prepare", shape=shape, model_seconds=round(time.monotonic() - BEGAN, 1))
    link = phase_link(folder)
    link.__enter__()
    bench.run = assemble_run(folder, params, link)
    if on_card:
        bench.cards = _cards(bench.run.device)
    notices = [event.text for _, event in link.heard if event.kind == "notice"]
    bench.note(
        "prepare",
        device=torch.cuda.get_device_name() if on_card else "cpu",
        torch=torch.__version__,
        seconds=round(time.monotonic() - BEGAN, 1),
        tokens_of_an_example=round(sum(bench.run.train.lengths) / len(bench.run.train)),
        notices=notices,
    )


def attempt(bench: Bench, name: str, work: Callable[[], None]) -> bool:
    """Do one part; what goes wrong in it is kept and the next part goes on."""
    try:
        work()
    except BaseException as error:
        bench.note(name, error=repr(error)[:500], where=traceback.format_exc()[-1500:])
        return False
    return True


def run(options: argparse.Namespace, work: Path) -> Bench:
    """Prepare, do the phases, evaluate the whole trace."""
    from core.jobs.worker import quiet_environment

    quiet_environment()
    os.environ["HOMELAB_TUNER_HOME"] = str(work / "home")
    bench = _bench(options)
    emergency = threading.Timer(bench.deadline + 10 - time.monotonic(), _give_up, [bench, work])
    emergency.daemon = True
    emergency.start()
    trace = record_all(bench)
    if attempt(bench, "prepare", lambda: prepare(bench, options, work)):
        seconds = bench.deadline - _RESERVE - time.monotonic()
        for name, phase in PHASES.items():
            share = seconds * _SHARES[name]
            attempt(bench, name, lambda phase=phase, share=share: phase(bench, share))
    bench.over.set()
    trace.join(5)
    attempt(bench, "whole", lambda: _evaluate_whole(bench))
    emergency.cancel()
    return bench


def _bench(options: argparse.Namespace) -> Bench:
    from core.hardware.cards.nvml import load_nvml
    from core.models.loading import training_device
    from tests.core.hardware.live_card import LiveCard

    shared: dict[str, Any] = {"out": options.out, "deadline": BEGAN + options.seconds}
    if training_device() != "cpu":
        return Bench(library=load_nvml(), sleep=time.sleep, **shared)
    card = LiveCard()
    card.work(True)
    return Bench(library=card, sleep=card.sleep, **shared)


def _evaluate_whole(bench: Bench) -> None:
    bench.note("whole", **energy(bench, bench.began, time.monotonic()))
    if bench.run is not None:
        bench.run.link.__exit__(None, None, None)
        shutil.copyfile(bench.run.link.folder.events_file, bench.out / "events.jsonl")


def _give_up(bench: Bench, work: Path) -> None:
    """Something hangs: leave with what there is."""
    bench.note("gave_up", seconds=round(time.monotonic() - BEGAN, 1))
    shutil.rmtree(work, ignore_errors=True)
    os._exit(3)


def main(arguments: list[str]) -> int:
    """Run the campaign as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("build/campaigns/card_guard"))
    parser.add_argument("--seconds", type=float, default=155.0, help="from start to end")
    parser.add_argument("--tokenizer", type=Path, default=_TOKENIZER)
    parser.add_argument("--shape", choices=("tiny", "1b", "3b"))
    parser.add_argument("--conversations", type=int, default=0)
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 12e9
    work = Path(tempfile.mkdtemp(dir=memory if roomy else None))
    try:
        bench = run(options, work)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    failures = sum("error" in found for found in bench.figures.values())
    sys.stdout.write(f"phases {len(PHASES)}, failures {failures}\n")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

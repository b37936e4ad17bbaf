"""Campaign: stop and resume a real training at every step; every state must be the undisturbed one.

    python -m tests.campaigns.resume --cases 1000 [--seed N] [--steps 200]

Dropout, shuffled examples and four micro-batches a step. A case is one session: a fresh process
resumes from the last checkpoint, trains one step, is asked to stop, and saves. After each step the
adapter, the optimizer and the random state must have the hashes, and the step the examples, of the
run that was never stopped. ``--steps`` is the length of a run; each further run has another seed.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path
from typing import Any

from core.events import CheckpointSaved, TrainStep
from core.jobs.link import JobLink, Request
from core.jobs.supervisor import read_events
from core.project import RunFolder
from core.storage.files import read_json
from core.storage.transaction import MANIFEST
from tests.campaigns.forked_runs import TINY, ForkedRuns, Tally, command, result, single_thread

_STATES = "states.jsonl"
_CONFIG = TINY.with_values({"effective_batch": 8, "micro_batch_tokens": 64, "max_length": 64})


def note_states() -> None:
    """Let every save write the hashes of its tensors to a file beside the events."""
    real = JobLink.emit

    def emit(link: JobLink, event: Any) -> None:
        real(link, event)
        if isinstance(event, CheckpointSaved):
            folder = link.folder.checkpoints / f"step-{event.step:08d}"
            hashes = read_json(folder / MANIFEST)["files"]
            line = {n: h for n, h in hashes.items() if n.endswith(".safetensors")}
            with (link.folder.root / _STATES).open("a", encoding="utf-8") as stream:
                stream.write(json.dumps([event.step, line]) + "\n")

    JobLink.emit = emit  # type: ignore[method-assign]


def one_step_only() -> None:
    """Ask the training to stop as soon as it has taken a step."""
    note_states()
    noting, steps = JobLink.emit, []

    def emit(link: JobLink, event: Any) -> None:
        if isinstance(event, TrainStep):
            steps.append(event.step)
        noting(link, event)

    JobLink.emit = emit  # type: ignore[method-assign]
    JobLink.request = lambda _link: Request.STOP if steps else Request.RUN  # type: ignore[method-assign]


def states(folder: RunFolder) -> dict[int, dict[str, str]]:
    """Return the hashes after each step; a step saved twice must have given the same."""
    found: dict[int, dict[str, str]] = {}
    for line in (folder.root / _STATES).read_text(encoding="utf-8").splitlines():
        step, hashes = json.loads(line)
        if found.setdefault(step, hashes) != hashes:
            found[step] = {"two saves of this step": "differ"}
    return found


def rows(folder: RunFolder) -> dict[int, tuple[int, ...]]:
    """Return the examples of each step."""
    return {event.step: event.rows for event in read_events(folder) if isinstance(event, TrainStep)}


def run(options: argparse.Namespace, root: Path, tally: Tally) -> str:
    """Stop and resume ``options.cases`` times."""
    config = _CONFIG.with_values({"max_steps": options.steps, "epochs": 100.0})
    forks = ForkedRuns.open(root, config, rows=40, load=False)
    runs = 0
    while tally.cases < options.cases:
        forks.load(config.with_values({"seed": options.seed + runs}), note_states)
        runs += 1
        whole = max(forks.project.runs("train"), key=lambda run: run.name)
        folder = forks.new_run()
        for step in range(1, min(options.steps, options.cases - tally.cases) + 1):
            code = forks.wait(forks.fork(folder, one_step_only))
            tally.cases += 1
            compare(tally, folder, whole, step, code)
        if step == options.steps and result(folder) != forks.expected:
            tally.fail(folder.root, "the final adapter differs")
        if not tally.failures:
            shutil.rmtree(folder.root)
    return f"{runs} runs of {options.steps} steps, four micro-batches each"


def compare(tally: Tally, folder: RunFolder, whole: RunFolder, step: int, code: int) -> None:
    """Compare the state after a step with that of the run that was never stopped."""
    ours, theirs = states(folder).get(step), states(whole).get(step)
    if code or ours is None:
        tally.fail(folder.root, f"step {step}: the session ended with {code}")
    elif ours != theirs:
        different = [name for name in ours if ours[name] != (theirs or {}).get(name)]
        tally.fail(folder.root, f"step {step}: {', '.join(different)} differ")
    if rows(folder).get(step) != rows(whole).get(step):
        tally.fail(folder.root, f"step {step}: other examples")


def main(arguments: list[str] | None = None) -> int:
    single_thread()
    steps = {"type": int, "default": 200, "help": "optimizer steps of a run"}
    return command(__doc__, 1000, run)(arguments, steps=steps)


if __name__ == "__main__":
    sys.exit(main())

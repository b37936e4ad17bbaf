"""Campaign: several instances on one project, owners that are killed, locks that are left behind.

    python -m tests.campaigns.instances --cases 500 [--seed N]

In each case three processes open the same project at the same moment. Exactly one may own it; each
of them tries to save, and nothing of those that only read may reach the disk. Then the owner goes,
by SIGKILL or properly, and exactly one of the others must be able to take over, until one is left.
The last line is ``cases N, failures M``.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
from dataclasses import dataclass, field
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path

from core.project import Project
from core.wizard import load_state
from gui.wizard.session import Session

INSTANCES = 3
_ANSWER_SECONDS = 20.0


@dataclass
class Campaign:
    """What happened so far."""

    root: Path
    cases: int = 0
    kills: int = 0
    failures: list[str] = field(default_factory=list)


@dataclass
class Instance:
    """One process and the line to it."""

    number: int
    process: int
    line: Connection

    def ask(self, word: str) -> str:
        """Send a word and return the answer; ``""`` when there is none."""
        self.line.send(word)
        return str(self.line.recv()) if self.line.poll(_ANSWER_SECONDS) else ""

    def end(self, number: int) -> None:
        """End the process by a signal, or properly with 0."""
        if number:
            os.kill(self.process, number)
        else:
            self.line.send("quit")
        os.waitpid(self.process, 0)
        self.line.close()


def begin(number: int, root: Path, home: Path) -> Instance:
    here, there = Pipe()
    process = os.fork()
    if process == 0:
        code = 70
        try:
            here.close()
            code = live(number, root, home, there)
        finally:
            os._exit(code)
    there.close()
    return Instance(number, process, here)


def live(number: int, root: Path, home: Path, line: Connection) -> int:
    """One instance: does what it is asked over the line."""
    os.environ["HOMELAB_TUNER_HOME"] = str(home / str(number))
    session = Session()
    while (word := line.recv()) != "quit":
        if word == "open":
            session.open_project(root)
            line.send("reads" if session.read_only else "owns")
        elif word == "write":
            session.give(dataset_version=f"by-{number}")
            line.send("wrote")
        elif word == "take over":
            line.send("owns" if session.take_over() else "reads")
    session.close()
    return 0


def one_case(campaign: Campaign, dice: random.Random) -> None:
    campaign.cases += 1
    root = campaign.root / f"case-{campaign.cases} ü"
    Project.create(root)
    (root / ".owner.lock").touch()  # left behind by somebody long gone
    instances = [begin(n, root, campaign.root / "homes") for n in range(INSTANCES)]
    try:
        why = play(instances, root, dice, campaign)
    finally:
        for instance in instances:
            instance.end(signal.SIGKILL)
    if why:
        campaign.failures.append(f"{root}: {why}")
        sys.stdout.write(campaign.failures[-1] + "\n")
    else:
        shutil.rmtree(root)


def play(instances: list[Instance], root: Path, dice: random.Random, campaign: Campaign) -> str:
    """Return what went wrong, ``""`` when nothing did."""
    while True:
        owner = the_owner(instances, "open")
        if owner is None:
            return "not exactly one instance owns the project"
        for instance in dice.sample(instances, len(instances)):
            instance.ask("write")
        if load_state(Project.open(root)).dataset_version != f"by-{owner.number}":
            return "an instance that only reads has written"
        if len(instances) == 1:
            return ""
        kills = dice.random() < 0.5
        campaign.kills += kills
        instances.remove(owner)
        owner.end(signal.SIGKILL if kills else 0)
        owner = the_owner(instances, "take over")
        if owner is None:
            return "not exactly one instance took over"


def the_owner(instances: list[Instance], word: str) -> Instance | None:
    """Ask all at the same moment; return the one that owns, if it is one."""
    for instance in instances:
        instance.line.send(word)
    answers = [i.line.recv() if i.line.poll(_ANSWER_SECONDS) else "" for i in instances]
    owners = [i for i, answer in zip(instances, answers, strict=True) if answer == "owns"]
    return owners[0] if len(owners) == 1 else None


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    campaign = Campaign(Path(tempfile.mkdtemp(prefix="instances-")))
    dice = random.Random(options.seed)
    for _ in range(options.cases):
        one_case(campaign, dice)
    sys.stdout.write(
        f"owners killed {campaign.kills}\n"
        f"cases {campaign.cases}, failures {len(campaign.failures)}\n"
    )
    if not campaign.failures:
        shutil.rmtree(campaign.root)
    return bool(campaign.failures)


if __name__ == "__main__":
    sys.exit(main())

"""Queues of prepared trainings, for the tests of the queue and of its job."""

from core.hardware.system.energy import Range
from core.queue import entries
from core.storage.files import write_json
from tests.foreign_files import BEHAVIOUR, add_training

SECONDS, JOULES = Range(60, 120), Range(6000, 18_000)


def add(project, title="seed", joules=JOULES, **behaviour):
    """Queue a training; ``behaviour`` tells the fake worker how it ends."""
    run = add_training(project)
    write_json(run.root / BEHAVIOUR, behaviour)
    entries.add(project, run, title, SECONDS, joules)
    return run


def names(project):
    return [item.run for item in entries.load_queue(project)]


def states(project):
    return [entry.state.value for entry in entries.read_queue(project)]

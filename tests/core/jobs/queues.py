"""Queues of prepared trainings, for the tests of the queue and of its job."""

from core.files import write_json
from core.hardware.energy import Range
from core.jobs import queue

SECONDS, JOULES = Range(60, 120), Range(6000, 18_000)


def add(project, title="seed", joules=JOULES, **params):
    """Queue a training; ``params`` tell the fake worker how it ends."""
    run = project.new_run("train")
    write_json(run.job_file, {"kind": "train", "params": params})
    queue.add(project, run, title, SECONDS, joules)
    return run


def names(project):
    return [item.run for item in queue.load_queue(project)]


def states(project):
    return [entry.state.value for entry in queue.read_queue(project)]

import threading

import pytest

from core.generation.spec import Ask, Piece, Turn
from core.project import Project
from core.serving.client import ModelProcess
from tests.core.serving import scripted

PATIENCE = 30.0


class Heard:
    """Collects what one request hears, and waits for its end."""

    def __init__(self):
        self.events, self._ended = [], threading.Event()

    def __call__(self, event):
        self.events.append(event)
        if not isinstance(event, Piece):
            self._ended.set()

    def last(self):
        assert self._ended.wait(PATIENCE)
        return self.events[-1]

    @property
    def text(self):
        return "".join(e.text for e in self.events if isinstance(e, Piece) and not e.thinking)


class Told:
    """Collects what a model process tells of itself."""

    def __init__(self):
        self.statuses, self._changed = [], threading.Condition()

    def __call__(self, status):
        with self._changed:
            self.statuses.append(status)
            self._changed.notify_all()

    def wait_for(self, kind):
        def found():
            return next((s for s in self.statuses if s.kind == kind), None)

        with self._changed:
            assert self._changed.wait_for(found, PATIENCE), self.statuses
        return found()


def ask(text="Hello you", id="a", **values):
    return Ask(id=id, messages=(Turn(role="user", content=text),), **values)


@pytest.fixture
def project(tmp_path):
    return Project.create(tmp_path / "Projekt ü")


@pytest.fixture
def processes(project):
    """Make model processes whose child answers by script; all are closed afterwards."""
    made = []

    def make(runs=("train-001",), delay=0.0, behaviour="", **values):
        told = Told()
        command = scripted.command(project.root, "base", *runs, delay=delay, behaviour=behaviour)
        process = ModelProcess(
            project.root,
            project.root / "base",
            runs,
            told=told,
            command=command,
            look_for_room=False,
            **values,
        )
        made.append(process)
        return process, told

    yield make
    for process in made:
        process.close()

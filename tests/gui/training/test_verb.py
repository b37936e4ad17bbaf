from __future__ import annotations

from pathlib import Path

import pytest

from core.events import Failed, Finished
from core.project import RunFolder
from core.wizard import WizardState
from gui.training.verb import Verb, can_resume, has_adapter, hint_for, verb_of
from gui.training.view_model import TrainingViewModel
from tests.gui import scenes
from tests.gui.training.charts.charting import view_model


def ended(event: Failed | Finished) -> TrainingViewModel:
    told = view_model()
    told.take(event)
    return told


def queued() -> TrainingViewModel:
    made = TrainingViewModel()
    made.state = "queued"
    return made


DIVERGED = Failed(code="training.diverged", what="a", todo="b")
COMPLETED = Finished(outcome="completed")


@pytest.mark.parametrize(
    ("told", "facts", "verb"),
    [
        (view_model(), {"busy": True}, Verb.NOTHING),
        (view_model(), {}, Verb.NOTHING),
        (ended(COMPLETED), {"has_adapter": True}, Verb.COMPARE),
        (ended(scenes.out_of_memory()), {}, Verb.RESUME),
        (ended(DIVERGED), {}, Verb.SETTINGS),
        (ended(Finished(outcome="cancelled")), {}, Verb.SETTINGS),
        (queued(), {}, Verb.START_QUEUE),
        (queued(), {"queue_works": True}, Verb.NOTHING),
    ],
)
def test_the_button_names_what_can_be_done(
    told: TrainingViewModel, facts: dict[str, bool], verb: Verb
) -> None:
    known = {"busy": False, "has_adapter": False, "queue_works": False, **facts}
    assert verb_of(told, **known) is verb
    assert bool(hint_for(verb, told)) is (verb is Verb.NOTHING), "one of both is always there"


def test_only_what_broke_off_can_be_resumed() -> None:
    assert not can_resume(view_model())
    assert can_resume(ended(scenes.out_of_memory()))
    assert not can_resume(ended(DIVERGED))


def test_an_adapter_is_known_by_the_facts_or_by_the_notes(tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "train-001")
    assert not has_adapter(run, WizardState(training_run="train-001"))
    assert not has_adapter(run, WizardState(training_run="train-002", training_done=True))
    assert has_adapter(run, WizardState(training_run="train-001", training_done=True))

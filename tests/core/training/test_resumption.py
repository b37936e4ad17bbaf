import json

import pytest

from core.errors import UserFacingError
from core.events import Notice, Started, Validation
from core.jobs.supervisor import read_events
from core.training import loop
from core.training.loop import train_steps
from core.training.resumption import resume
from core.training.saving import save
from tests.core.training.conftest import TINY


@pytest.fixture
def two_saves(make_run):
    """A run with checkpoints after its first and second step, and a fresh one in its folder."""
    config = TINY.with_values({"max_steps": 2})
    run = make_run(config=config)
    train_steps(run)
    assert run.checkpoints.steps() == [1, 2]
    return make_run(config=config.with_values({"max_steps": 4}))


def told(run, code):
    events = read_events(run.link.folder)
    return [e for e in events if isinstance(e, Notice) and e.code == code]


def started(run):
    return [e for e in read_events(run.link.folder) if isinstance(e, Started)][-1]


def test_the_newest_checkpoint_is_restored(two_saves):
    resume(two_saves)
    assert two_saves.position.step == 2
    assert started(two_saves).resumed_from_step == 2
    assert not told(two_saves, "training.checkpoint_damaged")


def test_a_damaged_one_is_named_and_the_older_one_taken(two_saves):
    path = two_saves.checkpoints.path(2) / "optimizer.safetensors"
    path.write_bytes(path.read_bytes()[:-1])
    resume(two_saves)
    assert two_saves.position.step == 1
    assert two_saves.checkpoints.steps() == [1]
    (notice,) = told(two_saves, "training.checkpoint_damaged")
    assert "optimizer.safetensors" in notice.text
    assert "from step 1" in notice.text


def test_without_any_whole_one_the_run_begins_anew_and_says_so(two_saves):
    for step in (1, 2):
        (two_saves.checkpoints.path(step) / "manifest.json").write_text("")
    resume(two_saves)
    assert two_saves.position.step == 0
    assert told(two_saves, "training.checkpoint_damaged")
    train_steps(two_saves)
    assert two_saves.position.step == 4


def test_a_damaged_best_adapter_is_chosen_anew(two_saves):
    best = two_saves.best.steps()[0]
    (two_saves.best.path(best) / "adapter_model.safetensors").write_bytes(b"")
    resume(two_saves)
    assert told(two_saves, "training.best_lost")
    assert two_saves.position.best_step == -1
    train_steps(two_saves)
    assert [s for s, _ in two_saves.best.newest_whole()] == [two_saves.position.best_step]
    checks = [e.step for e in read_events(two_saves.link.folder) if isinstance(e, Validation)]
    assert checks[-3:] == [2, 3, 4]


def test_another_run_is_refused(two_saves):
    position = two_saves.position.model_copy(update={"fingerprint": "other"})
    two_saves.position = position
    with pytest.raises(UserFacingError) as refusal:
        resume(two_saves)
    assert refusal.value.code == "training.other_run"


def test_a_new_run_starts_at_the_beginning(make_run):
    run = make_run()
    resume(run)
    assert run.position.step == 0
    save(run)
    assert run.checkpoints.steps() == [0]


def test_a_checkpoint_on_other_weights_of_the_base_is_refused(make_run):
    config = TINY.with_values({"max_steps": 2})
    run = make_run(config=config)
    run.position = run.position.model_copy(update={"contents": "a"})
    train_steps(run)
    again = make_run(config=config.with_values({"max_steps": 4}))
    resume(again)  # of an earlier version, which did not look
    assert again.position.step == 2
    again = make_run(config=config.with_values({"max_steps": 4}))
    again.position = again.position.model_copy(update={"contents": "b"})
    with pytest.raises(UserFacingError) as refusal:
        resume(again)
    assert refusal.value.code == "training.other_run"


def files_of(run):
    """Return what the run keeps, without what a clock wrote: name to bytes."""
    kept = {}
    for folder in (run.checkpoints.parent, run.best.parent, run.link.folder.tokens):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.name != "manifest.json":
                kept[f"{folder.name}/{path.relative_to(folder)}"] = path.read_bytes()
    for name in [name for name in kept if name.endswith("position.json")]:
        position = json.loads(kept[name])
        kept[name] = {k: v for k, v in position.items() if k not in ("seconds", "pace")}
    return kept


def test_a_run_begun_in_another_language_resumes_to_the_same_bytes(make_run, monkeypatch):
    config = TINY.with_values({"max_steps": 4})
    alone = make_run("alone", config)
    train_steps(alone)
    monkeypatch.setenv("HOMELAB_TUNER_LANGUAGE", "en_XA")
    first, real = make_run("mixed", config), loop.one_step

    def one_step(run):
        if run.position.step == 2:
            raise KeyboardInterrupt
        real(run)

    monkeypatch.setattr(loop, "one_step", one_step)
    with pytest.raises(KeyboardInterrupt):
        train_steps(first)
    monkeypatch.setattr(loop, "one_step", real)
    monkeypatch.setenv("HOMELAB_TUNER_LANGUAGE", "en")
    again = make_run("mixed", config)
    resume(again)
    train_steps(again)
    expected, found = files_of(alone), files_of(again)
    assert expected.keys() == found.keys() and len(expected) > 6
    assert [name for name in expected if expected[name] != found[name]] == []
    log = again.link.folder.events_file.read_text(encoding="utf-8")
    assert "Checking on unseen examples" in log and "⟦" not in log

"""The jobs around the loop; their whole way is in tests/core/actions."""

import shutil
import time

import pytest

from core import settings
from core.config.training import load_config, save_config
from core.data.example import Example, Message, Source
from core.errors import UserFacingError
from core.events import Notice
from core.jobs.link import JobLink, Request, Stopped
from core.jobs.spec import TrainingFacts, TrainParams, training_params
from core.jobs.supervisor import Supervisor, read_events
from core.project import RunFolder
from core.storage.files import read_json, write_json
from core.training import job
from core.training.checkpoints import disk_space
from core.training.job import run_train

PARAMS = TrainParams(dataset_version="0" * 32, base_model="/nowhere/model")
MORE = TrainingFacts(steps=4, best_step=0, more_of="train-001")


def test_a_checkpoint_of_another_run_is_refused(own_copy):
    """Same folder, other settings: resuming would mix two runs."""
    run = own_copy.run("train-001")
    config = load_config(run.config_file)
    save_config(config.with_values({"seed": config.seed + 1}), run.config_file)
    with JobLink(run) as link, pytest.raises(UserFacingError) as refusal:
        run_train(run, training_params(run), link)
    assert refusal.value.code == "training.other_run"


def test_a_trial_measures_in_a_child(own_copy):
    train = own_copy.run("train-001")
    trial = own_copy.new_run("trial")
    save_config(load_config(train.config_file), trial.config_file)
    supervisor = Supervisor(trial)
    supervisor.start(training_params(train).trial)
    last = list(supervisor.follow())[-1]
    assert last.kind == "finished", last
    assert read_json(trial.trial_file)["tokens_per_second"] > 0


def test_a_training_that_cannot_be_saved_is_refused_at_its_first_step(own_copy, monkeypatch):
    monkeypatch.setattr(disk_space, "disk_free", lambda _folder: 1_000_000)
    run = own_copy.run("train-001")
    shutil.rmtree(run.checkpoints)
    with JobLink(run) as link, pytest.raises(UserFacingError) as refusal:
        run_train(run, training_params(run), link)
    assert refusal.value.code == "disk.full"
    assert "Free at least 0.1 GB" in refusal.value.todo


def test_a_newer_library_is_told_when_a_run_goes_on(own_copy):
    run = own_copy.run("train-001")
    recorded = read_json(run.environment_file)
    write_json(run.environment_file, {**recorded, "torch": "1.0"})
    with JobLink(run) as link:
        run_train(run, training_params(run), link)
    told = [e for e in read_events(run) if getattr(e, "code", "") == "training.other_environment"]
    assert len(told) == 1
    assert "PyTorch: 1.0 →" in told[0].text
    assert read_json(run.environment_file) == recorded


def test_limits_that_are_changed_in_mid_training_count_and_are_told(
    own_copy, monkeypatch, tmp_path
):
    monkeypatch.setattr(settings, "settings_file", lambda: tmp_path / "settings.json")

    def train(run):
        assert not run.guard.target
        settings.save_settings(settings.Settings(heat_limit=70, hold_watts=200))
        deadline = time.monotonic() + 20
        while run.guard.target.watts != 200:
            assert time.monotonic() < deadline, "the change was not seen within 20 s"
            time.sleep(0.01)
        return Request.RUN

    monkeypatch.setattr(job, "train_steps", train)
    run = own_copy.run("train-001")
    with JobLink(run) as link:
        run_train(run, training_params(run), link)
    (told,) = [e for e in read_events(run) if getattr(e, "code", "") == "heat.settings"]
    assert "pauses above 70 °C" in told.text


def test_a_run_of_a_card_is_not_done_on_the_processor(own_copy, monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    run = own_copy.run("train-001")
    write_json(run.environment_file, {"card": "RTX 3090"})
    with JobLink(run) as link, pytest.raises(UserFacingError) as end:
        run_train(run, training_params(run), link)
    assert end.value.code == "card.unreachable"


@pytest.mark.parametrize(("chosen", "there", "count"), [(0, 3, 3), (2, 3, 2), (3, 1, 1)])
def test_cards_that_are_gone_are_done_without(tmp_path, monkeypatch, chosen, there, count):
    folder = RunFolder(tmp_path)
    monkeypatch.setattr(job, "training_device", lambda: "cuda:0")
    monkeypatch.setattr(job, "cards_together", lambda: there)
    with JobLink(folder) as link:
        assert (
            job._processes(PARAMS.model_copy(update={"processes": chosen or None}), link) == count
        )
    notices = [e.code for e in read_events(folder) if isinstance(e, Notice)]
    assert notices == (["training.fewer_cards"] if chosen > there else [])


def test_room_is_asked_for_before_anything_is_trained(make_run, monkeypatch):
    run = make_run()
    monkeypatch.setattr(disk_space, "disk_free", lambda _folder: 1_000_000)
    with pytest.raises(UserFacingError) as refusal:
        job._begin(run, run.link.folder)
    assert refusal.value.code == "disk.full"


def test_what_a_card_began_is_refused_before_anything_is_loaded(tmp_path, monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(job, "training_device", lambda: "cpu")
    folder = RunFolder(tmp_path)
    write_json(folder.environment_file, {"card": "RTX 3090"})
    with JobLink(folder) as link, pytest.raises(UserFacingError) as end:
        run_train(folder, PARAMS, link)
    assert end.value.code == "card.unreachable"


def test_a_stop_before_the_first_step_leaves_no_result(own_copy, monkeypatch):
    run = own_copy.new_run("train")
    before = own_copy.run("train-001")
    save_config(load_config(before.config_file), run.config_file)
    write_json(run.control_file, {"request": "stop"})
    with JobLink(run) as link, pytest.raises(Stopped) as end:
        run_train(run, training_params(before), link)
    assert end.value.result.steps == 0
    assert not run.facts_file.exists()


def test_a_training_without_gain_says_so():
    """Its best check was the one before the first step: that adapter is the untrained one."""
    assert job._nothing_gained(TrainingFacts(steps=4, best_step=0)).code == "training.no_gain"
    assert job._nothing_gained(TrainingFacts(steps=4, best_step=2)) is None
    assert job._nothing_gained(MORE) is None


def test_examples_that_were_edited_are_not_trained_on_unseen(own_copy):
    before = own_copy.run("train-001")
    params = training_params(before)
    examples = own_copy.versions / params.dataset_version / "examples.jsonl"
    examples.write_bytes(examples.read_bytes().replace(b"It is", b"It's ", 1))
    run = own_copy.new_run("train")
    save_config(load_config(before.config_file), run.config_file)
    with JobLink(run) as link, pytest.raises(UserFacingError) as refusal:
        run_train(run, params, link)
    assert refusal.value.code == "dataset.version_changed"
    assert own_copy.versions.joinpath(params.dataset_version).is_dir()


@pytest.mark.parametrize("damage", [float("nan"), float("inf")])
def test_a_broken_base_is_named_before_the_learning_rate_is(own_copy, tmp_path, damage):
    from safetensors.torch import load_file, save_file

    before = own_copy.run("train-001")
    params = training_params(before)
    base = shutil.copytree(params.base_model, tmp_path / "base")
    tensors = load_file(base / "model.safetensors")
    tensors["model.layers.1.mlp.down_proj.weight"][3, 4] = damage
    save_file(tensors, base / "model.safetensors", {"format": "pt"})
    run = own_copy.new_run("train")
    save_config(load_config(before.config_file), run.config_file)
    with JobLink(run) as link, pytest.raises(UserFacingError) as refusal:
        run_train(run, params.model_copy(update={"base_model": str(base)}), link)
    assert refusal.value.code == "model.not_finite"
    assert "model.layers.1.mlp.down_proj.weight" in refusal.value.what


class _Version:
    def __init__(self, *conversations):
        roles = ["user", "assistant"] * 3
        self._conversations = [
            tuple(Message(role, text) for role, text in zip(roles, said, strict=False))
            for said in conversations
        ]

    def examples(self, part):
        assert part == "validation"
        return (Example(messages, Source("chat.txt", 1)) for messages in self._conversations)


def test_the_sample_is_an_answer_worth_reading():
    long = ("When do I cut hydrangeas?", "In March, above the first buds.")
    chat = _Version(("thanks!", "ok"), (*long, "thanks!", "ok"), ("Another question?", "Too late."))

    question, answer = job._sample(chat)

    assert [m.content for m in question] == [long[0]] and answer == long[1]
    question, answer = job._sample(_Version(("thanks!", "ok"), ("hi", "hello")))
    assert [m.content for m in question] == ["thanks!"] and answer == "ok"

"""Runs are fitted to the memory: planned, loaded leaner where it is too little, corrected."""

import pytest
import torch

from core.jobs.events import Notice
from core.jobs.link import JobLink
from core.jobs.supervisor import read_events
from core.models.inspection import inspect_model
from core.planning.planner import Room
from core.project import RunFolder
from core.training import fitting
from core.training.adapter import add_adapter
from core.training.engine.plan import EnginePlan
from core.training.fitting import Fit, correct, free_room, longest_rows, make_ladder
from tests.core.planning.test_planner import SHAPES
from tests.core.training.conftest import TINY

GIB = 1 << 30


def _fit(gib=16, tokens=4096):
    config = TINY.with_values({"micro_batch_tokens": tokens, "max_length": tokens, "rank": 16})
    facts = type("Facts", (), {"shape": SHAPES["8B"], "model_type": "llama"})()
    return Fit.of(facts, config, Room("gpu", gib * GIB, 32 * GIB))


@pytest.fixture
def link(tmp_path):
    with JobLink(RunFolder(tmp_path)) as open_link:
        yield open_link


def test_a_measurement_changes_how_many_layers_are_kept():
    fit = _fit()
    assert 0 < fit.plan.kept(32) < 32
    right = fit.after(fit.predicted)
    assert right.plan == fit.plan
    assert fit.after(round(1.1 * fit.predicted)).plan.kept(32) < fit.plan.kept(32)
    assert fit.after(round(0.9 * fit.predicted)).plan.kept(32) > fit.plan.kept(32)


def test_the_room_of_a_processor_is_the_computers_memory():
    room = free_room("cpu")
    assert room.device == "cpu" and room.free > 0 and room.streamable == 0


def test_a_card_too_full_for_the_model_gets_it_in_pieces(tiny_model, link, monkeypatch):
    facts = inspect_model(tiny_model)
    fit = Fit.of(facts, TINY, Room("gpu", None, None))
    asked = []

    def full(folder, _fit, device, plan):
        asked.append(plan.stream_layers)
        if not plan.stream_layers:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return "model"

    monkeypatch.setattr(fitting, "_load", full)
    model, plan = fitting.load_planned(tiny_model, fit, "cuda:0", link)
    assert (model, asked) == ("model", [0, 2])
    assert plan.stream_layers == 2 and plan.host_embedding and plan.offload_inputs
    codes = [e.code for e in read_events(link.folder) if isinstance(e, Notice)]
    assert codes == ["training.less_memory"]
    with pytest.raises(torch.OutOfMemoryError):
        fitting.load_planned(tiny_model, fit, "cpu", link)


def test_a_plan_that_streams_is_loaded_and_trains(tiny_model, link, make_run):
    run = make_run()
    facts = inspect_model(tiny_model)
    fit = Fit.of(facts, TINY, Room("cpu", None))
    plan = EnginePlan(stream_layers=1, keep_layers=1, host_embedding=True)
    base = fitting._load(tiny_model, fit, "cpu", plan)
    model = add_adapter(base, TINY, "cpu")
    ladder = make_ladder(model, fit, plan, "cpu", link)
    assert (ladder.layers, ladder.can_move, ladder.plan) == (2, False, plan)
    batch = next(fitting.micro_batches(run.train, longest_rows(run), 256))
    (loss, _), (reference, _) = ladder.loss(batch), run.ladder.loss(batch)
    loss.backward()
    assert loss.item() == reference.item()


def test_a_run_is_corrected_by_what_it_took(make_run):
    run, fit = make_run(), _fit()
    correct(run, fit)  # nothing to ask without a card
    assert run.ladder.plan == EnginePlan()
    run.ladder.layers = 32
    run.ladder.follow(fit.plan)
    correct(run, fit, lambda _run: round(1.2 * fit.predicted))
    assert run.ladder.plan.kept(32) < fit.plan.kept(32)


def test_a_try_that_does_not_fit_leaves_it_to_the_ladder(make_run):
    run, fit = make_run(), _fit()
    run.ladder.layers = 2
    answers = iter([torch.OutOfMemoryError("CUDA out of memory."), 10])

    def measure(_run):
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    correct(run, fit, measure)
    assert run.ladder.plan.keep_layers == 1


def test_it_tries_the_longest_examples_that_fit(make_run):
    run = make_run()
    lengths = run.train.lengths
    chosen = longest_rows(run)
    assert lengths[chosen[0]] == max(lengths)
    assert sum(lengths[i] for i in chosen) <= run.config.micro_batch_tokens

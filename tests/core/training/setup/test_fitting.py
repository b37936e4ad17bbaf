"""Runs are fitted to the memory: planned, loaded leaner where it is too little, corrected."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from core.config.engine import EnginePlan
from core.errors import UserFacingError
from core.events import Notice
from core.jobs.link import JobLink
from core.jobs.supervisor import read_events
from core.models.inspection import inspect_model
from core.planning.memory import memory_need
from core.planning.planner import Room
from core.project import RunFolder
from core.training.adapter import add_adapter
from core.training.engine.fused import dispatch
from core.training.setup import fitting
from core.training.setup.fitting import Fit, correct, free_room, longest_rows, make_fallback
from core.training.step import make_optimizer
from tests.campaigns.families import known
from tests.campaigns.family_models import make_model
from tests.core.models.folders import make_family
from tests.core.planning.test_planner import SHAPES
from tests.core.training.conftest import TINY

GIB = 1 << 30
FULL = torch.OutOfMemoryError("CUDA out of memory.")


def _fit(gib=16, tokens=4096):
    config = TINY.with_values({"micro_batch_tokens": tokens, "max_length": tokens, "rank": 16})
    values = {"folder": Path("nowhere"), "shape": SHAPES["8B"], "model_type": "llama"}
    facts = type("Facts", (), values)()
    return Fit.of(facts, config, Room("gpu", gib * GIB, 32 * GIB))


@pytest.fixture
def link(tmp_path):
    with JobLink(RunFolder(tmp_path)) as open_link:
        yield open_link


def test_a_measurement_changes_how_many_layers_are_kept():
    fit = _fit()
    assert 0 < fit.plan.kept(32) < 32
    expected = fit.predicted(4096).total - fit.predicted(4096).context
    right = fit.after(expected, 4096)
    assert right.plan == fit.plan
    assert fit.after(round(1.1 * expected), 4096).plan.kept(32) < fit.plan.kept(32)
    assert fit.after(round(0.9 * expected), 4096).plan.kept(32) > fit.plan.kept(32)


def test_a_try_of_few_tokens_promises_nothing_for_many():
    fit = _fit()
    few = memory_need(fit.shape, replace(fit.settings, micro_batch_tokens=1024))
    assert fit.after(few.total - few.context, 1024).plan == fit.plan


def test_the_room_of_a_processor_is_the_computers_memory():
    room = free_room("cpu")
    assert room.device == "cpu" and room.free > 0


def test_the_room_of_a_card_is_that_of_the_fullest(monkeypatch):
    """All plan alike, before one of them takes memory that another would count as gone."""

    class Four:
        world = 4

        def least(self, value):
            return value // 2

    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _device: (8 * GIB, 16 * GIB))
    monkeypatch.setattr(fitting, "read_ram", lambda: (64 * GIB, 40 * GIB))
    room = free_room("cuda:1", Four())
    assert (room.device, room.cards, room.host_free) == ("gpu", 4, 20 * GIB)
    assert 4 * GIB < room.free < 5 * GIB


@pytest.fixture
def full_card(monkeypatch):
    """A card on which the whole model, or the adapter beside it, does not fit; else a processor."""
    seen = []
    real = {name: getattr(fitting, name) for name in ("_load", "add_adapter", "make_fallback")}

    def full(place):
        def load(folder, fit, _device, plan):
            seen.append(plan.stream_layers)
            if place == "_load" and not plan.stream_layers:
                raise FULL
            return real["_load"](folder, fit, "cpu", plan)

        def add(base, config, _device):
            if place == "add_adapter" and seen == [0]:
                raise FULL
            return real["add_adapter"](base, config, "cpu")

        def fallback(model, fit, plan, _device, link):
            if place == "make_fallback" and seen == [0]:
                raise FULL
            found = real["make_fallback"](model, fit, plan, "cpu", link)
            found.can_move = True
            return found

        for name, fake in (("_load", load), ("add_adapter", add), ("make_fallback", fallback)):
            monkeypatch.setattr(fitting, name, fake)
        return seen

    return full


@pytest.mark.parametrize("place", ["_load", "add_adapter", "make_fallback"])
def test_a_card_too_full_for_the_model_gets_it_in_pieces(tiny_model, link, full_card, place):
    fit = Fit.of(inspect_model(tiny_model), TINY, Room("gpu", None, None))
    asked = full_card(place)
    model, fallback = fitting.load_planned(tiny_model, fit, "cuda:0", link)
    assert asked == [0, 2]
    assert fallback.plan.stream_layers == 2
    assert fallback.plan.host_embedding and fallback.plan.offload_inputs
    assert fallback.loss.engine.weights.waiting == {0, 1}
    assert any("lora_" in name for name, _ in model.named_parameters())
    codes = [e.code for e in read_events(link.folder) if isinstance(e, Notice)]
    assert codes == ["training.less_memory"]
    asked.clear()
    with pytest.raises(torch.OutOfMemoryError):
        fitting.load_planned(tiny_model, fit, "cpu", link)


@pytest.mark.parametrize("measured", [1, 1000 * GIB])
def test_a_model_loaded_leaner_than_planned_stays_so(
    tiny_model, link, make_run, full_card, measured
):
    """What was measured belongs to another plan than the one that was predicted."""
    fit = Fit.of(inspect_model(tiny_model), TINY, Room("gpu", 8 * GIB, 8 * GIB))
    full_card("_load")
    model, fallback = fitting.load_planned(tiny_model, fit, "cuda:0", link)
    lean = fallback.plan
    assert lean != fit.plan
    run = replace(make_run(), model=model, fallback=fallback, optimizer=make_optimizer(model, TINY))
    correct(run, fit, lambda _run: measured)
    assert run.fallback.plan == lean
    assert fallback.loss.engine.weights.waiting == {0, 1}


def test_a_better_plan_that_cannot_be_reached_ends_nothing(make_run, monkeypatch):
    run, fit = make_run(), _fit(7)
    assert fit.plan.stream_layers and not fit.after(1, 128).plan.stream_layers
    run.fallback.layers, run.fallback.can_move = 2, True
    run.fallback.follow(fit.plan)
    capacity = run.fallback.capacity
    real = run.fallback.loss.follow

    def follow(plan):
        real(plan)
        if plan.stream_layers < fit.plan.stream_layers:
            raise FULL

    monkeypatch.setattr(run.fallback.loss, "follow", follow)
    correct(run, fit, lambda _run: 1)
    assert run.fallback.plan == fit.plan
    assert run.fallback.loss.engine.plan == fit.plan
    assert run.fallback.capacity == capacity


def test_a_plan_that_streams_is_loaded_and_trains(tiny_model, link, make_run):
    run = make_run()
    facts = inspect_model(tiny_model)
    fit = Fit.of(facts, TINY, Room("cpu", None))
    plan = EnginePlan(stream_layers=1, keep_layers=1, host_embedding=True)
    base = fitting._load(tiny_model, fit, "cpu", plan)
    model = add_adapter(base, TINY, "cpu")
    fallback = make_fallback(model, fit, plan, "cpu", link)
    assert (fallback.layers, fallback.can_move, fallback.plan) == (2, False, plan)
    batch = next(fitting.micro_batches(run.train, longest_rows(run), 256))
    (loss, _), (reference, _) = fallback.loss(batch), run.fallback.loss(batch)
    loss.backward()
    assert loss.item() == reference.item()


@pytest.mark.parametrize("changes", [{"attention_dropout": 0.1}, {"hidden_act": "relu"}])
def test_a_model_that_the_engine_refuses_is_not_planned_for_it(tmp_path, changes):
    """Or its weights would wait in the computer's memory, and nobody would fetch them."""
    card = Room("gpu", 1 << 20, 64 * GIB)  # too small for anything
    taken = make_family(tmp_path / "taken", "LlamaForCausalLM")
    assert Fit.of(inspect_model(taken), TINY, card).plan.stream_layers == 3
    refused = make_family(tmp_path / "refused", "LlamaForCausalLM", **changes)
    fit = Fit.of(inspect_model(refused), TINY, card)
    assert (fit.settings.layers, fit.plan.stream_layers) == ("peft", 0)


def test_a_streaming_plan_without_the_engine_ends_in_words(tiny_model, link, make_run):
    fit = Fit.of(inspect_model(tiny_model), TINY, Room("cpu", None))
    model = make_run(config=TINY.with_values({"dropout": 0.1})).model
    fit = replace(fit, config=TINY.with_values({"dropout": 0.1}))
    with pytest.raises(UserFacingError) as refusal:
        make_fallback(model, fit, EnginePlan(stream_layers=1), "cpu", link)
    assert refusal.value.code == "training.needs_fast_path"
    assert "dropout" in refusal.value.todo


def test_a_table_larger_than_the_card_is_never_loaded_there(tmp_path, monkeypatch):
    folder = make_model("gemma4_text", known()["gemma4_text"], tmp_path / "m")
    fit = Fit.of(inspect_model(folder), TINY, Room("cpu", None))
    lean = EnginePlan(host_embedding=True)
    assert fit.is_split(lean) and not fit.is_split(EnginePlan())
    assert not _fit().is_split(lean) and _fit().is_split(EnginePlan(stream_layers=1))
    monkeypatch.setattr(fitting, "load_base", lambda *_: pytest.fail("all at once"))
    model = fitting._load(folder, fit, "cpu", lean)
    assert model.model.embed_tokens_per_layer.weight.shape == (512, 4 * 16)


def _told(link):
    return [e.code for e in read_events(link.folder) if isinstance(e, Notice)]


def test_kernels_that_cannot_be_compiled_are_told_once(tiny_model, link, make_run, monkeypatch):
    fit = Fit.of(inspect_model(tiny_model), TINY, Room("cpu", None))
    make_fallback(make_run().model, fit, EnginePlan(), "cpu", link)
    assert _told(link) == []
    monkeypatch.setattr(dispatch, "kernel_failure", lambda _: "RuntimeError: no compiler")
    make_fallback(make_run("train-002").model, fit, EnginePlan(), "cpu", link)
    assert _told(link) == ["training.no_kernels"]
    peft = replace(fit, config=TINY.with_values({"engine": "peft"}))
    make_fallback(make_run("train-003").model, peft, EnginePlan(), "cpu", link)
    assert _told(link) == ["training.no_kernels", "training.no_fast_path"]


def test_a_run_is_corrected_by_what_it_took(make_run):
    run, fit = make_run(), _fit()
    correct(run, fit)  # nothing to ask without a card
    assert run.fallback.plan == EnginePlan()
    run.fallback.layers = 32
    run.fallback.follow(fit.plan)
    need = fit.predicted(sum(run.train.lengths[row] for row in longest_rows(run)))
    correct(run, fit, lambda _run: need.total - need.context + need.loose // 5)
    assert run.fallback.plan.kept(32) < fit.plan.kept(32)


def test_a_try_that_does_not_fit_leaves_it_to_the_ladder(make_run):
    run, fit = make_run(), _fit()
    run.fallback.layers = 2
    answers = iter([torch.OutOfMemoryError("CUDA out of memory."), 10])

    def measure(_run):
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    correct(run, fit, measure)
    assert run.fallback.plan.keep_layers == 1


def test_it_tries_the_longest_examples_that_fit(make_run):
    run = make_run()
    lengths = run.train.lengths
    chosen = longest_rows(run)
    assert lengths[chosen[0]] == max(lengths)
    assert sum(lengths[i] for i in chosen) <= run.config.micro_batch_tokens


@pytest.mark.parametrize("family", ["qwen3_moe", "gpt_oss", "glm4_moe"])
def test_a_mixture_that_is_larger_than_the_card_is_loaded_to_wait_and_trains(
    family, tmp_path, link
):
    """Planned for a card, done on a processor: loss and gradients are those of a resident one."""
    from core.chat.packing import collate
    from tests.core.training.setup.test_probe import TEXTS

    facts = inspect_model(make_model(family, known()[family], tmp_path / "m"))
    fit = Fit.of(facts, TINY, Room("gpu", 6 * GIB, 32 * GIB))
    count = facts.shape.layers
    results = []
    for layers in (0, count):
        settings = replace(fit.settings, stream_layers=layers, host_embedding=layers > 0)
        planned = replace(fit, settings=settings)
        assert not planned.is_split(planned.plan)
        model, fallback = fitting.load_planned(facts.folder, planned, "cpu", link)
        assert bool(fallback.loss._experts) == (layers > 0)
        fallback.loss.one_by_one = True
        total = fallback.loss(collate(TEXTS))[0]
        total.backward()
        grads = {n: p.grad for n, p in model.named_parameters() if p.grad is not None}
        results.append((total.detach(), grads))
    (total, grads), (streamed, others) = results
    assert torch.equal(total, streamed) and grads.keys() == others.keys()
    assert any(".experts." in name for name in grads)
    assert all(torch.equal(grad, others[name]) for name, grad in grads.items())


def test_a_mixture_is_loaded_again_with_all_experts_waiting_where_the_card_is_full(
    tmp_path, link, monkeypatch
):
    facts = inspect_model(make_model("qwen3_moe", known()["qwen3_moe"], tmp_path / "m"))
    fit = Fit.of(facts, TINY, Room("gpu", 6 * GIB, 32 * GIB))
    loads, plans = [FULL], []

    def load(_folder, _fit, _device, plan):
        plans.append(plan)
        if loads:
            raise loads.pop()
        return "base"

    monkeypatch.setattr(fitting, "_load", load)
    monkeypatch.setattr(fitting, "add_adapter", lambda base, *_: base)
    monkeypatch.setattr(fitting, "make_fallback", lambda _model, _fit, plan, *_: plan)
    _, plan = fitting.load_planned(facts.folder, fit, "cuda:0", link)
    assert [plan.stream_layers for plan in plans] == [0, facts.shape.layers]
    assert plan.host_embedding

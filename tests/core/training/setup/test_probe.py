"""What the probe finds in small models of families that nobody has tried here before."""

import random
from types import SimpleNamespace

import pytest

from core.chat.packing import Row
from core.errors import UserFacingError
from core.training import loss as losses
from core.training.distributed.ranks import ALONE
from core.training.memory.fallback import MemoryFallback
from core.training.setup import probe as probing
from core.training.setup.probe import Probed, probe, probe_run
from tests.campaigns.families import CONFIG, known
from tests.campaigns.family_models import make_model

_DICE = random.Random(3)
TEXTS = [Row(ids, ids) for ids in ([_DICE.randrange(5, 250) for _ in range(n)] for n in (40, 56))]


class Table(list):
    def row(self, index):
        return self[index]


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    place, made = tmp_path_factory.mktemp("families"), {}

    def folder(family):
        if family not in made:
            made[family] = make_model(family, known()[family], place / family)
        return made[family]

    return folder


@pytest.fixture
def load(folders):
    from core.models.loading import load_base
    from core.training.adapter import add_adapter

    def loaded(family, config=CONFIG):
        model = add_adapter(load_base(folders(family), "nf4", "cpu"), config)
        return model, losses.TrainingLoss(model, config, "cpu")

    return loaded


def found(model, loss, config=CONFIG):
    return probe(model, config, loss, TEXTS, "cpu")


@pytest.mark.parametrize("family", ["granite", "cohere", "glm4"])
def test_families_with_scales_and_other_layers_train(load, family):
    result = found(*load(family))
    assert not result.reason
    assert result.share == 1
    assert result.keeps_apart


def test_a_family_that_mixes_packed_examples_is_noticed(load):
    result = found(*load("bloom"))
    assert not result.reason
    assert not result.keeps_apart


def test_a_family_that_overlooks_positions_is_told_by_masks(load):
    model, loss = load("gpt_oss")
    result = found(model, loss)
    assert not result.reason and result.share == 1
    assert result.keeps_apart and loss.masked


def test_nothing_is_left_of_it(load):
    import torch

    model, loss = load("cohere")
    model.train()
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    state = torch.get_rng_state()
    found(model, loss)
    assert model.training and torch.equal(state, torch.get_rng_state())
    assert all(torch.equal(before[name], p) for name, p in model.named_parameters())
    assert all(p.grad is None for p in model.parameters())


def test_a_loss_that_is_not_the_models_is_refused(load, monkeypatch):
    model, loss = load("cohere")
    right = losses._by_own_head
    monkeypatch.setattr(losses, "_by_own_head", lambda *args: right(*args) * 1.1)
    assert "not the one of this model" in found(model, loss).reason


def test_layers_without_an_adapter_are_refused_unless_they_were_chosen(load, monkeypatch):
    monkeypatch.setattr("core.training.adapter.targets_of", lambda *_: ["q_proj", "o_proj"])
    assert "could learn" in found(*load("glm4")).reason
    chosen = CONFIG.with_values({"targets": ["q_proj"]})
    assert not found(*load("glm4", chosen), chosen).reason


def test_an_adapter_that_learns_nothing_is_refused(load):
    model, loss = load("cohere")
    layer = model.get_base_model().model.layers[1]
    layer.mlp.forward = lambda hidden: hidden  # its three layers are never asked
    assert "layers.1.mlp" in found(model, loss).reason


def test_a_base_that_the_adapter_changes_is_refused(load, monkeypatch):
    from contextlib import nullcontext

    model, loss = load("cohere")
    monkeypatch.setattr(model, "disable_adapter", nullcontext)
    assert "without the adapter" in found(model, loss).reason


def a_run(model, loss, told):
    link = SimpleNamespace(emit=told.append)
    table = Table(TEXTS)
    return SimpleNamespace(model=model, config=CONFIG, train=table, device="cpu", link=link,
                           ranks=ALONE, fallback=MemoryFallback(64, 64, loss))  # fmt: skip


def test_a_run_is_told_and_follows(load):
    told = []
    model, loss = load("bloom")
    probe_run(a_run(model, loss, told))
    assert loss.one_by_one and [one.code for one in told] == ["training.one_by_one"]


def test_a_run_that_would_learn_something_else_ends_here(load, monkeypatch):
    model, loss = load("cohere")
    monkeypatch.setattr(losses, "_by_own_head", lambda *args: 1 / 0)
    with pytest.raises(UserFacingError) as refusal:
        probe_run(a_run(model, loss, []))
    assert refusal.value.code == "training.probe_failed"
    assert "ZeroDivisionError" in refusal.value.details
    monkeypatch.setattr(probing, "probe", lambda *_: Probed(0.5, reason="Only half."))
    with pytest.raises(UserFacingError) as refusal:
        probe_run(a_run(model, loss, []))
    assert refusal.value.code == "training.probe_failed" and refusal.value.what == "Only half."


def test_the_text_part_beside_towers_takes_the_fast_path(load):
    told = []
    model, loss = load("gemma3")
    assert loss.engine is not None
    probe_run(a_run(model, loss, told))
    assert loss.engine is not None and not told


def test_a_fast_path_that_computes_something_else_is_left(load, monkeypatch):
    from core.training.engine.engine import Engine

    told = []
    model, loss = load("gemma3")
    right = Engine.forward_loss
    wrong = lambda *args: tuple(1.1 * part for part in right(*args))  # noqa: E731
    monkeypatch.setattr(Engine, "forward_loss", wrong)
    probe_run(a_run(model, loss, told))
    assert loss.engine is None
    assert told[0].code == "training.no_fast_path"


@pytest.mark.parametrize("family", ["llama", "gemma3"])
def test_a_fast_path_with_right_losses_and_wrong_gradients_is_left(load, monkeypatch, family):
    from core.training.engine.fused.norm import Norm

    told = []
    model, loss = load(family)
    right = Norm.backward
    monkeypatch.setattr(Norm, "backward", lambda *args: right(*args).mul_(2.0))
    probe_run(a_run(model, loss, told))
    assert loss.engine is None
    assert [one.code for one in told] == ["training.no_fast_path"]


@pytest.mark.parametrize("family", ["llama", "qwen3", "gemma2", "phi3"])
def test_families_that_are_known_in_detail_are_probed_too(load, monkeypatch, family):
    from core.training.engine.engine import Engine

    told = []
    model, loss = load(family)
    was_fast = loss.engine is not None
    probe_run(a_run(model, loss, told))
    assert (loss.engine is not None) == was_fast and not told
    right = Engine.forward_loss
    wrong = lambda *args: tuple(1.1 * part for part in right(*args))  # noqa: E731
    monkeypatch.setattr(Engine, "forward_loss", wrong)
    probe_run(a_run(model, loss, told))
    assert loss.engine is None
    assert [one.code for one in told] == ["training.no_fast_path"] * was_fast


def test_a_streamed_fast_path_is_probed_and_cannot_be_left(load, monkeypatch):
    from core.config.engine import EnginePlan
    from core.training.engine.engine import Engine

    plan = EnginePlan(stream_layers=2, keep_layers=0)
    model, loss = load("llama")
    loss.follow(plan)
    run = a_run(model, loss, [])
    run.fallback.plan = plan
    probe_run(run)
    assert loss.engine is not None
    right = Engine.forward_loss
    wrong = lambda *args: tuple(1.1 * part for part in right(*args))  # noqa: E731
    monkeypatch.setattr(Engine, "forward_loss", wrong)
    with pytest.raises(UserFacingError) as refusal:
        probe_run(run)
    assert refusal.value.code == "training.needs_fast_path"


def test_layers_that_cannot_have_an_adapter_are_told(load):
    told = []
    probe_run(a_run(*load("falcon_h1"), told))
    assert "training.partly" in [one.code for one in told]


def test_the_texts_are_long_enough_whatever_the_examples_are():
    texts = probing.two_texts(Table([Row([5, 6, 7], [5, 6, 7])]))
    assert [len(text.ids) for text in texts] == list(probing._LENGTHS)

"""What the probe finds in small models of families that nobody has tried here before."""

import random
from types import SimpleNamespace

import pytest

from core.chat.packing import Row
from core.errors import UserFacingError
from core.training import loss as losses
from core.training.distributed.ranks import ALONE
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


def test_nothing_is_left_of_it(load):
    import torch

    model, loss = load("granite")
    model.train()
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    state = torch.get_rng_state()
    found(model, loss)
    assert model.training and torch.equal(state, torch.get_rng_state())
    assert all(torch.equal(before[name], p) for name, p in model.named_parameters())
    assert all(p.grad is None for p in model.parameters())


def test_a_loss_that_is_not_the_models_is_refused(load, monkeypatch):
    model, loss = load("granite")
    right = losses._by_own_head
    monkeypatch.setattr(losses, "_by_own_head", lambda *args: right(*args) * 1.1)
    assert "not the one of this model" in found(model, loss).reason


def test_layers_without_an_adapter_are_refused_unless_they_were_chosen(load, monkeypatch):
    monkeypatch.setattr("core.training.adapter.targets_of", lambda *_: ["q_proj", "o_proj"])
    assert "could learn" in found(*load("glm4")).reason
    chosen = CONFIG.with_values({"targets": ["q_proj"]})
    assert not found(*load("glm4", chosen), chosen).reason


def test_an_adapter_that_learns_nothing_is_refused(load):
    model, loss = load("granite")
    layer = model.get_base_model().model.layers[1]
    layer.mlp.forward = lambda hidden: hidden  # its three layers are never asked
    assert "layers.1.mlp" in found(model, loss).reason


def test_a_base_that_the_adapter_changes_is_refused(load, monkeypatch):
    from contextlib import nullcontext

    model, loss = load("granite")
    monkeypatch.setattr(model, "disable_adapter", nullcontext)
    assert "without the adapter" in found(model, loss).reason


def a_run(model, loss, told):
    link = SimpleNamespace(emit=told.append)
    table = Table(TEXTS)
    return SimpleNamespace(model=model, config=CONFIG, train=table, device="cpu", link=link,
                           ranks=ALONE, fallback=SimpleNamespace(loss=loss))  # fmt: skip


def test_a_run_is_told_and_follows(load):
    told = []
    model, loss = load("bloom")
    probe_run(a_run(model, loss, told))
    assert loss.one_by_one and [one.code for one in told] == ["training.one_by_one"]


def test_a_run_that_would_learn_something_else_ends_here(load, monkeypatch):
    model, loss = load("granite")
    monkeypatch.setattr(losses, "_by_own_head", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        probe_run(a_run(model, loss, []))
    monkeypatch.setattr(probing, "probe", lambda *_: Probed(0.5, reason="Only half."))
    with pytest.raises(UserFacingError) as refusal:
        probe_run(a_run(model, loss, []))
    assert refusal.value.code == "training.probe_failed" and refusal.value.what == "Only half."


def test_the_texts_are_long_enough_whatever_the_examples_are():
    texts = probing.two_texts(Table([Row([5, 6, 7], [5, 6, 7])]))
    assert [len(text.ids) for text in texts] == list(probing._LENGTHS)

import pytest
from filelock import FileLock

from core.config.training import TrainingConfig, save_config
from core.errors import UserFacingError
from core.hardware.cards.card import Card, CardReport
from core.serving import need
from core.serving.need import ServingNeed, computing_now, require_room, serving_need
from core.settings import Settings, save_settings


@pytest.fixture
def run(project):
    made = project.new_run("train")
    save_config(TrainingConfig(rank=8), made.config_file)
    return made


def without_card(monkeypatch):
    monkeypatch.setattr(need, "read_cards", lambda: CardReport((), "no driver"))
    monkeypatch.setattr(need, "read_ram", lambda: (16_000_000_000, 8_000_000_000))


def test_what_it_takes_is_added_up(project, run, tiny_model, monkeypatch):
    without_card(monkeypatch)
    alone = serving_need(project, tiny_model)
    tuned = serving_need(project, tiny_model, [run.name])
    assert (tuned.device, tuned.free) == ("cpu", 8_000_000_000)
    assert tuned.adapters > alone.adapters == 0
    assert tuned.total == tuned.weights + tuned.adapters + tuned.answers + tuned.rest
    assert "8 GB" in tuned.badge.sentence


def test_conversations_take_no_more_than_half_of_what_is_left(project, tiny_model, monkeypatch):
    without_card(monkeypatch)
    roomy = serving_need(project, tiny_model)
    free = roomy.weights + roomy.answers
    monkeypatch.setattr(need, "read_ram", lambda: (free, free))
    assert serving_need(project, tiny_model).answers == roomy.answers // 2


def test_what_does_not_fit_is_refused_with_the_numbers(project):
    wanted = ServingNeed(20_000_000_000, 0, 0, 0, "cpu", 8_000_000_000)
    with pytest.raises(UserFacingError) as refusal:
        require_room(project, wanted)
    assert refusal.value.code == "serving.no_room"
    assert "20 of 8 GB" in refusal.value.what


def test_a_run_on_the_card_comes_first(project, run):
    wanted = ServingNeed(1, 0, 0, 0, "gpu", 8_000_000_000)
    require_room(project, wanted)
    with FileLock(run.lock_file):
        with pytest.raises(UserFacingError) as refusal:
            require_room(project, wanted)
        require_room(project, ServingNeed(1, 0, 0, 0, "cpu", 8_000_000_000))
    assert refusal.value.code == "serving.card_in_use"
    assert run.name in refusal.value.what


def test_runs_of_other_projects_count_too(project, run, tmp_path):
    other = type(project).create(tmp_path / "other")
    assert computing_now(other) is None
    save_settings(Settings().with_recent(project.root))
    with FileLock(run.lock_file):
        assert computing_now(other).name == run.name


def test_a_card_that_can_be_used_holds_the_model(project, tiny_model, monkeypatch):
    card = Card(index=0, name="A card", memory_total=8_000_000_000, memory_free=7_000_000_000)
    monkeypatch.setattr(need, "read_cards", lambda: CardReport((card,), ""))
    monkeypatch.setattr(need, "why_unusable", lambda _card: "")
    found = serving_need(project, tiny_model)
    assert (found.device, found.free) == ("gpu", 7_000_000_000)


def test_a_processor_with_room_keeps_the_weights_in_16_bits(project, run, tiny_model, monkeypatch):
    from core.models.four_bit import unpack_linears
    from core.models.loading import load_base

    def held(model):
        return sum(p.nbytes for p in model.parameters())

    without_card(monkeypatch)
    model = load_base(tiny_model, "nf4", "cpu")
    packed = held(model)
    unpack_linears(model)
    assert serving_need(project, tiny_model, [run.name]).weights == held(model)
    monkeypatch.setattr(need, "read_ram", lambda: (packed, packed))
    assert serving_need(project, tiny_model, [run.name]).weights < held(model)
    save_config(TrainingConfig(quantisation="none"), run.config_file)
    assert serving_need(project, tiny_model, [run.name]).weights == held(model)

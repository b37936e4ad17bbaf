import pytest

from core.hardware.cards.card import Card, CardReport
from core.installation import plan as planning
from core.installation.plan import can_install, collected, engine_state, plan_engine
from core.installation.variant import Variant
from core.installation.versions import wheels_folder

CARD = CardReport((Card(0, name="RTX 3090", driver="580.1", compute_capability=(8, 6)),))


@pytest.fixture(autouse=True)
def _locks(index, monkeypatch):
    monkeypatch.setattr(planning, "read_lock", lambda variant: index.lock(variant, size=50_000))
    monkeypatch.setattr(planning, "available", lambda: (Variant.CU130, Variant.CPU))


def test_a_plan_names_card_driver_size_source_and_disk(home):
    plan = plan_engine(cards=CARD)
    text = "\n".join(plan.lines())
    for words in ("CUDA 13.0", "RTX 3090, driver 580.1", "kB from 127.0.0.1", str(home), "free"):
        assert words in text
    assert plan.missing == plan.lock.size and plan.needed > plan.missing


def test_what_is_here_is_not_fetched_again(home):
    plan = plan_engine(cards=CARD)
    wheels_folder().mkdir(parents=True)
    (wheels_folder() / f"{plan.lock.wheels[0].file}.part").write_bytes(b"x" * 1000)
    assert plan_engine(cards=CARD).missing == plan.lock.size - 1000
    assert collected() == 1000 and engine_state().kept == 1000


def test_another_build_and_a_folder_can_be_chosen(tmp_path, monkeypatch):
    plan = plan_engine(Variant.CPU, str(tmp_path), CardReport(reason="No card."))
    assert plan.missing == 0 and "No card." in "\n".join(plan.lines())
    monkeypatch.setattr(planning, "disk_free", lambda _folder: 10)
    assert not plan_engine(cards=CARD).fits
    monkeypatch.setattr(planning, "disk_free", lambda _folder: None)
    assert plan_engine(cards=CARD).fits


def test_a_frozen_application_carries_its_own(monkeypatch):
    assert can_install()
    monkeypatch.setattr("sys.frozen", True, raising=False)
    assert not can_install()


def test_a_torch_beside_the_application_is_enough():
    state = engine_state()
    assert state.is_there and state.carried and state.before is None

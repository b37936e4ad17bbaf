import pytest

from core.errors import UserFacingError
from core.hardware.cards import usable
from core.hardware.cards.card import Card, CardReport
from core.project import RunFolder
from core.storage.files import read_json
from core.training.checkpoints import environment as environment_module
from core.training.checkpoints.environment import (
    changed,
    compare_and_record,
    environment,
    require_card,
)


def test_it_names_what_may_change_a_result():
    assert {"torch", "peft", "bitsandbytes", "python", "card", "driver"} <= environment().keys()


def test_a_new_run_records_and_says_nothing(tmp_path):
    folder = RunFolder(tmp_path)
    assert compare_and_record(folder, {"torch": "2"}) is None
    assert read_json(folder.environment_file) == {"torch": "2"}
    assert compare_and_record(folder, {"torch": "2"}) is None


def test_a_change_is_told_once_in_plain_words(tmp_path):
    folder = RunFolder(tmp_path)
    compare_and_record(folder, {"torch": "2", "driver": "590.1", "card": "RTX 3090"})
    now = {"torch": "3", "driver": "600.2", "card": "RTX 3090"}
    notice = compare_and_record(folder, now)
    assert notice.code == "training.other_environment"
    assert "PyTorch: 2 → 3; the card's driver: 590.1 → 600.2." in notice.text
    assert compare_and_record(folder, now) is None


def test_a_damaged_record_is_replaced(tmp_path):
    folder = RunFolder(tmp_path)
    folder.environment_file.write_text("{")
    assert compare_and_record(folder, {"torch": "2"}) is None
    assert read_json(folder.environment_file) == {"torch": "2"}


def test_a_card_that_is_gone_is_said():
    assert "RTX 3090 → none" in changed({"card": "RTX 3090"}, {"card": ""}).text


class TestACardThatCannotBeReached:
    @pytest.fixture(autouse=True)
    def no_card(self, monkeypatch):
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
        monkeypatch.setattr(environment_module, "read_cards", CardReport)

    def refused(self, folder, device="cpu"):
        try:
            require_card(folder, device)
        except UserFacingError as error:
            assert error.code == "card.unreachable"
            return error.what
        return ""

    def test_a_run_that_began_on_it_does_not_go_on_without(self, tmp_path):
        folder = RunFolder(tmp_path)
        assert not self.refused(folder)
        compare_and_record(folder, {"torch": "2", "card": ""})
        assert not self.refused(folder)
        compare_and_record(folder, {"torch": "2", "card": "RTX 3090"})
        assert "RTX 3090" in self.refused(folder)
        assert not self.refused(folder, "cuda:0")

    def test_a_new_run_does_not_begin_on_the_processor_instead(self, tmp_path, monkeypatch):
        report = CardReport(cards=(Card(index=0, name="RTX 4090", compute_capability=(8, 9)),))
        monkeypatch.setattr(environment_module, "read_cards", lambda: report)
        monkeypatch.setattr(usable, "torch_cuda_version", lambda: "13.0")
        assert "RTX 4090" in self.refused(RunFolder(tmp_path))
        monkeypatch.setattr(usable, "torch_cuda_version", lambda: "")
        assert not self.refused(RunFolder(tmp_path)), "it was planned for the processor"

    def test_whoever_hides_the_card_wants_the_processor(self, tmp_path, monkeypatch):
        folder = RunFolder(tmp_path)
        compare_and_record(folder, {"card": "RTX 3090"})
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
        assert not self.refused(folder)

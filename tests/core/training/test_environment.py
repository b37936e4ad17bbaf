from core.files import read_json
from core.project import RunFolder
from core.training.environment import changed, compare_and_record, environment


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

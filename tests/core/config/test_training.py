from itertools import pairwise

import pytest

from core.config.training import TrainingConfig, load_config, parse_config, save_config
from core.errors import UserFacingError
from tests.foreign_files import put_odd


def test_a_config_survives_its_yaml(tmp_path):
    config = TrainingConfig(learning_rate=3e-4, targets=("q_proj",), epochs=1.5)
    save_config(config, tmp_path / "config.yaml")
    assert load_config(tmp_path / "config.yaml") == config
    assert "learning_rate: 0.0003" in (tmp_path / "config.yaml").read_text()


@pytest.mark.parametrize(
    "values",
    [{"learning_rate": -1}, {"rank": 0}, {"unknown": 1}, {"epochs": "many"}, {"targets": []}],
)
def test_wrong_values_are_named(values):
    with pytest.raises(UserFacingError) as refusal:
        parse_config(values)
    assert refusal.value.code == "config.invalid"
    assert next(iter(values)) in refusal.value.what


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"rank": "many"}, "rank must be a whole number."),
        ({"epochs": 0}, "epochs must be greater than 0."),
        ({"ranks": 8}, "ranks is not the name of a setting."),
        ({"schedule": "wave"}, "schedule must be one of: 'cosine', 'linear', 'constant'."),
    ],
)
def test_the_fault_is_said_in_plain_words(values, said):
    with pytest.raises(UserFacingError) as refusal:
        parse_config(values)
    assert refusal.value.what == f"These training settings cannot be used: {said}"


@pytest.mark.parametrize("content", ["a: [", "- 1\n- 2\n: x", "rank: 0"])
def test_a_damaged_file_is_said(tmp_path, content):
    (tmp_path / "config.yaml").write_text(content)
    with pytest.raises(UserFacingError) as refusal:
        load_config(tmp_path / "config.yaml")
    assert refusal.value.code == "config.invalid"


def test_a_crash_costs_ten_minutes_at_most():
    assert TrainingConfig().checkpoint_minutes <= 10


def test_values_are_replaced_and_checked():
    assert TrainingConfig().with_values({"rank": 8}).rank == 8
    with pytest.raises(UserFacingError):
        TrainingConfig().with_values({"rank": "x"})


@pytest.mark.parametrize("name", ["epochs", "learning_rate", "seed", "patience_epochs"])
def test_what_only_changes_how_many_steps_there_are_costs_the_same(name):
    config = TrainingConfig()
    assert config.costs_like(config.with_values({name: 1}))


@pytest.mark.parametrize(
    ("name", "value"),
    [("rank", 8), ("max_length", 512), ("quantisation", "none"), ("engine", "peft")],
)
def test_what_changes_a_step_does_not(name, value):
    assert not TrainingConfig().costs_like(TrainingConfig(**{name: value}))


def test_a_config_that_grows_is_not_read(tmp_path):
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]" for a, b in pairwise("abcdefghi")]
    (tmp_path / "config.yaml").write_text("\n".join(lines))
    assert refused(tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        "targets: &a [q_proj]\nrank: 8",
        "targets: " + "[" * 3000 + "]" * 3000,
        "targets: " + "{a: " * 3000 + "1" + "}" * 3000,
        "rank: 8\n" + "#" * 100_000,
        "a: !!python/object/apply:os.system ['true']",
        "rank: 8\nrank: 9",
    ],
)
def test_what_no_config_holds_is_refused(tmp_path, content):
    (tmp_path / "config.yaml").write_text(content)
    assert refused(tmp_path)


@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_a_config_that_is_no_file_is_refused(tmp_path, kind):
    put_odd(tmp_path / "config.yaml", kind)
    assert refused(tmp_path) == "file.odd"


def refused(folder):
    with pytest.raises(UserFacingError) as refusal:
        load_config(folder / "config.yaml")
    return refusal.value.code

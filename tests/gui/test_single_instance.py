from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from gui.single_instance import SingleInstance, instance_name, raise_running_window


@pytest.fixture
def name() -> str:
    return f"homelab-tuner-test-{uuid.uuid4().hex[:8]}"


def test_nobody_is_there_at_first(qtbot: QtBot, name: str) -> None:
    assert not raise_running_window(name)


def test_a_second_start_is_noticed(qtbot: QtBot, name: str) -> None:
    first = SingleInstance(name)
    assert first.is_listening()
    with qtbot.waitSignal(first.wanted):
        assert raise_running_window(name)
    first.close()
    assert not raise_running_window(name)


def test_what_a_killed_window_left_is_taken_over(qtbot: QtBot, name: str) -> None:
    killed = SingleInstance(name)
    after = SingleInstance(name)  # as if the first had died with its socket in place
    assert after.is_listening()
    with qtbot.waitSignal(after.wanted):
        assert raise_running_window(name)
    after.close()
    killed.close()


def test_the_name_belongs_to_the_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = instance_name()
    monkeypatch.setenv("HOMELAB_TUNER_HOME", str(tmp_path / "other"))
    assert instance_name() != first

# ruff: noqa: F811 - fixtures that are imported
from __future__ import annotations

from pathlib import Path

import pytest
from filelock import FileLock

from core.actions import updates
from core.actions.updates import fetching, look_for_update, package_of
from core.errors import UserFacingError
from core.installation.kind import Kind
from core.project import Project
from core.settings import Settings, save_settings
from tests.core.installation.updates.conftest import Publisher, publisher  # noqa: F401 - fixture


def refusal_of(do: object) -> str:
    with pytest.raises(UserFacingError) as refused:
        do()  # type: ignore[operator]
    return refused.value.code


def test_never_during_a_run(
    publisher: Publisher,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(updates, "own_release", lambda: publisher.own)
    publisher.publish("0.2.0")
    project = Project.create(tmp_path / "project")
    run = project.new_run("train")
    save_settings(Settings(recent=(str(tmp_path / "gone"), str(project.root))))
    with FileLock(run.lock_file):
        assert refusal_of(look_for_update) == "update.run_in_progress"
        assert not publisher.index.seen
    newest = look_for_update().newest
    assert newest is not None and newest.version == "0.2.0"
    with FileLock(run.lock_file):
        assert refusal_of(lambda: fetching(newest)) == "update.run_in_progress"


def test_each_installation_gets_its_package_or_its_words(
    publisher: Publisher,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(updates, "own_release", lambda: publisher.own)
    publisher.publish("0.2.0")
    newest = look_for_update().newest
    assert newest is not None
    assert package_of(newest, Kind.DEBIAN).file.endswith(".deb")
    for kind, words in ((Kind.PIP, "pip install"), (Kind.SOURCES, "git pull")):
        with pytest.raises(UserFacingError) as refused:
            package_of(newest, kind)
        assert refused.value.code == "update.no_package" and words in refused.value.todo

from __future__ import annotations

from pathlib import Path

import pytest

from core.settings import (
    Settings,
    SettingsFile,
    application_folder,
    default_projects_folder,
    load_settings,
    save_settings,
    settings_file,
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "Zuhause ü 漢字"
    monkeypatch.setenv("HOMELAB_TUNER_HOME", str(folder))
    return folder


def test_saved_settings_come_back(home: Path) -> None:
    settings = Settings(tariff=0.41, currency="€", appearance="dark", model_folders=("/m/ü",))
    save_settings(settings)
    assert settings_file().is_relative_to(home)
    assert load_settings() == settings


def test_a_missing_file_gives_the_defaults() -> None:
    assert load_settings() == Settings()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"tariff": -1}', '{"appearance": "pink"}'])
def test_a_damaged_file_gives_the_defaults_and_is_kept_aside(content: str) -> None:
    settings_file().parent.mkdir(parents=True)
    settings_file().write_text(content, encoding="utf-8")
    assert load_settings() == Settings()
    aside = settings_file().with_name("settings.damaged.json")
    assert aside.read_text(encoding="utf-8") == content
    assert not settings_file().exists()


def test_the_file_is_followed_while_another_process_may_change_it() -> None:
    save_settings(Settings(heat_limit=80))
    followed = SettingsFile()
    assert followed.current.heat_limit == 80
    assert not followed.changed()
    save_settings(Settings(heat_limit=70))
    assert followed.changed()
    assert followed.current.heat_limit == 70
    assert not followed.changed()


def test_a_followed_file_that_is_damaged_or_gone_keeps_what_was_known() -> None:
    save_settings(Settings(heat_limit=80))
    followed = SettingsFile()
    settings_file().write_text("{", encoding="utf-8")
    assert not followed.changed()
    assert settings_file().exists(), "whoever writes it may be about to mend it"
    settings_file().unlink()
    assert not followed.changed()
    assert followed.current.heat_limit == 80
    save_settings(Settings(heat_limit=60))
    assert followed.changed()
    assert followed.current.heat_limit == 60


def test_recent_projects_are_unique_newest_first_and_none_is_soon_forgotten() -> None:
    settings = Settings()
    for number in range(1200):
        settings = settings.with_recent(Path(f"/p/{number}"))
    settings = settings.with_recent(Path("/p/15"))
    assert settings.recent[:2] == (str(Path("/p/15")), str(Path("/p/1199")))
    assert len(settings.recent) == len(set(settings.recent)) == 1000


def test_the_folders_of_the_application_follow_the_variable(home: Path) -> None:
    assert application_folder() == home
    assert default_projects_folder() == home / "projects"


def test_without_the_variable_the_system_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOMELAB_TUNER_HOME")
    assert application_folder().name == "homelab-tuner"
    assert settings_file().name == "settings.json"
    assert default_projects_folder().name == "Homelab Tuner"

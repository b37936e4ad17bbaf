from pathlib import Path

import pytest

from core.installation.kind import Kind, how_to_repair, kind_of_installation


def test_where_it_lies_tells_how_it_was_installed(tmp_path, monkeypatch):
    assert kind_of_installation() is Kind.SOURCES
    packages = "/usr/lib/homelab-tuner/python/lib/python3.11/dist-packages/core/installation/x.py"
    assert kind_of_installation(Path(packages)) is Kind.DEBIAN
    here = tmp_path / "app/core/installation/kind.py"
    assert kind_of_installation(here) is Kind.PIP
    monkeypatch.setenv("APPDIR", str(tmp_path / "app"))
    assert kind_of_installation(here) is Kind.APPIMAGE
    monkeypatch.setenv("APPDIR", str(tmp_path / "another"))  # of what started this program
    (tmp_path / "app").mkdir()
    (tmp_path / "app/homelab-tuner.installed").touch()
    assert kind_of_installation(here) is Kind.WINDOWS
    monkeypatch.setattr("sys.frozen", True, raising=False)
    assert kind_of_installation() is Kind.FROZEN


@pytest.mark.parametrize("kind", Kind)
def test_nobody_but_who_has_the_sources_is_told_to_run_make(kind):
    assert ("make" in how_to_repair(kind)) == (kind is Kind.SOURCES)

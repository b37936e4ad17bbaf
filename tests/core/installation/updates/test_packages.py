from __future__ import annotations

from pathlib import Path

import pytest

from core.installation.kind import Kind
from core.installation.updates.packages import (
    Package,
    how_to_install,
    keep_package,
    package_folder,
    packages,
    way_back,
)


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOMELAB_TUNER_HOME", str(tmp_path / "home"))


def arrive(folder: Path, version: str) -> Package:
    path = folder / f"homelab-tuner_{version}.deb"
    path.write_text(version)
    return keep_package(path, version)


def test_the_newest_and_the_one_before_are_kept(tmp_path: Path) -> None:
    assert packages() == () and way_back("0.1.0") is None
    for version in ("0.2.0", "0.9.0", "0.10.0"):
        kept = arrive(tmp_path, version)
        assert kept.path.read_text() == version
    assert [one.version for one in packages()] == ["0.10.0", "0.9.0"]
    before = way_back("0.10.0")
    assert before is not None and before.version == "0.9.0"
    assert way_back("0.9.0") is None


def test_the_same_version_replaces_itself(tmp_path: Path) -> None:
    arrive(tmp_path, "0.2.0")
    (package_folder("0.2.0") / "stray").write_text("")
    arrive(tmp_path, "0.2.0")
    assert [path.name for path in package_folder("0.2.0").iterdir()] == ["homelab-tuner_0.2.0.deb"]


def test_strange_folders_are_no_packages(tmp_path: Path) -> None:
    arrive(tmp_path, "0.2.0")
    package_folder("nonsense").mkdir()
    package_folder("0.3.0").mkdir()
    assert [one.version for one in packages()] == ["0.2.0"]


def test_a_line_for_debian_and_words_elsewhere(tmp_path: Path) -> None:
    package = Package("0.2.0", tmp_path / "a b.deb")
    assert how_to_install(package, Kind.DEBIAN) == f'sudo apt install "{tmp_path}/a b.deb"'
    assert "--allow-downgrades" in how_to_install(package, Kind.DEBIAN, back=True)
    assert "Close Homelab Tuner" in how_to_install(package, Kind.WINDOWS)

import configparser
from pathlib import Path

from tests.packaging.test_trimming import ROOT, load

build = load("build")


def test_size_counts_files_not_links(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 1000)
    (tmp_path / "b").symlink_to(tmp_path / "a")
    assert 1000 <= build.size_of(tmp_path) < 1300


def test_layout_of_the_debian_package(tmp_path: Path) -> None:
    application = tmp_path / "app"
    application.mkdir()
    (application / "homelab-tuner").write_bytes(b"\x7fELF")
    layout = build.lay_out_package(application, tmp_path / "deb", "1.2.3")
    assert (layout / "opt/homelab-tuner/homelab-tuner").is_file()
    assert (layout / "usr/bin/homelab-tuner").readlink() == Path("/opt/homelab-tuner/homelab-tuner")
    assert "Version: 1.2.3\n" in (layout / "DEBIAN/control").read_text(encoding="utf-8")
    icons = list((layout / "usr/share/icons").rglob("*.svg"))
    assert [icon.stem for icon in icons] == ["homelab-tuner"]


def test_desktop_entry_names_what_is_installed() -> None:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(ROOT / "packaging/homelab-tuner.desktop", encoding="utf-8")
    entry = parser["Desktop Entry"]
    assert (entry["Exec"], entry["Icon"], entry["Type"]) == (
        "homelab-tuner",
        "homelab-tuner",
        "Application",
    )
    assert entry["Categories"].endswith(";")


def test_recipe_compiles() -> None:
    recipe = (ROOT / "packaging/homelab-tuner.spec").read_text(encoding="utf-8")
    code = compile(recipe, "homelab-tuner.spec", "exec")
    assert {"Analysis", "COLLECT", "keep"} <= set(code.co_names)
    assert "strip=False" in recipe

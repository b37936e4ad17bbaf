import configparser
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.packaging.test_trimming import ROOT, load

deb = load("deb")


def test_desktop_entry_names_what_is_installed() -> None:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(ROOT / "packaging/debian/homelab-tuner.desktop", encoding="utf-8")
    entry = parser["Desktop Entry"]
    assert entry["Exec"].split()[0] == entry["Icon"] == "homelab-tuner"
    assert entry["Type"] == "Application" and entry["Categories"].endswith(";")


def test_python_is_copied_without_what_is_not_ours_to_give(tmp_path: Path) -> None:
    root = tmp_path / "root"
    library = root / "usr/lib/python3.11"
    for name in ("os.py", "test/x.py", "lib-dynload/readline.cpython-311.so", "lib-dynload/_ssl.so",
                 "lib-dynload/_xxtestfuzz.cpython-311.so", "sitecustomize.py"):  # fmt: skip
        (library / name).parent.mkdir(parents=True, exist_ok=True)
        (library / name).touch()
    (root / "usr/bin").mkdir()
    (root / "usr/bin/python3.11").touch()
    for place in ("usr/include/python3.11", "usr/include/x86_64-linux-gnu/python3.11"):
        (root / place).mkdir(parents=True)
        (root / place / "pyconfig.h").write_text(place)
    packages = deb.copy_python(root, tmp_path / "python")
    assert packages == tmp_path / "python/lib/python3.11/dist-packages"
    copied = {p.name for p in (tmp_path / "python").rglob("*") if p.is_file()}
    assert copied == {"os.py", "_ssl.so", "python3.11", "pyconfig.h"}
    header = (tmp_path / "python/include/python3.11/pyconfig.h").read_text()
    assert "x86_64" in header  # the real one, not the one that leads to it


def test_modes_are_put_right_and_programs_known(tmp_path: Path) -> None:
    for name, content in (("bin/run", b"#!/bin/sh"), ("lib/a.so.1", b"\x7fELF"),
                          ("bin/x", b"\x7fELF"), ("lib/note.txt", b"text")):  # fmt: skip
        deb.write(tmp_path / name, content)
        (tmp_path / name).chmod(0o777)
    deb.put_right(tmp_path)
    modes = {p.name: p.stat().st_mode & 0o777 for p in tmp_path.rglob("*") if p.is_file()}
    assert modes == {"run": 0o755, "a.so.1": 0o644, "x": 0o755, "note.txt": 0o644}
    assert deb.is_elf(tmp_path / "bin/x") and not deb.is_elf(tmp_path / "bin/run")
    assert not deb.is_elf(tmp_path)


def test_the_control_file_names_size_and_dependencies(tmp_path: Path) -> None:
    deb.write(tmp_path / "usr/bin/homelab-tuner", b"x" * 5000)
    deb.control(tmp_path, "1.2.3", "libc6 (>= 2.35), libegl1")
    text = (tmp_path / "DEBIAN/control").read_text()
    assert "Version: 1.2.3\n" in text and "Depends: libc6 (>= 2.35), libegl1\n" in text
    assert "usr/bin/homelab-tuner" in (tmp_path / "DEBIAN/md5sums").read_text()
    for script in ("preinst", "postinst", "prerm", "postrm"):
        assert (tmp_path / "DEBIAN" / script).read_text().startswith("#!/bin/sh\nset -e\n")


@pytest.mark.skipif(shutil.which("dpkg-query") is None, reason="dpkg compares the versions")
@pytest.mark.parametrize(
    ("libc", "refused"),
    [("2.31-13+deb11u14", True), ("2.35-0ubuntu3", False), ("2.36-9+deb12u9", False)],
)
def test_an_older_system_is_told_what_is_needed(tmp_path: Path, libc: str, refused: bool) -> None:
    """``dpkg-query`` stands in for the other system."""
    deb.write(tmp_path / "stage/usr/bin/homelab-tuner", b"x")
    deb.control(tmp_path / "stage", "1.2.3", "libc6")
    (tmp_path / "dpkg-query").write_text(f"#!/bin/sh\necho '{libc}'\n")
    (tmp_path / "dpkg-query").chmod(0o755)
    done = subprocess.run(
        ["/bin/sh", tmp_path / "stage/DEBIAN/preinst", "install"],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == int(refused)
    said = "needs Debian 12, Ubuntu 22.04 or newer: this system's C library is 2.31, 2.35 is needed"
    assert (said in done.stderr) is refused
    assert "@" not in (tmp_path / "stage/DEBIAN/preinst").read_text()


def test_what_apt_prints_names_the_oldest_systems() -> None:
    """Where a dependency is missing, apt prints its names and nothing else."""
    assert deb._OLDEST == "libc6 (>= 2.35) | needs-debian-12-or-ubuntu-22.04"


@pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="needs dpkg-deb")
def test_an_older_dpkg_can_read_what_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before Debian 12 dpkg knows no zstd: what it cannot read, it cannot refuse in plain words."""
    for name in ("make_root", "copy_python", "install_wheels"):
        monkeypatch.setattr(deb, name, lambda *_: tmp_path)
    monkeypatch.setattr(deb, "trim", lambda _: 0)
    monkeypatch.setattr(deb, "dependencies", lambda *_: "libc6")
    monkeypatch.setattr(
        deb, "lay_out", lambda stage, _: deb.write(stage / "usr/bin/homelab-tuner", b"x")
    )
    package, note = deb.build(tmp_path / "root", tmp_path / "work", tmp_path / "dist", "1.2.3")
    content = package.read_bytes()
    assert b"control.tar.gz" in content and b"data.tar.zst" in content
    assert note == "needs C library 0.0"

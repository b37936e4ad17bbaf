import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.packaging.test_trimming import ROOT, load

appimage = load("appimage")


@pytest.mark.parametrize(
    ("name", "carried"),
    [
        ("libc.so.6", False), ("libGL.so.1", False), ("libEGL.so.1", False),
        ("libxcb.so.1", False), ("libfontconfig.so.1", False), ("libcudart.so.13", False),
        ("libxcb-cursor.so.0", True), ("libxkbcommon-x11.so.0", True), ("libssl.so.3", True),
        ("libffi.so.8", True), ("libsqlite3.so.0", True), ("libgomp.so.1", True),
    ],
)  # fmt: skip
def test_what_must_fit_the_computer_is_left_to_it(name: str, carried: bool) -> None:
    assert (appimage._OF_THE_SYSTEM.match(name) is None) is carried


def test_what_is_linked_to_is_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, place = tmp_path / "app", tmp_path / "system"
    links = {
        "own.so": ["libssl.so.3", "libc.so.6", "libown.so.1"], "libown.so.1": [],
        "libssl.so.3": ["libcrypto.so.3", "libabsent.so.9"], "libcrypto.so.3": ["libc.so.6"],
    }  # fmt: skip
    for where, name in ((folder, "own.so"), (folder, "libown.so.1"), (place, "libssl.so.3"),
                        (place, "libcrypto.so.3")):  # fmt: skip
        where.mkdir(exist_ok=True)
        (where / name).write_bytes(b"\x7fELF")
    monkeypatch.setattr(appimage, "needed", lambda path: links[path.name])
    assert set(appimage.missing_libraries(folder, [place])) == {"libssl.so.3", "libcrypto.so.3"}


def test_the_start_program_finds_its_python_from_anywhere(tmp_path: Path) -> None:
    stage = tmp_path / "stage"
    python = stage / appimage.PREFIX / "python/bin/python3.11"
    for path in (
        python,
        stage / "usr/share/applications/homelab-tuner.desktop",
        stage / "usr/share/icons/hicolor/256x256/apps/homelab-tuner.png",
        stage / "usr/bin/homelab-tuner",
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('#!/bin/sh\necho "$APPDIR" "$LD_LIBRARY_PATH" "$@"\n')
    python.chmod(0o755)
    folder = tmp_path / "Unpacked ü"
    assert appimage.lay_out(stage, tmp_path / "root", folder) == 0
    assert not (folder / "usr/bin").exists() and (folder / ".DirIcon").exists()
    environment = {k: v for k, v in os.environ.items() if k not in ("APPDIR", "LD_LIBRARY_PATH")}
    done = subprocess.run(
        [folder / "AppRun", "doctor"], env=environment, capture_output=True, text=True, check=True
    )
    place = f"{folder}/usr/lib/homelab-tuner/lib"
    assert done.stdout == f"{folder} {place} -m gui doctor\n"


@pytest.mark.parametrize(
    ("getconf", "has"),
    [("echo glibc 2.31", "2.31"), ("exit 1", "another one"), ("echo glibc 2.35", None),
     ("echo glibc 2.100", None)],
)  # fmt: skip
def test_an_older_system_is_told_what_is_needed(
    tmp_path: Path, getconf: str, has: str | None
) -> None:
    text = appimage.filled_in(appimage._APPRUN.read_text(encoding="utf-8"))
    (tmp_path / "AppRun").write_text(text.replace("exec ", "echo started; exit 0; exec "))
    (tmp_path / "getconf").write_text(f"#!/bin/sh\n{getconf}\n")
    (tmp_path / "zenity").write_text('#!/bin/sh\necho "$2" > "${0%/*}/shown"\n')
    for program in tmp_path.iterdir():
        program.chmod(0o755)
    done = subprocess.run(
        [tmp_path / "AppRun"], capture_output=True, text=True, check=False,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
    )  # fmt: skip
    if has is None:
        assert done.stdout == "started\n" and not done.stderr
        return
    assert done.returncode == 1 and not done.stdout
    asked = f"Debian 12, Ubuntu 22.04 or newer: this system's C library is {has}, 2.35 of glibc"
    assert asked in done.stderr
    assert asked in (tmp_path / "shown").read_text()  # nobody sees standard error


@pytest.mark.skipif(shutil.which("mksquashfs") is None, reason="needs squashfs-tools")
def test_the_packed_folder_lies_behind_the_runtime(tmp_path: Path) -> None:
    folder, runtime = tmp_path / "AppDir", tmp_path / "runtime"
    folder.mkdir()
    (folder / "AppRun").write_text("x")
    runtime.write_bytes(b"\x7fELF" + bytes(4092))
    target = tmp_path / "a.AppImage"
    appimage.pack(folder, runtime, target, 3)
    content = target.read_bytes()
    assert content[:4] == b"\x7fELF" and content[4096:4100] == b"hsqs"
    assert os.access(target, os.X_OK) and not target.with_suffix(".squashfs").exists()


def test_the_workflow_makes_and_starts_it() -> None:
    text = (ROOT / ".github/workflows/release.yml").read_text(encoding="utf-8")
    assert "packaging/appimage.py" in text and "APPIMAGE_EXTRACT_AND_RUN=1" in text

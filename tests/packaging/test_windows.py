import struct
from pathlib import Path

import pytest

from tests.packaging.test_trimming import ROOT, load

windows = load("windows")


def test_the_script_leaves_nothing_of_the_application_and_nothing_else(tmp_path: Path) -> None:
    script = (ROOT / "packaging/windows/installer.nsi").read_text(encoding="utf-8")
    install, remove = script.split('Section "un.install"')
    assert "RequestExecutionLevel user" in script and "HKLM" not in script
    assert "pythonw.exe" in install
    for line in remove.splitlines():
        if "RMDir /r" in line:
            assert line.strip() == 'RMDir /r "$INSTDIR\\python"'  # never what may hold your files
    assert "Documents\\Homelab Tuner" in remove


def test_the_runtime_is_put_beside_python(tmp_path: Path) -> None:
    deep = tmp_path / "Lib/site-packages/x"
    deep.mkdir(parents=True)
    (deep / "MSVCP140.dll").write_bytes(b"dll")
    (tmp_path / "vcruntime140.dll").write_bytes(b"dll")
    assert windows.put_runtime(tmp_path) == ["vcruntime140_1.dll"]
    assert (tmp_path / "msvcp140.dll").read_bytes() == b"dll"


def test_the_icon_lists_its_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Done:
        stdout = b"\x89PNG picture"

    monkeypatch.setattr(windows.subprocess, "run", lambda *_, **__: Done())
    windows.icon(tmp_path / "a.ico")
    content = (tmp_path / "a.ico").read_bytes()
    zero, kind, count = struct.unpack_from("<HHH", content)
    assert (zero, kind, count) == (0, 1, 6)
    size, at = struct.unpack_from("<II", content, 6 + 16 * 5 + 8)
    assert content[at : at + size] == b"\x89PNG picture" and at + size == len(content)

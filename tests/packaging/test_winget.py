import hashlib
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.packaging.test_trimming import ROOT, load

winget = load("winget")
URL = "https://example.org/homelab-tuner-1.2.3-setup.exe"


def test_the_manifest_names_the_installer_by_its_hash(tmp_path: Path) -> None:
    installer = tmp_path / "homelab-tuner-1.2.3-setup.exe"
    installer.write_bytes(b"MZ")
    assert winget.main([str(installer), "--url", URL, "--to", str(tmp_path / "to")]) == 0
    read = [YAML(typ="safe").load(path) for path in sorted((tmp_path / "to").glob("*.yaml"))]
    assert {one["ManifestType"] for one in read} == {"version", "installer", "defaultLocale"}
    assert {one["PackageVersion"] for one in read} == {"1.2.3"}
    assert {one["PackageIdentifier"] for one in read} == {winget.IDENTIFIER}
    (installers,) = (one["Installers"] for one in read if "Installers" in one)
    assert installers[0]["InstallerSha256"] == hashlib.sha256(b"MZ").hexdigest().upper()
    assert installers[0]["InstallerUrl"] == URL


def test_it_names_the_entry_that_the_installer_writes() -> None:
    """WinGet finds what is installed by the name of its uninstall key."""
    script = (ROOT / "packaging/windows/installer.nsi").read_text(encoding="utf-8")
    assert "CurrentVersion\\Uninstall\\Homelab Tuner" in script
    assert "ProductCode: Homelab Tuner\n" in winget._BODIES["installer"]
    assert "RequestExecutionLevel user" in script and "Scope: user" in winget._BODIES["installer"]


def test_another_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="not the name"):
        winget.manifests(tmp_path / "setup.exe", URL, "2026-11-30")

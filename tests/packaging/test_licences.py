from pathlib import Path

from tests.packaging.test_trimming import ROOT, load

licences = load("licences")


def make(packages: Path, name: str, licence: str, text: str = "") -> None:
    info = packages / f"{name}-1.0.dist-info"
    (info / "licenses").mkdir(parents=True)
    (info / "METADATA").write_text(f"Name: {name}\nVersion: 1.0\nLicense-Expression: {licence}\n")
    (info / "RECORD").write_text(f"{name}/__init__.py,,\n")
    if text:
        (info / "licenses/LICENSE").write_text(text)


def test_every_package_is_named_with_its_licence(tmp_path: Path) -> None:
    make(tmp_path, "alpha", "MIT", "Permission is hereby granted\n\nto anyone")
    make(tmp_path, "PySide6_Essentials", "LGPL-3.0-only")
    make(tmp_path, "omega", "BSD-3-Clause")
    text = licences.copyright_file(tmp_path, ROOT)
    assert "dist-packages/alpha/*" in text and " Permission is hereby granted\n .\n to" in text
    assert "License: LGPL-3\n" in text and "You may replace them" in text
    assert "License: omega-licence\n BSD-3-Clause" in text
    assert not [line for line in text.splitlines() if line.startswith("..")]

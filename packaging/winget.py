"""The manifest for WinGet: ``winget.py INSTALLER --url URL [--to FOLDER]``.

Writes the three files that https://github.com/microsoft/winget-pkgs takes, with the installer's
SHA-256; ``winget validate FOLDER`` checks them on Windows. Somebody sends them in by hand.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
IDENTIFIER = "HomelabTuner.HomelabTuner"
_SCHEMA = "1.6.0"
_HOME = "https://github.com/homelab-tuner/homelab-tuner"
_HEAD = """# yaml-language-server: $schema=https://aka.ms/winget-manifest.{kind}.{schema}.schema.json
PackageIdentifier: {identifier}
PackageVersion: {version}
"""
_FOOT = "ManifestType: {kind}\nManifestVersion: {schema}\n"
_BODIES = {
    "version": "DefaultLocale: en-US\n",
    "installer": """MinimumOSVersion: 10.0.17763.0
InstallerType: nullsoft
Scope: user
InstallModes: [interactive, silent]
UpgradeBehavior: install
ReleaseDate: {date}
Installers:
  - Architecture: x64
    InstallerUrl: {url}
    InstallerSha256: {sha256}
    ProductCode: Homelab Tuner
""",
    "defaultLocale": """PackageLocale: en-US
Publisher: Homelab Tuner developers
PackageName: Homelab Tuner
PackageUrl: {home}
License: Apache-2.0
LicenseUrl: {home}/blob/main/LICENSE
ShortDescription: Fine-tune a language model on the graphics card at home, and trust the result.
Tags: [fine-tuning, language-model, lora, qlora]
""",
}
_FILES = {"version": "", "installer": ".installer", "defaultLocale": ".locale.en-US"}


def manifests(installer: Path, url: str, date: str) -> dict[str, str]:
    """Return the text of each file by its name."""
    found = re.fullmatch(r"homelab-tuner-(\d+\.\d+\.\d+)-setup\.exe", installer.name)
    if found is None:
        raise SystemExit(f"{installer.name} is not the name of an installer")
    with installer.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest().upper()
    values = {
        "schema": _SCHEMA, "identifier": IDENTIFIER, "version": found.group(1), "home": _HOME,
        "url": url, "sha256": digest, "date": date,
    }  # fmt: skip
    return {
        f"{IDENTIFIER}{_FILES[kind]}.yaml": (_HEAD + body + _FOOT).format(kind=kind, **values)
        for kind, body in _BODIES.items()
    }


def main(arguments: list[str]) -> int:
    """Write the files."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("installer", type=Path)
    parser.add_argument("--url", required=True, help="where it will be downloaded from")
    parser.add_argument("--to", type=Path, default=HERE.parent / "dist/winget")
    options = parser.parse_args(arguments)
    options.to.mkdir(parents=True, exist_ok=True)
    date = time.strftime("%Y-%m-%d", time.gmtime())
    for name, text in manifests(options.installer, options.url, date).items():
        (options.to / name).write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

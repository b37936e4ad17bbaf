"""The application and its disk image for macOS: ``packaging/macos.py``, on Apple silicon.

Freezes the application with PyInstaller (PyTorch for the processor and Metal included), makes
``Homelab Tuner.app`` and ``dist/*.dmg``. ``IDENTITY`` signs it, ``NOTARY_PROFILE`` (stored with
``xcrun notarytool store-credentials``) has it notarised. Never run yet: written without a Mac.
"""

from __future__ import annotations

import os
import plistlib
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
DIST = ROOT / "dist"
NAME = "Homelab Tuner"


def property_list(version: str) -> bytes:
    """Return the application's Info.plist."""
    return plistlib.dumps(
        {
            "CFBundleIdentifier": "io.github.homelab_tuner",
            "CFBundleName": NAME,
            "CFBundleDisplayName": NAME,
            "CFBundleExecutable": "homelab-tuner",
            "CFBundleIconFile": "app.icns",
            "CFBundlePackageType": "APPL",
            "CFBundleShortVersionString": version,
            "CFBundleVersion": version,
            "LSMinimumSystemVersion": "14.0",
            "LSApplicationCategoryType": "public.app-category.developer-tools",
            "NSHighResolutionCapable": True,
        }
    )


def run(*command: str | Path) -> None:
    """Run a command that must succeed."""
    subprocess.run([str(part) for part in command], check=True)


def bundle(version: str) -> Path:
    """Put the frozen folder into an application bundle."""
    run(sys.executable, HERE / "build.py", "--skip-test")
    application = DIST / f"{NAME}.app"
    contents = application / "Contents"
    (contents / "Resources").mkdir(parents=True)
    (DIST / "homelab-tuner").rename(contents / "MacOS")
    (contents / "Info.plist").write_bytes(property_list(version))
    iconset = ROOT / "build/app.iconset"
    iconset.mkdir(parents=True, exist_ok=True)
    for size in (16, 32, 128, 256, 512):
        for factor, suffix in ((1, ""), (2, "@2x")):
            target = iconset / f"icon_{size}x{size}{suffix}.png"
            pixels = str(size * factor)
            run("rsvg-convert", "-w", pixels, "-h", pixels, ROOT / "resources/icons/app.svg",
                "-o", target)  # fmt: skip
    run("iconutil", "-c", "icns", iconset, "-o", contents / "Resources/app.icns")
    return application


def main() -> int:
    """Build, sign, pack, notarise."""
    sys.path.insert(0, str(ROOT))
    from core import __version__

    application = bundle(__version__)
    if identity := os.environ.get("IDENTITY"):
        run("codesign", "--force", "--deep", "--timestamp", "--options", "runtime",
            "--entitlements", HERE / "macos/entitlements.plist", "--sign", identity,
            application)  # fmt: skip
    image = DIST / f"homelab-tuner-{__version__}.dmg"
    run("dmgbuild", "-s", HERE / "macos/dmg_settings.py", "-D", f"app={application}", NAME, image)
    if profile := os.environ.get("NOTARY_PROFILE"):
        run("xcrun", "notarytool", "submit", image, "--keychain-profile", profile, "--wait")
        run("xcrun", "stapler", "staple", image)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Build the frozen application and test it: ``python packaging/build.py [--deb] [--skip-test]``.

Everything goes to ``build/`` (scratch) and ``dist/`` (the application), both outside the sources.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
DIST = ROOT / "dist"
APPLICATION = DIST / "homelab-tuner"
_CONTROL = """Package: homelab-tuner
Version: {version}
Section: science
Priority: optional
Architecture: amd64
Installed-Size: {kilobytes}
Maintainer: Homelab Tuner <homelab-tuner@localhost>
Depends: libc6, libgl1, libegl1, libxkbcommon-x11-0, libxcb-cursor0, libxcb-icccm4, libxcb-image0,
 libxcb-keysyms1, libxcb-randr0, libxcb-render-util0, libxcb-shape0, libxcb-xkb1
Description: Fine-tune a language model at home
 Takes a file of examples to a tested adapter on the graphics card you own.
"""


def build() -> Path:
    """Run PyInstaller; return the application's folder."""
    command = [
        sys.executable, "-m", "PyInstaller", str(HERE / "homelab-tuner.spec"), "--noconfirm",
        "--log-level", "WARN", "--distpath", str(DIST), "--workpath", str(ROOT / "build"),
    ]  # fmt: skip
    subprocess.run(command, check=True, cwd=ROOT)
    return APPLICATION


def size_of(folder: Path) -> int:
    """Return the bytes of all files in ``folder``, links not followed."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir())


def lay_out_package(application: Path, target: Path, version: str) -> Path:
    """Arrange the folders of a Debian package around the application; return ``target``."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(application, target / "opt/homelab-tuner", symlinks=True)
    places = {
        HERE / "homelab-tuner.desktop": "usr/share/applications/homelab-tuner.desktop",
        ROOT / "resources/icons/app.svg": "usr/share/icons/hicolor/scalable/apps/homelab-tuner.svg",
        ROOT / "LICENSE": "usr/share/doc/homelab-tuner/copyright",
    }
    for source, place in places.items():
        (target / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target / place)
    (target / "usr/bin").mkdir(parents=True)
    (target / "usr/bin/homelab-tuner").symlink_to("/opt/homelab-tuner/homelab-tuner")
    control = _CONTROL.format(version=version, kilobytes=size_of(target) // 1024)
    (target / "DEBIAN").mkdir()
    (target / "DEBIAN/control").write_text(control, encoding="utf-8")
    return target


def build_deb(version: str) -> Path:
    """Pack the application as ``dist/homelab-tuner_VERSION_amd64.deb``."""
    layout = lay_out_package(APPLICATION, ROOT / "build/deb", version)
    package = DIST / f"homelab-tuner_{version}_amd64.deb"
    command = ["dpkg-deb", "--build", "--root-owner-group", "-Zxz", str(layout), str(package)]
    subprocess.run(command, check=True)
    return package


def main() -> int:
    """Build, say size and time, and run the self-test."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deb", action="store_true", help="also make a Debian package")
    parser.add_argument("--skip-test", action="store_true", help="do not run the self-test")
    options = parser.parse_args()
    began = time.monotonic()
    application = build()
    seconds = time.monotonic() - began
    sys.stdout.write(
        f"built {application} in {seconds:.0f} s, {size_of(application) / 1e6:.0f} MB\n"
    )
    if options.deb:
        sys.path.insert(0, str(ROOT))
        from core import __version__

        package = build_deb(__version__)
        sys.stdout.write(f"packed {package}, {package.stat().st_size / 1e6:.0f} MB\n")
    if options.skip_test:
        return 0
    from selftest import run_selftest

    return run_selftest([str(application / "homelab-tuner")])


if __name__ == "__main__":
    sys.exit(main())

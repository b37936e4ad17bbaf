"""Build the frozen application for the processor and test it: ``packaging/build.py [--skip-test]``.

Everything goes to ``build/`` (scratch) and ``dist/`` (the application), both outside the sources.
The installers that fetch PyTorch for the card are made by ``deb.py`` and ``windows.py``.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
DIST = ROOT / "dist"
APPLICATION = DIST / "homelab-tuner"


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


def main() -> int:
    """Build, say size and time, and run the self-test."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--skip-test", action="store_true", help="do not run the self-test")
    options = parser.parse_args()
    began = time.monotonic()
    application = build()
    seconds = time.monotonic() - began
    sys.stdout.write(
        f"built {application} in {seconds:.0f} s, {size_of(application) / 1e6:.0f} MB\n"
    )
    if options.skip_test:
        return 0
    from selftest import run_selftest

    return run_selftest([str(application / "homelab-tuner")])


if __name__ == "__main__":
    sys.exit(main())

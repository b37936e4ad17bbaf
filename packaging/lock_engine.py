"""Write the locks of the engine: ``python packaging/lock_engine.py [--wheels FOLDER] [NAME…]``.

The engine is PyTorch and what it needs beside the packages that the application carries. For each
variant and system uv resolves it against the versions of ``uv.lock`` and writes
``resources/engine/pylock.VARIANT-SYSTEM.toml`` with the address, size and SHA-256 of every wheel.
Needs the network; PyTorch's own index holds the builds for CUDA 12.6 and for Windows with CUDA.
Where that index cannot be reached, a wheel of ``known_wheels.toml`` stands in for it.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from locked import OF_CUDA, exported, version_of

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ROOT / "resources/engine"
KNOWN = ROOT / "packaging/known_wheels.toml"
PYTHON = "3.11"  # of the installers
_TORCH_INDEX = "https://download.pytorch.org/whl"
_PLATFORMS = {
    "linux": "x86_64-manylinux_2_28",
    "windows": "x86_64-pc-windows-msvc",
    "macos": "aarch64-apple-darwin",
}


@dataclass(frozen=True)
class Lock:
    """One lock: which build of PyTorch, for which system, from where."""

    variant: str
    system: str
    index: str = ""

    @property
    def name(self) -> str:
        """Return the middle of the file's name."""
        return f"{self.variant}-{self.system}"


# PyPI's own builds are CUDA 13.0 for Linux, without CUDA for the others.
ALL = (
    Lock("cu130", "linux"),
    Lock("cu126", "linux", "cu126"),
    Lock("cpu", "linux", "cpu"),
    Lock("cu130", "windows", "cu130"),
    Lock("cu126", "windows", "cu126"),
    Lock("cpu", "windows"),
    Lock("cpu", "macos"),
)


def _tested(index: str) -> str:
    """Return the versions of ``uv.lock`` as constraints; a build from an index has its own CUDA."""
    names = exported("uv", "--all-groups", "--no-hashes", "--no-emit-package", "torch")
    lines = re.sub(r"\[.*?\]", "", names).splitlines(keepends=True)  # constraints take no extras
    return "".join(line for line in lines if not (index and OF_CUDA.match(line)))


def write(lock: Lock, wheels: Path | None) -> bool:
    """Resolve and write one lock; return whether it could be."""
    index = f"{_TORCH_INDEX}/{lock.index}"
    if lock.index:
        there = ["--index", index] if wheels is None else ["--find-links", str(wheels)]
        text = _resolved(lock, f"+{lock.index}", there) or _with_known(lock)
    else:
        text = _resolved(lock, "", [])
    if text is not None:
        file = LOCKS / f"pylock.{lock.name}.toml"
        file.write_text(tidy(text, index), encoding="utf-8", newline="\n")
    return text is not None


def _resolved(lock: Lock, build: str, options: list[str]) -> str | None:
    """Return what uv finds, or ``None`` where it cannot."""
    with tempfile.TemporaryDirectory() as scratch:
        wanted, others = Path(scratch) / "in.txt", Path(scratch) / "others.txt"
        wanted.write_text(f"torch=={version_of('torch')}{build}\n", encoding="utf-8")
        others.write_text(_tested(build), encoding="utf-8")
        out = Path(scratch) / f"pylock.{lock.name}.toml"
        command = [
            "uv", "pip", "compile", "-q", "--no-header", "--format", "pylock.toml",
            "--python-version", PYTHON, "--python-platform", _PLATFORMS[lock.system],
            "-c", str(others), str(wanted), "-o", str(out), *options,
        ]  # fmt: skip
        environment = {**os.environ, "MACOSX_DEPLOYMENT_TARGET": "14.0"}
        done = subprocess.run(command, check=False, env=environment)
        return out.read_text(encoding="utf-8") if done.returncode == 0 else None


def _with_known(lock: Lock) -> str | None:
    """Return the lock of PyPI's build with the known wheel in its place.

    Right for Windows only: there a build for CUDA brings its libraries itself and needs the same
    packages as the one for the processor.
    """
    known = tomllib.loads(KNOWN.read_text(encoding="utf-8")).get(lock.name)
    version = f"{version_of('torch')}+{lock.index}"
    if known is None or lock.system != "windows" or known["version"] != version:
        return None
    text = _resolved(lock, "", [])
    return None if text is None else put_wheel(text, known)


def put_wheel(text: str, known: dict[str, Any]) -> str:
    """Return a lock in which PyTorch is the wheel ``known``: version, url, size, sha256."""
    wheel = (
        f'name = "torch"\nversion = "{known["version"]}"\nwheels = [{{ url = "{known["url"]}", '
        f'size = {known["size"]}, hashes = {{ sha256 = "{known["sha256"]}" }} }}]\n'
    )
    blocks = text.split("[[packages]]\n")
    (at,) = (n for n, block in enumerate(blocks) if block.startswith('name = "torch"\n'))
    blocks[at] = wheel + ("\n" if at < len(blocks) - 1 else "")
    return "[[packages]]\n".join(blocks)


def tidy(text: str, index: str) -> str:
    """Drop what is never installed (sources), and give local wheels their public address."""

    def public(found: re.Match[str]) -> str:
        path = Path(found.group(1))
        address = f"{index}/{path.name.replace('+', '%2B')}"
        return f'url = "{address}", size = {path.stat().st_size},'

    text = re.sub(r"^sdist = .*\n", "", text, flags=re.MULTILINE)
    text = re.sub(r" upload-time = [^,]+,", "", text)
    return re.sub(r'url = "file://([^"]+)",', public, text)


def main() -> int:
    """Write the locks that are named, or all; say which could not be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="such as cu130-linux")
    parser.add_argument("--wheels", type=Path, help="folder that stands in for PyTorch's index")
    options = parser.parse_args()
    LOCKS.mkdir(exist_ok=True)
    wanted = [lock for lock in ALL if not options.names or lock.name in options.names]
    failed = [lock.name for lock in wanted if not write(lock, options.wheels)]
    sys.stdout.write(f"not written: {', '.join(failed) or 'none'}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

"""Install what ``uv.lock`` names: ``python packaging/locked.py install`` (``make`` calls it).

``uv.lock`` is the one lock: every package of every supported system with its hashes. Everything is
installed from it into the Python that runs this. PyTorch is chosen by pip as it is configured here,
because a computer without a card wants the small build for the processor, and is used only if its
hash is in ``uv.lock`` or in one of the locks of ``resources/engine``. ``--torch-index`` names
another index, such as PyTorch's own for Windows with CUDA.

``python packaging/locked.py update [PACKAGE…]`` is for who maintains the versions: it makes
``uv.lock`` fit ``pyproject.toml``, takes newer versions of the packages that are named, and writes
the locks of the engine anew (see ``lock_engine.py``).
"""

from __future__ import annotations

import argparse
import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "uv.lock"
ENGINE = ROOT / "resources/engine"
OF_CUDA = re.compile(r"^(nvidia|cuda|triton)\b")
_PIP = ("-m", "pip", "--disable-pip-version-check", "-q")


@cache
def _packages() -> list[dict[str, Any]]:
    return list(tomllib.loads(LOCK.read_text(encoding="utf-8"))["package"])


def version_of(name: str) -> str:
    """Return the locked version of a package."""
    (found,) = (package["version"] for package in _packages() if package["name"] == name)
    return str(found)


def hashes_of(name: str) -> set[str]:
    """Return the SHA-256 of all locked wheels of a package, PyTorch's other builds among them."""
    found = {
        wheel["hash"].removeprefix("sha256:")
        for package in _packages()
        if package["name"] == name
        for wheel in package.get("wheels", ())
    }
    for file in ENGINE.glob("pylock.*.toml"):
        for package in tomllib.loads(file.read_text(encoding="utf-8"))["packages"]:
            if package["name"] == name:
                found |= {wheel["hashes"]["sha256"] for wheel in package["wheels"]}
    return found


def exported(uv: str | Path, *options: str) -> str:
    """Return locked packages as requirements with hashes; nothing is asked of a network."""
    command = [
        str(uv), "export", "-q", "--frozen", "--no-emit-project", "--no-header", "--no-annotate",
        "--no-config", "--project", str(ROOT), *options,
    ]  # fmt: skip
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def without_torch(uv: str | Path, *options: str) -> str:
    """Return all packages but PyTorch and what only it brings."""
    return exported(uv, "--prune", "torch", *options)


def brought_by_torch(uv: str | Path) -> tuple[str, str]:
    """Return what only PyTorch brings: for every build, and for CUDA alone."""
    others = set(_requirements(without_torch(uv, "--all-groups")))
    every, cuda = [], []
    for one in _requirements(exported(uv, "--all-groups")):
        if one not in others and not one.startswith("torch=="):
            (cuda if OF_CUDA.match(one) else every).append(one)
    return "".join(every), "".join(cuda)


def _requirements(text: str) -> Iterator[str]:
    """A requirement begins at the edge; its hashes follow on lines that are set in."""
    return iter(re.findall(r"^\S.*\n(?: .*\n?)*", text, flags=re.MULTILINE))


def _pip(*arguments: str | Path) -> None:
    subprocess.run([sys.executable, *_PIP, *map(str, arguments)], check=True)


def _install(requirements: str, scratch: Path) -> None:
    file = scratch / "requirements.txt"
    file.write_text(requirements, encoding="utf-8")
    _pip("install", "--require-hashes", "--no-deps", "-r", file)


def _install_uv(scratch: Path) -> Path:
    """Install uv itself by pip, by the hashes of the lock."""
    hashes = "".join(f" --hash=sha256:{one}" for one in sorted(hashes_of("uv")))
    _install(f"uv=={version_of('uv')}{hashes}\n", scratch)
    found = shutil.which("uv", path=str(Path(sys.executable).parent))
    if found is None:
        raise SystemExit("uv was installed, but is not beside this Python")
    return Path(found)


def _fetch_torch(index: str, scratch: Path) -> Path:
    """Let pip choose the build; refuse one that nobody has locked."""
    place = ["--index-url", index] if index else []
    wanted = f"torch=={version_of('torch')}"
    _pip("download", "--no-deps", "--only-binary", ":all:", "-d", scratch, *place, wanted)
    (wheel,) = scratch.glob("torch-*.whl")
    with wheel.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    if digest in hashes_of("torch"):
        return wheel
    if not index:
        raise SystemExit(f"{wheel.name} is not a locked build of PyTorch ({digest})")
    sys.stdout.write(f"{wheel.name} is not in the locks, so its hash was not compared\n")
    return wheel


def has_cuda(torch: Path) -> bool:
    """Return whether a wheel of PyTorch asks for CUDA's libraries on this system."""
    import zipfile

    with zipfile.ZipFile(torch) as archive:
        (name,) = (n for n in archive.namelist() if re.fullmatch(r"torch-[^/]+/METADATA", n))
        asked = archive.read(name).decode("utf-8")
    return sys.platform == "linux" and "Requires-Dist: nvidia-" in asked.replace("_", "-")


def install(index: str) -> None:
    """Install all of it, and these sources in place."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        uv = _install_uv(scratch)
        _install(without_torch(uv, "--all-groups"), scratch)
        torch = _fetch_torch(index, scratch)
        every, cuda = brought_by_torch(uv)
        _install(every + (cuda if has_cuda(torch) else ""), scratch)
        _pip("install", "--no-deps", torch)
    _pip("install", "--no-deps", "-e", ROOT)


def update(names: list[str]) -> int:
    """Make ``uv.lock`` fit ``pyproject.toml``, then the locks of the engine; 1 if one failed."""
    newer = [part for name in names for part in ("--upgrade-package", name)]
    subprocess.run(["uv", "lock", "--no-config", "--project", str(ROOT), *newer], check=True)  # noqa: S607
    command = [sys.executable, str(ROOT / "packaging/lock_engine.py")]
    return subprocess.run(command, check=False).returncode


def main() -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    do = parser.add_subparsers(dest="do", required=True)
    installing = do.add_parser("install")
    installing.add_argument("--torch-index", default="", metavar="URL")
    updating = do.add_parser("update")
    updating.add_argument("names", nargs="*", metavar="PACKAGE")
    options = parser.parse_args()
    if options.do == "update":
        return update(options.names)
    install(options.torch_index)
    return 0


if __name__ == "__main__":
    sys.exit(main())

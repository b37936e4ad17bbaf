"""The installer for Windows, made on Linux: ``packaging/windows.py [--python DIR]``.

Python comes from python-build-standalone (by ``uv python install``, which needs its download site),
or from a folder that was unpacked before. The wheels are assembled by uv for Windows at the tested
versions, without PyTorch, which the application fetches. Every DLL that something imports must be
in the folder, be one of PyTorch's, or belong to Windows. ``SIGN_COMMAND`` in the environment, such
as ``osslsigncode sign …``, is given the finished installer as its last two words: in, out.
Needs: uv, makensis, rsvg-convert, pefile.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from locked import without_torch
from trimming import keep, keep_for_engine

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
PYTHON = "3.11"
PLATFORM = "x86_64-pc-windows-msvc"
MARK = "homelab-tuner.installed"  # core.installation.kind looks for it
_ICON_SIZES = (16, 24, 32, 48, 64, 256)
_RUNTIME = ("msvcp140.dll", "vcruntime140.dll", "vcruntime140_1.dll")
# Part of every Windows 10 and 11, or loaded beside PyTorch or the driver.
_OF_WINDOWS = (
    "api-ms-win-", "ext-ms-", "advapi32", "authz", "avrt", "bcrypt", "bcryptprimitives", "cfgmgr32",
    "comctl32", "comdlg32", "crypt32", "d2d1", "d3d", "dbghelp", "dcomp", "dnsapi", "dwmapi",
    "dwrite", "dxgi", "gdi32", "imm32", "iphlpapi", "kernel32", "kernelbase", "mpr", "msvcrt",
    "ncrypt", "netapi32", "normaliz", "ntdll", "ole32", "oleacc", "oleaut32", "opengl32", "pdh",
    "powrprof", "propsys", "psapi", "rpcrt4", "secur32", "setupapi", "shcore", "shell32", "shlwapi",
    "ucrtbase", "uiautomationcore", "user32", "userenv", "usp10", "uxtheme", "version", "winhttp",
    "wininet", "winmm", "winspool", "wintrust", "ws2_32", "wsock32", "wtsapi32", "dbgeng", "icu",
    "combase", "imagehlp", "webservices", "synchronization", "mfplat", "d3dcompiler", "odbc32",
)  # fmt: skip
_LATER = ("cudart64", "cublas", "nvrtc", "cusparse", "nvjitlink", "c10", "torch", "nvcuda")


def run(*command: str | Path) -> None:
    """Run a command that must succeed."""
    subprocess.run([str(part) for part in command], check=True)


def fetch_python(target: Path) -> None:
    """Download python-build-standalone for Windows; needs its download site."""
    with tempfile.TemporaryDirectory() as scratch:
        wanted = f"cpython-{PYTHON}-windows-x86_64-none"
        run("uv", "python", "install", "--no-bin", "--install-dir", scratch, wanted)
        (found,) = Path(scratch).glob("cpython-*-windows-*")
        shutil.copytree(found, target, symlinks=False)


def install_wheels(packages: Path, scratch: Path) -> None:
    """Assemble what the application needs, for Windows and without PyTorch."""
    wanted = scratch / "wanted.txt"
    own = without_torch("uv", "--no-default-groups", "--group", "sample")
    wanted.write_text(own, encoding="utf-8")
    run(
        "uv", "pip", "install", "-q", "--target", packages, "--no-deps", "--only-binary", ":all:",
        "--python-platform", PLATFORM, "--python-version", PYTHON, "--require-hashes", "-r", wanted,
    )  # fmt: skip
    for name in ("core", "gui", "resources"):
        ignored = shutil.ignore_patterns("__pycache__", "*.po*")
        shutil.copytree(ROOT / name, packages / name, ignore=ignored)
    (packages / MARK).touch()


def trim(packages: Path) -> None:
    """Delete what is never used."""
    for path in sorted(packages.rglob("*"), reverse=True):
        name = path.relative_to(packages).as_posix()
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif not (keep(name, cuda="any") and keep_for_engine(name)):
            path.unlink()


def put_runtime(python: Path) -> list[str]:
    """Put Microsoft's runtime beside python.exe, from a wheel that carries it."""
    missing = []
    for name in _RUNTIME:
        found = next((p for p in python.rglob("*") if p.name.lower() == name), None)
        if found is None:
            missing.append(name)
        elif found.parent != python:
            shutil.copyfile(found, python / name)
    return missing


def icon(target: Path) -> None:
    """Write the icon in all sizes; an .ico is a list of pictures, which may be PNGs."""
    drawing = ROOT / "resources/icons/app.svg"
    pictures = []
    for size in _ICON_SIZES:
        done = subprocess.run(
            ["rsvg-convert", "-w", str(size), "-h", str(size), str(drawing)],  # noqa: S607
            check=True, stdout=subprocess.PIPE,
        )  # fmt: skip
        pictures.append(done.stdout)
    head = struct.pack("<HHH", 0, 1, len(pictures))
    at = len(head) + 16 * len(pictures)
    for size, picture in zip(_ICON_SIZES, pictures, strict=True):
        head += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(picture), at)
        at += len(picture)
    target.write_bytes(head + b"".join(pictures))


def missing_dlls(folder: Path) -> dict[str, list[str]]:
    """Return the DLLs that nobody brings, each with the files that import them."""
    import pefile

    binaries = [p for p in folder.rglob("*") if p.suffix.lower() in (".dll", ".pyd", ".exe")]
    there = {path.name.lower() for path in binaries}
    missing: dict[str, list[str]] = {}
    for path in binaries:
        image = pefile.PE(str(path), fast_load=True)
        image.parse_data_directories([pefile.DIRECTORY_ENTRY["IMAGE_DIRECTORY_ENTRY_IMPORT"]])
        for entry in getattr(image, "DIRECTORY_ENTRY_IMPORT", []):
            name = entry.dll.decode("ascii", "replace").lower()
            if name not in there and not name.startswith((*_OF_WINDOWS, *_LATER)):
                missing.setdefault(name, []).append(path.relative_to(folder).as_posix())
        image.close()
    return missing


def assemble(folder: Path, python: Path | None, scratch: Path) -> None:
    """Make the folder that the installer carries."""
    if python is None:
        fetch_python(folder / "python")
    else:
        shutil.copytree(python, folder / "python")
    packages = folder / "python/Lib/site-packages"
    packages.mkdir(parents=True, exist_ok=True)
    install_wheels(packages, scratch)
    trim(packages)
    shutil.copyfile(HERE / "windows/homelab-tuner.cmd", folder / "homelab-tuner.cmd")
    for name in put_runtime(folder / "python"):
        sys.stdout.write(f"missing beside python.exe: {name}\n")


def make_installer(
    folder: Path, scratch: Path, dist: Path, version: str, compressor: str = "lzma"
) -> Path:
    """Run makensis; sign if that was asked for."""
    icon(scratch / "app.ico")
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) // 1024
    dist.mkdir(exist_ok=True)
    out = dist / f"homelab-tuner-{version}-setup.exe"
    run(
        "makensis", "-V2", "-NOCD", f"-DVERSION={version}", f"-DSOURCE={folder}",
        f"-DICON={scratch / 'app.ico'}", f"-DOUT={out}", f"-DSIZE={size}",
        f"-DCOMPRESSOR={compressor}",
        HERE / "windows/installer.nsi",
    )  # fmt: skip
    if command := os.environ.get("SIGN_COMMAND"):
        signed = out.with_suffix(".signed")
        run(*shlex.split(command), out, signed)
        signed.replace(out)
    return out


def main() -> int:
    """Assemble, check, pack; say size and time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", type=Path, help="unpacked python-build-standalone")
    parser.add_argument("--work", type=Path, default=ROOT / "build/windows")
    parser.add_argument("--compressor", choices=("lzma", "zlib"), default="lzma")
    parser.add_argument("--dist", type=Path, default=ROOT / "dist")
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    from core import __version__

    began = time.monotonic()
    work = options.work.absolute()
    shutil.rmtree(work, ignore_errors=True)
    (work / "app").mkdir(parents=True)
    assemble(work / "app", options.python, work)
    missing = missing_dlls(work / "app")
    for name, users in sorted(missing.items()):
        sys.stdout.write(f"nobody brings {name}: {', '.join(users[:3])}\n")
    dist = options.dist.absolute()
    out = make_installer(work / "app", work, dist, __version__, options.compressor)
    size = out.stat().st_size / 1e6
    sys.stdout.write(f"{out}: {size:.0f} MB in {time.monotonic() - began:.0f} s\n")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())

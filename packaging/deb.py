"""The Debian package, made in a clean Debian 12: ``packaging/deb.py --root DIR`` (as root).

It carries a Python (Debian's own), all wheels of ``uv.lock`` that the application
needs except PyTorch, and uv, which fetches PyTorch for the card later. The root is made by
mmdebstrap when it is missing; what the package depends on is told by dpkg-shlibdeps in there, so
nothing of the computer that builds it gets in. Needs: mmdebstrap, uv, rsvg-convert, readelf.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path

from licences import copyright_file
from locked import without_torch
from oldest import LIBC, SYSTEMS, check, filled_in, is_elf
from trimming import keep, keep_for_engine

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
DEBIAN = HERE / "debian"
PREFIX = "usr/lib/homelab-tuner"
PYTHON = "3.11"
SUITE = "bookworm"
MAINTAINER = "Homelab Tuner developers <homelab-tuner@lists.sourceforge.net>"
PLATFORM = f"x86_64-manylinux_{LIBC.replace('.', '_')}"
ICON_SIZES = (16, 24, 32, 48, 64, 128, 256, 512)
# Not needed, and GPL: readline. Not needed, and its library asks for a newer system: _crypt. The
# others are for developers.
_NO_MODULES = re.compile(
    r"^(test|idlelib|tkinter|turtle.*|turtledemo|lib2to3|ensurepip|config-.*|pydoc_data|"
    r"lib-dynload/(readline|_crypt|_dbm|_gdbm|_tkinter|_curses.*|_test.*|_ctypes_test|_?xx.*|nis|ossaudiodev)\..*)$"
)
_LIBRARIES = (  # what the wheels link to; whatever is really needed becomes a dependency
    "libegl1 libgl1 libopengl0 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-image0 "
    "libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-shape0 libxcb-xkb1 libxcb-sync1 "
    "libxcb-xfixes0 libxcb-shm0 libxcb-render0 libx11-xcb1 libfontconfig1 libfreetype6 "
    "libdbus-1-3 libwayland-client0 libwayland-cursor0 libwayland-egl1 libglib2.0-0 libssl3 "
    "libffi8 libsqlite3-0 zlib1g libbz2-1.0 liblzma5 libexpat1 libuuid1 libstdc++6 libgomp1 "
    "libsm6 libice6 libx11-6 libgssapi-krb5-2 libzstd1 libdrm2"
)
_CONTROL = """Package: homelab-tuner
Version: {version}
Section: science
Priority: optional
Architecture: amd64
Installed-Size: {kilobytes}
Maintainer: {maintainer}
Depends: {depends}
Recommends: gcc, libc6-dev
Homepage: https://github.com/homelab-tuner/homelab-tuner
Description: fine-tune a language model on the graphics card at home
 Takes a file of examples to a tested adapter on the graphics card you own,
 without programming: the examples are cleaned, what the model will learn is
 shown, the settings are fitted to the card, and the result is compared blind.
 .
 PyTorch is not part of this package. The application offers to download the
 build that suits your card when it is needed first.
 .
 The oldest systems that this package suits: {systems}.
"""
# Both libraries have no versions in their functions, so Debian asks for the one it was built with.
# PySide6 uses nothing newer than what is named here.
_SHLIBS = "libX11-xcb 1 libx11-xcb1\nlibzstd 1 libzstd1 (>= 1.4.8)\n"
# Where apt refuses, it prints the names of what is missing and nothing else. So one is a sentence.
_OLDEST = f"libc6 (>= {LIBC}) | needs-{SYSTEMS.lower().replace(', ', '-or-').replace(' ', '-')}"


def run(*command: str | Path, **options: object) -> str:
    """Run a command; return what it printed."""
    done = subprocess.run(
        [str(part) for part in command], check=True, stdout=subprocess.PIPE, text=True, **options
    )
    return done.stdout


def make_root(root: Path) -> None:
    """Make a Debian 12 with Python's files and the libraries that may be linked to."""
    packages = f"python{PYTHON} libpython{PYTHON}-dev dpkg-dev {_LIBRARIES}".replace(" ", ",")
    run("mmdebstrap", "--variant=apt", "--mode=root", f"--include={packages}", SUITE, root)


def copy_python(root: Path, target: Path) -> Path:
    """Copy Debian's Python so that it runs where it lies; return the folder for packages."""
    library = target / f"lib/python{PYTHON}"
    (target / "bin").mkdir(parents=True)
    shutil.copy2(root / f"usr/bin/python{PYTHON}", target / "bin")
    source = root / f"usr/lib/python{PYTHON}"

    def unwanted(folder: str, names: list[str]) -> list[str]:
        here = Path(folder).relative_to(source)
        return [
            name
            for name in names
            if name in ("__pycache__", "sitecustomize.py", "EXTERNALLY-MANAGED")
            or _NO_MODULES.match((here / name).as_posix())
        ]

    shutil.copytree(source, library, ignore=unwanted, ignore_dangling_symlinks=True)
    include = target / f"include/python{PYTHON}"  # Triton compiles against it
    shutil.copytree(root / f"usr/include/python{PYTHON}", include)
    real = root / f"usr/include/x86_64-linux-gnu/python{PYTHON}/pyconfig.h"
    shutil.copy2(real, include / "pyconfig.h")
    packages = library / "dist-packages"
    packages.mkdir(exist_ok=True)
    return packages


def install_wheels(packages: Path, scratch: Path) -> None:
    """Install what the application needs at the tested versions, without PyTorch."""
    wanted = scratch / "wanted.txt"
    own = without_torch("uv", "--no-default-groups", "--group", "sample")
    wanted.write_text(own, encoding="utf-8")
    run(
        "uv", "pip", "install", "-q", "--target", packages, "--no-deps", "--only-binary", ":all:",
        "--python-platform", PLATFORM, "--python-version", PYTHON, "--require-hashes", "-r", wanted,
    )  # fmt: skip
    for name in ("core", "gui", "resources"):
        shutil.copytree(
            ROOT / name, packages / name, ignore=shutil.ignore_patterns("__pycache__", "*.po*")
        )


def trim(packages: Path) -> int:
    """Delete what is never used; return the bytes that were saved."""
    saved = 0
    for path in sorted(packages.rglob("*"), reverse=True):
        name = path.relative_to(packages).as_posix()
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                path.rmdir()
        elif not (keep(name, cuda="any") and keep_for_engine(name)):
            saved += path.lstat().st_size
            path.unlink()
    return saved


def lay_out(stage: Path, version: str) -> None:
    """Everything around the application."""
    places = {
        "launcher": ("usr/bin/homelab-tuner", 0o755),
        "homelab-tuner.desktop": ("usr/share/applications/homelab-tuner.desktop", 0o644),
        "homelab-tuner.lintian-overrides": ("usr/share/lintian/overrides/homelab-tuner", 0o644),
    }
    for name, (place, mode) in places.items():
        (stage / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(DEBIAN / name, stage / place)
        (stage / place).chmod(mode)
    name = "io.github.homelab_tuner.metainfo.xml"
    text = (DEBIAN / name).read_text(encoding="utf-8").replace("@VERSION@", version)
    date = time.strftime("%Y-%m-%d", time.gmtime(_epoch()))
    write(stage / "usr/share/metainfo" / name, text.replace("@DATE@", date).encode())
    icons = stage / "usr/share/icons/hicolor"
    drawing = ROOT / "resources/icons/app.svg"
    write(icons / "scalable/apps/homelab-tuner.svg", drawing.read_bytes())
    for size in ICON_SIZES:
        folder = icons / f"{size}x{size}/apps"
        folder.mkdir(parents=True)
        run("rsvg-convert", "-w", str(size), "-h", str(size), drawing,
            "-o", folder / "homelab-tuner.png")  # fmt: skip
    document = stage / "usr/share/doc/homelab-tuner"
    packages = stage / PREFIX / f"python/lib/python{PYTHON}/dist-packages"
    write(document / "copyright", copyright_file(packages, ROOT).encode())
    write(document / "changelog.gz", gz(_changelog(version)))
    manual = (DEBIAN / "homelab-tuner.1").read_bytes()
    write(stage / "usr/share/man/man1/homelab-tuner.1.gz", gz(manual))


def _epoch() -> int:
    return int(os.environ.get("SOURCE_DATE_EPOCH", time.time()))


def _changelog(version: str) -> bytes:
    date = formatdate(_epoch())
    text = f"homelab-tuner ({version}) stable; urgency=medium\n\n  * See CHANGELOG.md.\n\n"
    return f"{text} -- {MAINTAINER}  {date}\n".encode()


def gz(content: bytes) -> bytes:
    """Compress as Debian wants it: no name, no time."""
    done = subprocess.run(["gzip", "-9n"], input=content, check=True, stdout=subprocess.PIPE)  # noqa: S607
    return done.stdout


def write(path: Path, content: bytes) -> None:
    """Write a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def put_right(stage: Path) -> None:
    """Nothing is writable for others; only programs and libraries may be run."""
    for path in [stage, *stage.rglob("*")]:
        if path.is_symlink():
            continue
        if path.is_dir():
            path.chmod(0o755)
            continue
        with path.open("rb") as stream:
            head = stream.read(4)
        is_program = head == b"\x7fELF" and ".so" not in path.name
        is_script = head[:2] == b"#!" and path.parent.name in ("bin", "DEBIAN")
        path.chmod(0o755 if is_program or is_script else 0o644)


def dependencies(root: Path, stage: Path) -> str:
    """Ask dpkg-shlibdeps in the clean root what the programs and libraries link to."""
    inside = root / "build/debian/stage"
    shutil.rmtree(root / "build", ignore_errors=True)
    shutil.copytree(stage, inside, symlinks=True)
    (inside / "DEBIAN").mkdir()  # so that it is taken for a package
    (root / "build/debian/control").write_text(
        "Source: x\n\nPackage: x\nArchitecture: any\nDepends: ${shlibs:Depends}\n",
        encoding="ascii",
    )
    (root / "build/debian/shlibs.local").write_text(_SHLIBS, encoding="ascii")
    # What is linked to CUDA finds it beside PyTorch.
    files = [p for p in inside.rglob("*") if is_elf(p) and "bitsandbytes_cuda" not in p.name]
    own = sorted({f"-l/{path.parent.relative_to(root)}" for path in files if ".so" in path.name})
    names = [f"/{path.relative_to(root)}" for path in files]
    said = run(
        "chroot", root, "sh", "-c", 'cd /build && exec dpkg-shlibdeps "$@"', "sh",
        "-O", "--ignore-missing-info", "--warnings=0", *own, *(f"-e{name}" for name in names),
    )  # fmt: skip
    shutil.rmtree(root / "build")
    found = said.partition("shlibs:Depends=")[2].strip().split(", ")
    others = [one for one in found if not one.startswith("libc6 ")]
    return ", ".join([_OLDEST, *others, "fontconfig-config", "ca-certificates"])


def control(stage: Path, version: str, depends: str) -> None:
    """Write what dpkg reads."""
    files = [p for p in sorted(stage.rglob("*")) if p.is_file() and not p.is_symlink()]
    size = sum(path.stat().st_size for path in files) // 1024
    sums = [f"{hashlib.md5(p.read_bytes()).hexdigest()}  {p.relative_to(stage)}\n" for p in files]  # noqa: S324
    text = _CONTROL.format(
        version=version, kilobytes=size, depends=depends, maintainer=MAINTAINER, systems=SYSTEMS
    )
    write(stage / "DEBIAN/control", text.encode())
    write(stage / "DEBIAN/md5sums", "".join(sums).encode())
    for name in ("preinst", "postinst", "prerm", "postrm"):
        script = (DEBIAN / name).read_text(encoding="utf-8")
        write(stage / "DEBIAN" / name, filled_in(script).encode())


def build(root: Path, work: Path, dist: Path, version: str, level: int = 19) -> tuple[Path, str]:
    """Make the package; return its file and the C library that it needs."""
    if not root.exists():
        make_root(root)
    shutil.rmtree(work, ignore_errors=True)
    stage = work / "stage"
    packages = copy_python(root, stage / PREFIX / "python")
    install_wheels(packages, work)
    sys.stdout.write(f"trimmed {trim(packages) / 1e6:.0f} MB\n")
    lay_out(stage, version)
    libc = check(stage)
    put_right(stage)
    depends = dependencies(root, stage)
    control(stage, version, depends)
    put_right(stage)
    dist.mkdir(exist_ok=True)
    package = dist / f"homelab-tuner_{version}_amd64.deb"
    # An older dpkg can read no zstd. It must read the control part, which tells what is needed.
    form = ("--root-owner-group", "--no-uniform-compression", "-Zzstd", f"-z{level}")
    run("dpkg-deb", "--build", *form, stage, package)
    return package, f"needs C library {libc}"


def options(description: str | None) -> argparse.ArgumentParser:
    """Return the options that all packages for Linux have."""
    parser = argparse.ArgumentParser(description=(description or "").partition("\n")[0])
    parser.add_argument("--root", type=Path, required=True, help="clean Debian 12, made if missing")
    parser.add_argument("--work", type=Path, default=ROOT / "build/deb", help="scratch folder")
    parser.add_argument("--dist", type=Path, default=ROOT / "dist")
    parser.add_argument("--level", type=int, default=19, help="of zstd: 3 is quick, 19 is small")
    return parser


def make(write_package: Callable[[str], tuple[Path, str]]) -> None:
    """Have the package of the present version written; say its size and the time it took."""
    sys.path.insert(0, str(ROOT))
    from core import __version__

    began = time.monotonic()
    package, note = write_package(__version__)
    size, seconds = package.stat().st_size / 1e6, time.monotonic() - began
    sys.stdout.write(f"{package}: {size:.0f} MB in {seconds:.0f} s; {note}\n")


def main() -> int:
    """Build the package."""
    chosen = options(__doc__).parse_args()
    root, work = chosen.root.absolute(), chosen.work.absolute()
    make(lambda version: build(root, work, chosen.dist, version, chosen.level))
    return 0


if __name__ == "__main__":
    sys.exit(main())

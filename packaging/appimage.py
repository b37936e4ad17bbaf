"""The AppImage, from what ``deb.py`` laid out: ``appimage.py --root DIR --runtime FILE``.

For Linux systems without Debian's packages, and for who may not install any. An AppImage is a small
program (*runtime*, from https://github.com/AppImage/type2-runtime) with a packed file system behind
it. In there lies the folder of the Debian package, and the libraries that it may ask of a system,
from the same clean Debian 12, except those that must fit the computer's own: drivers, fonts, the
display and the C library. Needs: mksquashfs, readelf; run ``deb.py`` before.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
from pathlib import Path

from deb import PREFIX, make, options
from oldest import check, filled_in, is_elf

_LIBRARIES = f"{PREFIX}/lib"
# What the AppImage project lists as never to be carried, as far as it concerns what is linked here.
_OF_THE_SYSTEM = re.compile(
    r"^(ld-linux.*|lib(c|m|dl|rt|pthread|util|resolv|stdc\+\+|gcc_s|GL|EGL|GLX|OpenGL|GLdispatch|drm|"
    r"X11|X11-xcb|xcb|ICE|SM|fontconfig|freetype|expat|z|uuid|dbus-1|glib-2\.0|gobject-2\.0|gio-2\.0|"
    r"gthread-2\.0|gmodule-2\.0|wayland-client|gssapi_krb5|krb5|k5crypto|com_err|cuda|cudart|cublas.*|"
    r"cusparse|nvJitLink))\.so.*$"
)
_APPRUN = Path(__file__).resolve().parent / "appimage/AppRun"


def needed(path: Path) -> list[str]:
    """Return the names of the libraries that a program or library is linked to."""
    said = subprocess.run(
        ["readelf", "-d", str(path)],  # noqa: S607
        check=True, stdout=subprocess.PIPE, text=True, stderr=subprocess.DEVNULL,
    ).stdout  # fmt: skip
    return re.findall(r"\(NEEDED\)\s+Shared library: \[([^\]]+)\]", said)


def missing_libraries(folder: Path, places: list[Path]) -> dict[str, Path]:
    """Return the libraries that ``folder`` lacks and that the system need not have, by name."""
    files = [path for path in folder.rglob("*") if is_elf(path)]
    there = {path.name for path in folder.rglob("*.so*")}
    found: dict[str, Path] = {}
    while files:
        for name in needed(files.pop()):
            if name in there or name in found or _OF_THE_SYSTEM.match(name):
                continue
            source = next((place / name for place in places if (place / name).exists()), None)
            if source is not None:
                found[name] = source.resolve()
                files.append(found[name])
    return found


def lay_out(stage: Path, root: Path, folder: Path) -> int:
    """Make the folder that is packed; return how many libraries were added."""
    shutil.copytree(stage / "usr", folder / "usr", symlinks=True)
    for gone in ("usr/bin", "usr/share/lintian", "usr/share/doc/homelab-tuner/changelog.gz"):
        path = folder / gone
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    libraries = missing_libraries(
        folder / PREFIX, [root / "usr/lib/x86_64-linux-gnu", root / "lib/x86_64-linux-gnu"]
    )
    (folder / _LIBRARIES).mkdir()
    for name, source in libraries.items():
        shutil.copy2(source, folder / _LIBRARIES / name)
    text = filled_in(_APPRUN.read_text(encoding="utf-8"))
    text = text.replace("@LIBRARIES@", _LIBRARIES).replace("@PREFIX@", PREFIX)
    (folder / "AppRun").write_text(text, encoding="utf-8")
    (folder / "AppRun").chmod(0o755)
    for source, name in (
        ("usr/share/applications/homelab-tuner.desktop", "homelab-tuner.desktop"),
        ("usr/share/icons/hicolor/256x256/apps/homelab-tuner.png", "homelab-tuner.png"),
    ):
        shutil.copyfile(folder / source, folder / name)
    (folder / ".DirIcon").symlink_to("homelab-tuner.png")
    return len(libraries)


def pack(folder: Path, runtime: Path, target: Path, level: int) -> None:
    """Write the runtime and, behind it, the packed folder."""
    packed = target.with_suffix(".squashfs")
    packed.unlink(missing_ok=True)
    command = ["mksquashfs", folder, packed, "-root-owned", "-noappend", "-quiet", "-no-progress",
               "-comp", "zstd", "-Xcompression-level", str(level)]  # fmt: skip
    subprocess.run([str(part) for part in command], check=True)
    with target.open("wb") as out:
        for part in (runtime, packed):
            with part.open("rb") as stream:
                shutil.copyfileobj(stream, out)
    packed.unlink()
    target.chmod(0o755)


def build(chosen: argparse.Namespace, version: str) -> tuple[Path, str]:
    """Make the AppImage; return its file, and what can be said about it."""
    folder = chosen.work.absolute() / "AppDir"
    shutil.rmtree(folder, ignore_errors=True)
    count = lay_out(chosen.work.absolute() / "stage", chosen.root.absolute(), folder)
    libc = check(folder)
    chosen.dist.mkdir(exist_ok=True)
    target = chosen.dist.absolute() / f"homelab-tuner-{version}-x86_64.AppImage"
    pack(folder, chosen.runtime, target, chosen.level)
    return target, f"{count} libraries added, needs C library {libc}"


def main() -> int:
    """Build the AppImage."""
    parser = options(__doc__)
    parser.add_argument("--runtime", type=Path, required=True, help="type 2 runtime for x86_64")
    chosen = parser.parse_args()
    make(lambda version: build(chosen, version))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The copyright file of the installers: the licence of every package that they carry."""

from __future__ import annotations

import re
from email.parser import HeaderParser
from pathlib import Path

_HEAD = """Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: Homelab Tuner
Source: https://github.com/homelab-tuner/homelab-tuner

Files: *
Copyright: 2026 Homelab Tuner developers
License: Apache-2.0

Files: usr/lib/homelab-tuner/python/*
Copyright: Python Software Foundation and others
License: PSF-2
 See usr/lib/homelab-tuner/python/lib/python3.11/LICENSE.txt and
 https://docs.python.org/3.11/license.html

"""
_APACHE = """License: Apache-2.0
 On Debian systems, the full text of the Apache License 2.0 is in
 /usr/share/common-licenses/Apache-2.0

"""
_LGPL = """License: LGPL-3
 Qt and PySide6 are used unchanged as libraries. You may replace them: they lie
 as ordinary files in usr/lib/homelab-tuner. On Debian systems, the full texts
 are in /usr/share/common-licenses/LGPL-3 and /usr/share/common-licenses/GPL-3

"""
_TEXTS = re.compile(r"^(licen[cs]e|copying|notice|copyright)", re.IGNORECASE)
_LONGEST, _SHORT = 40_000, 6_000
_COMMON = (
    ("Apache License Version 2.0, January 2004", "Apache-2.0"),
    ("GNU LESSER GENERAL PUBLIC LICENSE Version 3", "LGPL-3"),
    ("GNU LESSER GENERAL PUBLIC LICENSE Version 2.1", "LGPL-2.1"),
    ("GNU GENERAL PUBLIC LICENSE Version 3", "GPL-3"),
    ("GNU GENERAL PUBLIC LICENSE Version 2", "GPL-2"),
    ("Mozilla Public License Version 2.0", "MPL-2.0"),
)


def copyright_file(packages: Path, root: Path) -> str:
    """Return the text, in Debian's machine-readable format.

    Args:
        packages: folder that the wheels were installed into.
        root: of the sources, for the licences of the application's own data.
    """
    parts, texts = [_HEAD], [_APACHE, _LGPL]
    for info in sorted(packages.glob("*.dist-info"), key=lambda path: path.name.casefold()):
        name, licence = _known(info)
        if name.startswith(("PySide6", "shiboken6")):
            parts.append(_stanza(info, "LGPL-3", "The Qt Company Ltd."))
            continue
        short = f"{re.sub(r'[^A-Za-z0-9.+-]', '-', name)}-licence"
        parts.append(_stanza(info, short, f"the authors of {name}"))
        texts.append(f"License: {short}\n{_indented(_text(info) or licence or 'see its page')}\n")
    own = _indented((root / "resources/NOTICE").read_text(encoding="utf-8"))
    texts.append(f"License: notice\n{own}\n")
    parts.append(
        "Files: usr/lib/homelab-tuner/python/lib/python3.11/dist-packages/resources/*\n"
        "Copyright: see the licence\nLicense: notice\n\n"
    )
    return "".join([*parts, *texts])


def _known(info: Path) -> tuple[str, str]:
    meta = HeaderParser().parsestr((info / "METADATA").read_text(encoding="utf-8"))
    classifiers = [c.rpartition(" :: ")[2] for c in meta.get_all("Classifier", [])
                   if c.startswith("License")]  # fmt: skip
    licence = meta.get("License-Expression") or meta.get("License") or ", ".join(classifiers)
    return str(meta["Name"]), str(licence)


def _stanza(info: Path, licence: str, whose: str) -> str:
    record = (info / "RECORD").read_text(encoding="utf-8").splitlines()
    tops = sorted({line.partition("/")[0] for line in record if "/" in line and line[0] != "."})
    base = "usr/lib/homelab-tuner/python/lib/python3.11/dist-packages"
    files = "\n ".join(f"{base}/{top}/*" for top in tops if top != "bin") or f"{base}/{info.name}/*"
    return f"Files: {files}\nCopyright: {whose}\nLicense: {licence}\n\n"


def _text(info: Path) -> str:
    found = [path for path in sorted(info.rglob("*")) if path.is_file() and _TEXTS.match(path.name)]
    found += [p for p in sorted((info / "licenses").rglob("*")) if p.is_file() and p not in found]
    texts = [path.read_text(encoding="utf-8", errors="replace")[:_LONGEST] for path in found]
    return "\n\n".join(dict.fromkeys(_shortened(text) for text in texts))


def _shortened(text: str) -> str:
    """Point to what every Debian has instead of repeating it."""
    words = " ".join(text.split())
    for mark, name in _COMMON:
        if mark in words and len(text) > _SHORT:
            return f"{name}: on Debian systems, see /usr/share/common-licenses/{name}"
    return re.sub(r"59 Temple Place.*?USA|51 Franklin St.*?USA", "Boston, USA", text, flags=re.S)


def _indented(text: str) -> str:
    lines = [line.rstrip() for line in text.replace("\f", "").splitlines()]
    return "\n".join(f" {line}" if line else " ." for line in lines)

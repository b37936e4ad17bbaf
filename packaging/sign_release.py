"""The list of releases that installed copies ask for, and the keys that sign it.

``python packaging/sign_release.py key FILE`` makes a key: the secret half goes into FILE (keep it
off every computer that builds), the public half is printed for ``resources/release.json``.

``python packaging/sign_release.py sign LIST --key FILE [--key FILE] --to FEED`` signs a list. LIST
is JSON: ``{"releases": [{"version", "date", "changes", "files": [{"kind", "path", "url"}]}]}``. The
size and SHA-256 of each package are taken from its ``path``. Several keys let one be retired:
copies that know either of them accept the list.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nacl.signing import SigningKey


def make_key(file: Path) -> str:
    """Write a new secret key that only its owner can read; return the public one (base 64)."""
    key = SigningKey.generate()
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(base64.b64encode(bytes(key)))
    return public_half(key)


def read_key(file: Path) -> SigningKey:
    """Return a secret key."""
    return SigningKey(base64.b64decode(file.read_bytes()))


def public_half(key: SigningKey) -> str:
    """Return what may be published of a key (base 64)."""
    return _text(bytes(key.verify_key))


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def completed(releases: dict[str, Any], made: datetime) -> bytes:
    """Return the payload: the list with name, size and SHA-256 of each package, and its day."""
    for release in releases["releases"]:
        for file in release["files"]:
            path = Path(file.pop("path"))
            content = path.read_bytes()
            file |= {
                "name": "homelab-tuner",
                "file": path.name,
                "size": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
            }
    return json.dumps({"made": made.isoformat(), **releases}, ensure_ascii=False).encode()


def signed(payload: bytes, keys: list[SigningKey]) -> str:
    """Return the file that is published."""
    signatures = [
        {
            "key": public_half(key),
            "signature": base64.b64encode(key.sign(payload).signature).decode(),
        }
        for key in keys
    ]
    document = {"payload": _text(payload), "signatures": signatures}
    return json.dumps(document, indent=1) + "\n"


def main(arguments: list[str]) -> int:
    """Make a key or sign a list."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    do = parser.add_subparsers(required=True, dest="do")
    key = do.add_parser("key")
    key.add_argument("file", type=Path)
    sign = do.add_parser("sign")
    sign.add_argument("list", type=Path)
    sign.add_argument("--key", type=Path, action="append", required=True)
    sign.add_argument("--to", type=Path, required=True)
    options = parser.parse_args(arguments)
    if options.do == "key":
        sys.stdout.write(f"{make_key(options.file)}\n")
        return 0
    payload = completed(json.loads(options.list.read_text("utf-8")), datetime.now(UTC))
    options.to.write_text(signed(payload, [read_key(file) for file in options.key]), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

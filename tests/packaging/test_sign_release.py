from __future__ import annotations

import json
import stat
import sys
from pathlib import Path

import pytest

from core.installation.updates.feed import read_feed
from tests.core.installation.updates.conftest import signer


def test_a_key_is_private_and_what_it_signs_is_accepted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command, key, feed = signer(), tmp_path / "key", tmp_path / "feed.json"
    assert command.main(["key", str(key)]) == 0
    public = capsys.readouterr().out.strip()
    if sys.platform != "win32":
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        command.make_key(key)
    package = tmp_path / "homelab-tuner_0.2.0_amd64.deb"
    package.write_bytes(b"package")
    releases = [
        {
            "version": "0.2.0",
            "date": "2026-12-01",
            "changes": ["Faster."],
            "files": [{"kind": "debian", "path": str(package), "url": "https://x.example/a.deb"}],
        }
    ]
    (tmp_path / "list.json").write_text(json.dumps({"releases": releases}))
    arguments = ["sign", str(tmp_path / "list.json"), "--key", str(key), "--to", str(feed)]
    assert command.main(arguments) == 0
    (release,) = read_feed(feed.read_bytes(), (public,)).releases
    assert release.files[0].size == 7 and release.files[0].file == package.name

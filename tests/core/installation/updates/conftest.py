"""A publisher with keys, a list of releases on a small server, and a copy that asks for it."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from nacl.signing import SigningKey

from core.installation.updates.own import OwnRelease
from tests.loopback_index import Index, serving


def signer() -> ModuleType:
    """Return the publisher's own command as a module."""
    path = Path(__file__).parents[4] / "packaging" / "sign_release.py"
    spec = importlib.util.spec_from_file_location("sign_release", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@dataclass
class Publisher:
    """Publishes lists of releases; ``key`` signs them."""

    index: Index
    key: SigningKey = field(default_factory=SigningKey.generate)

    @property
    def own(self) -> OwnRelease:
        """The copy that asks."""
        keys = (signer().public_half(self.key),)
        address = f"{self.index.url}/files/releases.json"
        return OwnRelease(version="0.1.0", date=date(2026, 1, 31), address=address, keys=keys)

    def package(self, version: str, content: bytes, kind: str = "debian") -> dict[str, Any]:
        """Put a package on the server; return how the list names it."""
        name = f"homelab-tuner_{version}_amd64.deb"
        self.index.files[name] = content
        return {
            "kind": kind,
            "name": "homelab-tuner",
            "file": name,
            "url": f"{self.index.url}/files/{name}",
            "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }

    def publish(
        self, *versions: str, made: datetime | None = None, key: SigningKey | None = None,
        size: int = 1000,
    ) -> bytes:  # fmt: skip
        """Put a signed list on the server."""
        releases = [
            {
                "version": version,
                "date": "2026-09-01",
                "changes": [f"Better than before {version}."],
                "files": [self.package(version, version.encode() * size)],
            }
            for version in versions
        ]
        at = (made or datetime.now(UTC)).isoformat()
        payload = json.dumps({"made": at, "releases": releases}).encode()
        text = signer().signed(payload, [key or self.key]).encode()
        self.index.files["releases.json"] = text
        return text


@pytest.fixture
def publisher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Publisher]:
    monkeypatch.setenv("HOMELAB_TUNER_HOME", str(tmp_path / "home"))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with serving(Index()) as served:
        yield Publisher(served)


@pytest.fixture
def refusal() -> Callable[[Callable[[], object]], str]:
    from core.errors import UserFacingError

    def code_of(do: Callable[[], object]) -> str:
        with pytest.raises(UserFacingError) as refused:
            do()
        return refused.value.code

    return code_of

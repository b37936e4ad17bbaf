from collections.abc import Iterator
from pathlib import Path

import pytest

from core.installed_engine import use_engine
from core.models.hub.connection import Patience
from tests.loopback_index import Index, serving

QUICK = Patience(silence=2.0, tries=3, pause=0.01, longest_pause=0.02)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A computer where nothing was fetched yet."""
    monkeypatch.setenv("HOMELAB_TUNER_HOME", str(tmp_path / "home"))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    yield tmp_path / "home"
    monkeypatch.setenv("HOMELAB_TUNER_HOME", str(tmp_path / "none"))
    use_engine()


@pytest.fixture
def index() -> Iterator[Index]:
    with serving(Index()) as served:
        yield served

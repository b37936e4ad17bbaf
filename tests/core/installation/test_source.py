import pytest

from core.errors import UserFacingError
from core.installation.source import link_to, no_wheel, page_url, parse_source
from tests.loopback_index import Index


def test_sources_are_told_apart(tmp_path):
    assert parse_source(" ") == parse_source("")
    assert parse_source(str(tmp_path)).folder == tmp_path
    assert parse_source("https://pypi.example/simple/").index == "https://pypi.example/simple"


@pytest.mark.parametrize("wrong", ["/nowhere/at/all", "ftp://x.example", "https://"])
def test_what_is_no_source_is_said(wrong):
    with pytest.raises(UserFacingError) as refusal:
        parse_source(wrong)
    assert refusal.value.code == "engine.source"


@pytest.mark.parametrize(
    "page",
    [
        '<a href="../../f/{file}#sha256=1">x</a>',
        '{{"files": [{{"filename": "x", "url": "https://i.example/f/{file}"}}]}}',
    ],
)
def test_a_wheel_is_found_on_both_kinds_of_page(page):
    wheel = Index(url="").add("torch", "2.13.0+cpu", b"x")
    address = page_url("https://i.example/simple", wheel)
    assert address == "https://i.example/simple/torch/"
    text = page.format(file=wheel.file.replace("+", "%2B"))
    assert link_to(wheel, text, address) == f"https://i.example/f/{wheel.file}".replace("+", "%2B")
    assert link_to(wheel, page.format(file="torch-1.0-py3-none-any.whl"), address) is None
    assert link_to(wheel, "{nonsense", address) is None


def test_who_is_asked_is_named_without_a_password(tmp_path):
    index = Index(url="https://files.example")
    lock = index.lock()
    assert parse_source("").hosts(lock) == ("files.example",)
    assert parse_source("https://me:secret@i.example/simple").hosts(lock) == ("i.example",)
    assert parse_source(str(tmp_path)).hosts(lock) == (str(tmp_path),)
    assert no_wheel(lock.wheels[0], "there").code == "engine.no_wheel"

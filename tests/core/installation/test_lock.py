import sys

import pytest
from pydantic import ValidationError

from core.errors import UserFacingError
from core.installation import lock
from core.installation.lock import available, parse_lock, read_lock
from core.installation.variant import Variant

TEXT = """
[[packages]]
name = "torch"
version = "2.13.0+cpu"
wheels = [{ url = "https://x.example/cpu/torch-2.13.0%2Bcpu-cp311-cp311-linux_x86_64.whl", \
size = 7, hashes = { sha256 = "HASH" } }]
""".replace("HASH", "0" * 64)


def test_a_lock_is_read():
    (wheel,) = parse_lock(Variant.CPU, TEXT).wheels
    assert wheel.file == "torch-2.13.0+cpu-cp311-cp311-linux_x86_64.whl" and wheel.size == 7
    found = parse_lock(Variant.CPU, TEXT)
    assert found.torch == "2.13.0+cpu" and found.size == 7
    assert found.requirements() == f"torch==2.13.0+cpu --hash=sha256:{'0' * 64}\n"
    assert found.name.startswith("cpu-")


@pytest.mark.parametrize("wrong", ["../torch.whl", "torch.zip", "a/..%2f..%2fx-1-2-3-4.whl"])
def test_a_name_that_is_none_of_a_wheel_is_refused(wrong):
    text = TEXT.replace("torch-2.13.0%2Bcpu-cp311-cp311-linux_x86_64.whl", wrong)
    with pytest.raises(ValidationError):
        parse_lock(Variant.CPU, text)


@pytest.mark.skipif(sys.platform != "linux", reason="locks of this system")
def test_the_locks_of_this_version_are_whole():
    assert {Variant.CU130, Variant.CPU} <= set(available())
    for variant in available():
        text = lock._text(variant)
        assert text is not None
        wheels = parse_lock(variant, text).wheels
        assert all(wheel.size and wheel.url.startswith("https://") for wheel in wheels)


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="the installers' Python")
def test_what_the_application_carries_is_not_fetched():
    assert [wheel.name for wheel in read_lock(Variant.CPU).wheels].count("jinja2") == 0


def test_another_python_cannot_take_it(monkeypatch):
    monkeypatch.setattr(lock, "python_tag", lambda: "cp399")
    with pytest.raises(UserFacingError) as refusal:
        read_lock(Variant.CPU)
    assert refusal.value.code == "engine.not_locked"

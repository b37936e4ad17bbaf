import os
import shutil
from pathlib import Path

import pytest

from tests.packaging.test_trimming import load

oldest = load("oldest")
needs_readelf = pytest.mark.skipif(shutil.which("readelf") is None, reason="needs binutils")


def program() -> Path:
    """A program that is linked to the C library of this computer."""
    return Path(os.path.realpath("/bin/sh"))


@needs_readelf
def test_what_a_program_asks_for_is_read_from_its_symbols() -> None:
    asked = oldest.libc_asked(program())
    (major, minor) = os.confstr("CS_GNU_LIBC_VERSION").split()[1].split(".")[:2]
    assert (2, 2) <= asked <= (int(major), int(minor))


@needs_readelf
def test_a_build_that_asks_for_more_than_is_promised_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/note.so").write_text("no program")
    assert oldest.check(tmp_path) == "0.0"
    shutil.copy(program(), tmp_path / "lib/own.so")
    asked = oldest.libc_asked(program())
    monkeypatch.setattr(oldest, "LIBC", "{}.{}".format(*asked))
    assert oldest.check(tmp_path) == oldest.LIBC
    monkeypatch.setattr(oldest, "LIBC", f"{asked[0]}.{asked[1] - 1}")
    with pytest.raises(SystemExit, match=r"lib/own\.so"):
        oldest.check(tmp_path)


def test_symbols_are_compared_as_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.so").write_bytes(b"\x7fELF")
    monkeypatch.setattr(oldest, "libc_asked", lambda _: (2, 100))
    with pytest.raises(SystemExit, match=r"2\.100"):
        oldest.check(tmp_path)
    monkeypatch.setattr(oldest, "libc_asked", lambda _: (2, 9))
    assert oldest.check(tmp_path) == "2.9"

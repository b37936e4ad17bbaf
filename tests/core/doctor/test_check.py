from __future__ import annotations

from core.doctor.check import Remedy, SelfCheck


def test_a_check_without_a_remedy_has_neither_line_nor_button() -> None:
    check = SelfCheck("disk", ok=True, seen="6 GB free")
    assert (check.todo, check.line, check.remedy) == ("", "", Remedy.NONE)
    assert not check.remedy and Remedy.ENGINE

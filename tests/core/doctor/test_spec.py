from __future__ import annotations

from core.contract import params_type, read_result
from core.doctor.check import Remedy, SelfCheck
from core.doctor.spec import DoctorParams, DoctorResult


def test_findings_survive_the_way_back_from_the_child() -> None:
    result = DoctorResult(checks=(SelfCheck("PyTorch", False, "gone", "x", "y", Remedy.ENGINE),))
    assert read_result("doctor", result.model_dump(mode="json")) == result
    assert params_type("doctor") is DoctorParams

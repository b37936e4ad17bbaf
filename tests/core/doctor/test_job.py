from __future__ import annotations

from pathlib import Path

import pytest

from core.doctor.job import job_folder
from core.doctor.spec import DoctorParams, DoctorResult
from core.events import Finished
from core.jobs.supervisor import Supervisor


def test_a_child_examines_and_its_findings_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOMELAB_TUNER_HOME", str(tmp_path / "home"))
    supervisor = Supervisor(job_folder())
    supervisor.start(DoctorParams())
    last = list(supervisor.follow())[-1]
    assert isinstance(last, Finished) and isinstance(last.result, DoctorResult)
    names = [check.name for check in last.result.checks]
    assert "PyTorch" in names and "sleep" in names

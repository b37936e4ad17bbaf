import sys
from pathlib import Path

import pytest

from tests.packaging.test_trimming import ROOT, load

selftest = load("selftest")
FROM_SOURCE = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); "
               "from gui.__main__ import main; sys.exit(main())"]  # fmt: skip


def stand_in(body: str) -> list[str]:
    """Return a program that takes the application's place."""
    return [sys.executable, "-c", body]


def test_the_worker_check_passes_on_the_sources(tmp_path: Path) -> None:
    assert "worker starts" in selftest.check_worker(FROM_SOURCE, tmp_path)


def test_a_worker_that_dies_at_import_is_found(tmp_path: Path) -> None:
    with pytest.raises(selftest.Failure, match="No module named"):
        selftest.check_worker(stand_in("import no_such_module"), tmp_path)


def test_a_doctor_that_says_nothing_is_found(tmp_path: Path) -> None:
    with pytest.raises(selftest.Failure, match="exit 3"):
        selftest.check_doctor(stand_in("raise SystemExit(3)"), tmp_path)


def test_a_window_that_closes_is_found(tmp_path: Path) -> None:
    with pytest.raises(selftest.Failure, match="closed with 1"):
        selftest.check_window(stand_in("raise RuntimeError"), tmp_path)


def test_a_sample_without_adapter_is_found(tmp_path: Path) -> None:
    with pytest.raises(selftest.Failure, match="exit 0"):
        selftest.check_sample(stand_in("pass"), tmp_path)


def test_every_failure_is_told_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    assert selftest.run_selftest(stand_in("raise SystemExit(3)")) == 1
    assert capsys.readouterr().out.count("FAILED") == 3


def test_the_executable_may_have_arguments_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []
    monkeypatch.setattr(selftest, "run_selftest", lambda app, *, full: seen.append((app, full)))
    monkeypatch.setattr(sys, "argv", ["selftest.py", "--full", "python.exe", "-m", "gui"])
    selftest.main()
    assert seen == [(["python.exe", "-m", "gui"], True)]

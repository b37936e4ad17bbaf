import pytest

from core.jobs import exit_diagnosis
from core.jobs.exit_diagnosis import diagnose_exit, killed_by_kernel, log_tail


@pytest.mark.parametrize(
    ("exit_code", "code"),
    [
        (-9, "job.killed"),
        (-11, "job.signal"),
        (-15, "job.signal"),
        (1, "job.crashed"),
        (None, "job.killed"),
    ],
)
def test_each_exit_code_has_its_sentence(folder, exit_code, code):
    assert diagnose_exit(folder, exit_code).code == code


def test_the_signal_is_named(folder):
    assert "SIGSEGV" in diagnose_exit(folder, -11).what


def test_the_kernels_record_names_the_child(folder):
    folder.pid_file.write_text("4711")
    log = "[1.0] Out of memory: Killed process 4711 (python) total-vm:1kB"
    assert killed_by_kernel(log, folder)
    assert not killed_by_kernel(log.replace("4711", "47"), folder)
    assert not killed_by_kernel("", folder)


def test_only_the_end_of_a_long_log_is_shown(folder):
    folder.log_file.write_bytes(b"x" * 10_000 + b"the end")
    tail = log_tail(folder)
    assert tail.endswith("the end")
    assert len(tail) == 4000


def test_a_full_disk_is_recognised_without_a_last_word(folder, monkeypatch):
    monkeypatch.setattr(exit_diagnosis, "disk_free", lambda _folder: 4096)
    assert diagnose_exit(folder, 1).code == "disk.full"


@pytest.mark.parametrize("pid", ["", " ", "1 2", "-1", "x" * 10**6, "²"])
def test_what_is_no_process_is_none(folder, pid):
    folder.pid_file.write_text(pid)
    log = "Out of memory: Killed process 1 2 (x)"
    assert not killed_by_kernel(log, folder)

from pathlib import Path

import psutil
import pytest

from core.hardware.system import machine
from core.hardware.system.machine import disk_free, read_machine, read_ram


def test_reads_this_machine(tmp_path: Path) -> None:
    found = read_machine(tmp_path)
    assert found.system and found.processor
    assert found.cores >= 1
    assert 0 < found.ram_free <= found.ram_total <= psutil.virtual_memory().total
    assert found.disk_free is not None and found.disk_free > 0


def test_disk_space_of_a_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    assert disk_free(tmp_path / "a" / "b ü" / "c") is not None


def test_a_container_limit_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "memory.max").write_text(f"{1 << 28}\n")
    (tmp_path / "memory.current").write_text(f"{1 << 27}\n")
    (tmp_path / "memory.stat").write_text(f"anon 5\ninactive_file {1 << 20}\n")
    monkeypatch.setattr(machine, "_CGROUP", tmp_path)
    assert read_ram() == (1 << 28, (1 << 27) + (1 << 20))
    (tmp_path / "memory.max").write_text("max\n")
    assert read_ram()[0] == psutil.virtual_memory().total

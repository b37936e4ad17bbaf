"""The rest of the machine: processor, memory, disk and system."""

from __future__ import annotations

import os
import platform
import shutil
from dataclasses import dataclass
from pathlib import Path

import psutil

_CGROUP = Path("/sys/fs/cgroup")


@dataclass(frozen=True, slots=True)
class Machine:
    """What the machine has; memory and disk in bytes, ``cores`` those this process may use.

    ``disk_free`` belongs to the asked folder; ``None`` when it cannot be told.
    """

    system: str
    processor: str
    cores: int
    ram_total: int
    ram_free: int
    disk_free: int | None


def read_machine(folder: Path | None = None) -> Machine:
    """Return what this machine has right now (a few milliseconds).

    Args:
        folder: where the disk space counts; it need not exist yet. Default: the home folder.
    """
    total, free = read_ram()
    return Machine(
        system=_system(),
        processor=_processor(),
        cores=_cores(),
        ram_total=total,
        ram_free=free,
        disk_free=disk_free(folder or Path.home()),
    )


def read_ram() -> tuple[int, int]:
    """Return total and available memory in bytes, within a container's limit if there is one."""
    memory = psutil.virtual_memory()
    limit, used = _cgroup_number("memory.max"), _cgroup_number("memory.current")
    if limit is None or used is None or limit >= memory.total:
        return memory.total, memory.available
    reclaimable = _cgroup_file_cache()
    return limit, min(memory.available, max(0, limit - used + reclaimable))


def disk_free(folder: Path) -> int | None:
    """Return the bytes free for this account where ``folder`` is or will be."""
    for place in (folder, *folder.parents):
        try:
            return shutil.disk_usage(place).free
        except FileNotFoundError:
            continue
        except OSError:
            return None
    return None


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _system() -> str:
    if platform.system() != "Linux":
        return f"{platform.system()} {platform.release()}"
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", "Linux")
    except OSError:
        return "Linux"


def _processor() -> str:
    try:
        for line in (
            Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
        ):
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:  # not Linux
        pass
    return platform.processor() or platform.machine()


def _cgroup_number(name: str) -> int | None:
    try:
        return int((_CGROUP / name).read_text(encoding="ascii"))
    except (OSError, ValueError):  # no control group, or "max" for no limit
        return None


def _cgroup_file_cache() -> int:
    try:
        lines = (_CGROUP / "memory.stat").read_text(encoding="ascii").splitlines()
        return int(dict(line.split() for line in lines)["inactive_file"])
    except (OSError, ValueError, KeyError):
        return 0

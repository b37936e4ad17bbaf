"""A test fails that leaves a thread or a process alive, or another environment; it says which."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Generator, Iterator
from pathlib import Path

import psutil
import pytest

from tests.forks.client import read_at_import
from tests.forks.fixtures import fork_server

_PATIENCE_SECONDS = 30.0
# Threads of libraries that live as long as the interpreter, and the reader that outlives a hung
# driver on purpose.
_KNOWN_THREADS = ("Dummy-", "tqdm", "read-cards", "asyncio_", "ThreadPoolExecutor", "pytest_t")
_KNOWN_PROCESSES = ("resource_tracker", "multiprocessing.forkserver")
_STORED = pytest.StashKey[dict[bytes, bytes]]()


def _threads() -> set[threading.Thread]:
    return {
        thread for thread in threading.enumerate() if not thread.name.startswith(_KNOWN_THREADS)
    }


def _descendants(parent: int) -> Iterator[int]:
    """Yield the numbers of the processes below one; psutil would look at all of the system."""
    try:
        tasks = [task.path for task in os.scandir(f"/proc/{parent}/task")]
    except OSError:  # it has just ended
        return
    for task in tasks:
        try:
            with open(f"{task}/children") as stream:  # noqa: PTH123 - a path for each task takes long
                children = stream.read().split()
        except OSError:
            continue
        for child in map(int, children):
            yield child
            yield from _descendants(child)


def _numbers() -> list[int]:
    if Path(f"/proc/self/task/{os.getpid()}/children").exists():
        return list(_descendants(os.getpid()))
    return [child.pid for child in psutil.Process().children(recursive=True)]


def _processes() -> set[psutil.Process]:
    found = set()
    for number in _numbers():
        if number == fork_server.pid:
            continue
        try:
            child = psutil.Process(number)
            command = " ".join(child.cmdline())
            known = any(k in command for k in _KNOWN_PROCESSES)
            if child.status() != psutil.STATUS_ZOMBIE and not known:
                found.add(child)
        except psutil.Error:
            continue
    return found


def is_at_work(process: psutil.Process) -> bool:
    """Return whether a process still runs; one that has ended may stay in the list for a while."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture(autouse=True)
def nothing_left_alive() -> Iterator[None]:
    threads, processes = _threads(), _processes()
    yield
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if not (_threads() - threads or _processes() - processes):
            return
        time.sleep(0.05)
    left = [thread.name for thread in _threads() - threads]
    left += [str(process) for process in _processes() - processes]
    if left:
        pytest.fail(f"left alive: {', '.join(left)}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None]:
    item.stash[_STORED] = os.environ._data.copy()  # undecoded: it is asked for before every test
    yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None]:
    """A variable that stays would be inherited by the children of all later tests."""
    yield
    stored = item.stash[_STORED]
    if stored == os.environ._data:
        return
    decode = os.environ.decodevalue
    before = read_at_import({decode(name): decode(value) for name, value in stored.items()})
    after = read_at_import(os.environ)
    if changed := sorted({name for name, _ in before.items() ^ after.items()}):
        os.environ.update(before)
        for name in after.keys() - before.keys():
            del os.environ[name]
        pytest.fail(f"left in the environment: {', '.join(changed)}")

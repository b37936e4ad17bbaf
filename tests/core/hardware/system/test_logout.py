import os
from pathlib import Path

import pytest

from core.hardware.system import logout
from core.hardware.system.logout import ends_at_logout

DESKTOP = "0::/user.slice/user-{0}.slice/user@{0}.service/app.slice/app-tuner-42.scope\n"
TERMINAL = "0::/user.slice/user-{0}.slice/session-3.scope\n"


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Return a function that puts this process somewhere, on a system that answers so."""

    def make(place: str, answer: str | None, code: int = 0) -> None:
        monkeypatch.setattr(logout, "_CGROUP", tmp_path / "cgroup")
        (tmp_path / "cgroup").write_text(place.format(os.getuid()))
        programs = tmp_path / "programs"
        programs.mkdir()
        monkeypatch.setenv("PATH", str(programs))
        if answer is None:
            return
        program = programs / "loginctl"
        asked = f"show-user {os.getuid()} --property=Linger --value"
        program.write_text(
            f'#!/bin/sh\n[ "$*" = "{asked}" ] || exit 9\necho "{answer}"\nexit {code}\n'
        )
        program.chmod(0o755)

    return make


@pytest.mark.parametrize(
    ("place", "answer", "code", "ends"),
    [
        (DESKTOP, "no", 0, True),
        (DESKTOP, "yes", 0, False),
        (DESKTOP, "Failed to connect to bus", 1, False),
        (DESKTOP, None, 0, False),
        (TERMINAL, "no", 0, False),
        ("0::/\n", "no", 0, False),
    ],
)
def test_only_what_is_known_is_claimed(system, place, answer, code, ends):
    system(place, answer, code)
    assert ends_at_logout() is ends


def test_a_system_without_control_groups_is_no_fault(monkeypatch, tmp_path):
    monkeypatch.setattr(logout, "_CGROUP", tmp_path / "missing")
    assert not ends_at_logout()


def test_a_system_that_does_not_answer_is_not_waited_for(system, monkeypatch, tmp_path):
    system(DESKTOP, "no")
    (tmp_path / "programs" / "loginctl").write_text("#!/bin/sh\nexec /bin/sleep 60\n")
    monkeypatch.setattr(logout, "_ANSWER_SECONDS", 0.05)
    assert not ends_at_logout()

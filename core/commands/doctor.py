"""The terminal command that checks this machine and installation."""

from __future__ import annotations

import argparse
from typing import Any

from core.commands.options import add_command
from core.commands.terminal import write_document, write_lines
from core.doctor import examine
from core.doctor import report as doctor_report
from core.errors import UserFacingError
from core.language import _


def add_commands(commands: Any) -> None:
    """Add ``doctor``."""
    add_command(commands, "doctor", _doctor, _("check this machine and this installation"))


def _doctor(options: argparse.Namespace) -> None:
    checks = examine()
    if options.json:
        write_document(doctor_report(checks))
    else:
        for check in checks:
            write_lines([f"{'ok ' if check.ok else 'NO '} {check.name}: {check.seen}"])
            if check.todo:
                write_lines([f"    {check.todo}"])
    if not all(check.ok for check in checks):
        raise UserFacingError(
            "doctor.problems", _("Something is wrong."), _("See the lines above.")
        )

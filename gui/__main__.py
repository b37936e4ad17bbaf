"""The one entry point: the worker of a job, a chat template's process, a command, the window."""

from __future__ import annotations

import multiprocessing
import os
import sys


def main() -> int:
    """Dispatch on the arguments; heavy modules are imported only where they are needed."""
    multiprocessing.freeze_support()
    arguments = sys.argv[1:]
    if arguments[:1] == ["--worker"]:
        from core.jobs.worker import main as work

        return work(arguments[1:])
    if arguments == ["--template"]:
        from core.chat.sandbox import main as render

        return render()
    if arguments and arguments != ["--or-sample"]:
        return _command(arguments)
    return _window(or_sample=bool(arguments))


def _window(*, or_sample: bool) -> int:
    from core import language
    from core.language import _
    from core.settings import load_settings
    from gui.desktop.display import why_no_window

    language.use(load_settings().language or os.environ.get("HOMELAB_TUNER_LANGUAGE", ""))
    reason = why_no_window()
    if not reason:
        from gui.app import run_window

        return run_window(sys.argv[:1])
    if or_sample:
        instead = _("Running the sample project in this terminal instead.")
    else:
        instead = _("Use the terminal commands: homelab-tuner --help")
    sys.stderr.write(f"{reason}\n{instead}\n")
    sys.stderr.flush()
    return _command(["sample"]) if or_sample else 1


def _command(arguments: list[str]) -> int:
    from core.cli import main as run_command

    return run_command(arguments)


if __name__ == "__main__":
    sys.exit(main())

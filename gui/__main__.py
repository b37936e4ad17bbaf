"""The one entry point: a job, a loaded model, a chat template's process, a command, the window."""

from __future__ import annotations

import gc
import multiprocessing
import os
import sys
from collections.abc import Sequence
from pathlib import Path

_OR_SAMPLE = "--or-sample"


def main() -> int:
    """Dispatch on the arguments; heavy modules are imported only where they are needed."""
    multiprocessing.freeze_support()
    arguments = sys.argv[1:]
    if arguments[:1] == ["--worker"]:
        from core.jobs.worker import main as work

        return work(arguments[1:])
    if arguments[:1] == ["--answer"]:
        from core.serving.child import main as answer

        return answer(arguments[1:])
    if arguments == ["--template"]:
        from core.chat.sandbox import main as render

        return render()
    load_fast()
    from core.commands.speaking import only_language

    words = [word for word in arguments if word != _OR_SAMPLE]
    if only_language(words):
        return _window(words, or_sample=len(words) < len(arguments))
    if files := _files(words):
        return _window([], or_sample=False, files=files)
    return _command(arguments)


def _files(words: list[str]) -> list[Path]:
    """Return the files that a file manager hands over; a command's name is none."""
    paths = [Path(word) for word in words]
    are_files = all((path.suffix or path.is_absolute()) and path.exists() for path in paths)
    return [path.absolute() for path in paths] if are_files else []


def load_fast() -> None:
    """Load without what a window that nobody sees yet can do without.

    What is imported is no garbage, so none is looked for until :class:`GarbageCollection` begins.
    Pydantic need not ask every installed package whether it brings a plugin.
    """
    gc.disable()
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")


def _window(arguments: list[str], *, or_sample: bool, files: Sequence[Path] = ()) -> int:
    from core.commands.speaking import speak
    from core.language import _
    from gui.desktop.display import why_no_window

    speak(arguments)
    reason = why_no_window()
    if not reason:
        from core.installed_engine import use_engine
        from gui.app import run_window

        use_engine()
        return run_window(sys.argv[:1], files)
    if or_sample:
        instead = _("Running the sample project in this terminal instead.")
    else:
        instead = _("Use the terminal commands: homelab-tuner --help")
    sys.stderr.write(f"{reason}\n{instead}\n")
    sys.stderr.flush()
    return _command([*arguments, "sample"]) if or_sample else 1


def _command(arguments: list[str]) -> int:
    from core.cli import main as run_command
    from core.installed_engine import use_engine

    gc.enable()
    use_engine()
    return run_command(arguments)


if __name__ == "__main__":
    sys.exit(main())

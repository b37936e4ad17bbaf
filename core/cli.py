"""The terminal commands: the same core as the window's, for machines without one and for tests.

Results go to standard output (with ``--json`` one JSON document in English, for ``train`` one
event a line), everything else to standard error. Exit codes: 0 done, 1 something that you can fix,
2 wrong usage.
"""

from __future__ import annotations

import argparse

from core import __version__
from core.commands import (
    download,
    examples,
    installation,
    models,
    pairs,
    results,
    sample,
    serve,
    training,
    use,
)
from core.commands.judging import prefer, prompt, questions, rate
from core.commands.speaking import OPTION, speak
from core.commands.terminal import say, say_error
from core.errors import UserFacingError
from core.language import _


def main(arguments: list[str]) -> int:
    """Run one command; return the exit code."""
    arguments = speak(arguments)
    options = _parser().parse_args(arguments)
    try:
        options.command(options)
    except UserFacingError as error:
        say_error(error)
        return 1
    except KeyboardInterrupt:
        say(
            _(
                "You left the command. A job that is still running continues in the background. "
                "Open the project to follow it."
            )
        )
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="homelab-tuner",
        description=_("Fine-tune a language model at home. Without a command, the window opens."),
    )
    parser.add_argument("--version", action="version", version=__version__)
    parser.add_argument(OPTION, metavar="CODE", help=_("language of all texts, such as de"))
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    groups = (
        sample,
        installation,
        examples,
        pairs,
        models,
        download,
        prompt,
        training,
        results,
        questions,
        rate,
        prefer,
        serve,
        use,
    )
    for group in groups:
        group.add_commands(commands)
    return parser

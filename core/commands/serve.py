"""The terminal command that lets fine-tunes answer other programs of this computer."""

from __future__ import annotations

import argparse
import json
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from core.commands.options import add_command, add_project, show, show_document
from core.commands.terminal import say
from core.language import N_, Sentence, _, ngettext
from core.project import Project
from core.serving import DEFAULT_PORT, IDLE_MINUTES

if TYPE_CHECKING:
    from core.actions.serving import Serving
    from core.serving.messages import Status

_PHASES = {"libraries": N_("Loading the libraries"), "weights": N_("Loading the model")}


def add_commands(commands: Any) -> None:
    """Add ``serve``."""
    serve = add_command(
        commands, "serve", _serve, _("let programs on this computer use your fine-tune")
    )
    add_project(serve)
    serve.add_argument(
        "--run",
        action="append",
        default=[],
        metavar="NAME",
        help=_("a fine-tune; can be given several times; default: the newest"),
    )
    serve.add_argument("--port", type=int, default=DEFAULT_PORT, metavar="N")
    serve.add_argument(
        "--idle",
        type=float,
        default=IDLE_MINUTES,
        metavar="MINUTES",
        help=_("unload the model when nothing was asked for this long; 0 never does"),
    )
    serve.add_argument(
        "--record",
        choices=("on", "off"),
        default="",
        help=_("whether what is asked is recorded in the project; kept for the next time"),
    )


def _serve(options: argparse.Namespace) -> None:
    from core.actions.serving import look_at_serving, serve  # a server's libraries take a moment

    project = Project.open(options.project)
    offer = look_at_serving(project, options.run)
    say(offer.need.badge.sentence)
    say(_recorded(project, options.record))
    serving = serve(offer, port=options.port, idle_seconds=60 * options.idle, told=_tell)
    with _until_interrupted() as ended:
        try:
            show(options, list(map(str, how_to_use(serving))))
            document = {"address": serving.address, "key": serving.token}
            show_document(options, {**document, "models": list(serving.offer.names)})
            ended.wait()
        finally:
            serving.close()
            say(_("The server is closed."))


def _recorded(project: Project, wish: str) -> Sentence:
    """Change what is recorded, if that is wished, and say what is."""
    from core.serving.use.record import record_settings, set_record

    settings = record_settings(project)
    if wish:
        settings = settings.model_copy(update={"on": wish == "on"})
        set_record(project, settings)
    if not settings.on:
        return _("What is asked is not recorded.")
    return ngettext(
        "The first {count:,} character of each question is recorded in this project.",
        "The first {count:,} characters of each question are recorded in this project.",
        settings.characters,
    )


def how_to_use(serving: Serving) -> list[str]:
    """Return where the server is and how programs use it."""
    name, address, key = serving.offer.names[-1], serving.address, serving.token
    question = json.dumps({"model": name, "messages": [{"role": "user", "content": "Hello"}]})
    curl = " ".join(  # not shown: a command
        (
            f"curl {address}/chat/completions -H 'Authorization: Bearer {key}'",
            f"-H 'Content-Type: application/json' -d '{question}'",
        )
    )
    code = f'client = openai.OpenAI(base_url="{address}", api_key="{key}")'  # not shown: code
    return [
        _("Address: {address}", address=address),
        _("Key: {key}", key=key),
        _("Models: {names}", names=", ".join(serving.offer.names)),
        "",
        _("With curl:"),
        curl,
        "",
        _("With the Python package “openai”:"),
        code,
        "",
        _("Only programs on this computer that know the key can use it. Press Ctrl-C to end."),
    ]


def _tell(status: Status) -> None:
    if text := _sentence(status):
        say(text)


def _sentence(status: Status) -> Sentence | None:
    from core.serving.messages import LoadFailed, Loading, Ready

    if isinstance(status, Loading):
        return _(_PHASES[status.phase])
    if isinstance(status, Ready):
        return _("The model is loaded.")
    if isinstance(status, LoadFailed):
        return _("{what} {todo}", what=status.what, todo=status.todo)
    return _("The model is unloaded until the next question.")


@contextmanager
def _until_interrupted() -> Iterator[threading.Event]:
    """Yield an event that Ctrl-C, or what else ends the command, sets."""
    ended = threading.Event()
    names = ("SIGINT", "SIGTERM", "SIGHUP")
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {number: signal.signal(number, lambda *_a: ended.set()) for number in numbers}
    try:
        yield ended
    finally:
        for number in numbers:
            signal.signal(number, before[number])

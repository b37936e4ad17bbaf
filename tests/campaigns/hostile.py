"""Campaign: hostile models and datasets, with a canary, a network trap and a watched secret.

    python -m tests.campaigns.hostile --cases 150 [--seed N]

Each case makes one hostile folder and lets a process of its own do with it what the application
does: look into a model, load tokenizer and weights, render a chat, answer, open a project that was
trained on it, compare and export; or read, check and accept examples. It may be refused in words or
used without harm. It is a failure when code of the folder runs (the canary is written, a pickle is
opened, a process or a command is started), when a socket is opened or a name looked up, when a file
outside is opened (the kernel itself reports that), or when the application falls over it.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import shutil
import signal
import struct
import sys
import traceback
from pathlib import Path
from typing import Any

from core.errors import UserFacingError
from core.jobs.link import JobLink
from core.project import Project
from tests.campaigns.forked_runs import Tally, command, dice, single_thread
from tests.campaigns.hostile_things import DATASETS, MODELS, Trap
from tests.models import kept_sample_model, make_tiny_model

_FORBIDDEN = (
    "socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto",
    "os.system", "os.exec", "os.posix_spawn", "os.spawn", "pickle.find_class", "urllib.Request",
    "http.client.connect", "ftplib.connect", "smtplib.connect", "webbrowser.open",
)  # fmt: skip
_OWN_CHILDREN = frozenset({"core.chat.sandbox", "core.jobs.worker"})
_PROJECT = Path(__file__).parents[1] / "core" / "project_of_format_1.zip"
_IN_OPEN, _NONBLOCK = 0x20, 0o4000
_SECONDS = 300  # a case that takes longer dies, which is a failure
_HARMLESS, _HARM = 0, 3


class Watch:
    """Lets the kernel tell when a file in a folder is opened (Linux; elsewhere it sees nothing)."""

    def __init__(self, folder: Path) -> None:
        self._descriptor = -1
        if sys.platform == "linux":
            libc = ctypes.CDLL(None, use_errno=True)
            self._descriptor = libc.inotify_init1(_NONBLOCK)
            libc.inotify_add_watch(self._descriptor, os.fsencode(folder), _IN_OPEN)

    def opened(self) -> list[str]:
        """Return the names of the files that were opened since the last call."""
        try:
            content = os.read(self._descriptor, 1 << 16)
        except OSError:
            return []
        names, place = [], 0
        while place < len(content):
            length = struct.unpack_from("iIII", content, place)[3]
            name = content[place + 16 : place + 16 + length].rstrip(b"\0")
            names += [name.decode()] if name else []
            place += 16 + length
        return names


def trap_process(report: Path) -> None:
    """Write down every forbidden act of this process from now on."""

    def look(event: str, arguments: tuple[Any, ...]) -> None:
        harmful = event in _FORBIDDEN
        if event == "subprocess.Popen":
            harmful = not _OWN_CHILDREN.intersection(arguments[1] or ())
        if harmful:
            with report.open("a", encoding="utf-8") as stream:
                stream.write(f"{event} {str(arguments)[:300]}\n")

    sys.addaudithook(look)


def use_model(folder: Path) -> None:
    """Do with a model folder what a training does, answer, and open, compare and save a project."""
    from core.chat.tokens import render_prompt, tokenise
    from core.data.example import Example, Message, Source
    from core.generation.answers import generate
    from core.models.inspection import inspect_model
    from core.models.loading import load_base, load_tokenizer

    inspect_model(folder)
    tokenizer = load_tokenizer(folder)
    messages = (Message("user", "What is 2?"), Message("assistant", "Two."))
    tokenise(tokenizer, Example(messages, Source("x", 1)), 64)
    model = load_base(folder, "none", "cpu")
    generate(model, tokenizer, [render_prompt(tokenizer, messages[:1])], max_new_tokens=4)
    use_project(folder)


def use_project(base: Path) -> None:
    """Open a finished project whose base model is this one; compare, and save with the proof."""
    from core.evaluation.job import run_evaluate
    from core.export.job import run_export
    from core.jobs.spec import EvaluateParams, ExportParams
    from core.library.fine_tunes import list_fine_tunes
    from core.storage.files import read_json, write_json
    from core.wizard import load_state

    root = base.with_name("project")
    shutil.unpack_archive(_PROJECT, root)
    project = Project.open(root)
    load_state(project)
    run = project.run("train-001")
    for path in (run.facts_file, run.job_file):
        value = read_json(path)
        value.get("params", value)["base_model"] = str(base)
        value.pop("base_contents", None)  # as if nobody had noted what the base held
        write_json(path, value)
    list_fine_tunes([root])
    saved = ExportParams(run=run.name, to=str(base.with_name("exported")))
    for kind, job, params in (
        ("evaluate", run_evaluate, EvaluateParams(run=run.name, questions=1, everyday=8)),
        ("export", run_export, saved),
    ):
        folder = project.new_run(kind)
        with JobLink(folder) as link:
            job(folder, params, link)


def use_dataset(folder: Path) -> None:
    """Read a folder of examples, and accept them."""
    from core.actions.examples import scan_params
    from core.data.jobs import run_prepare, run_scan
    from core.data.spec import PrepareParams

    run = Project.create(folder.with_name("work")).new_run("scan")
    with JobLink(run) as link:
        run_scan(run, scan_params([folder]), link)
        run_prepare(run, PrepareParams(), link)


def probe(use: Any, folder: Path, report: Path) -> int:
    """In a process of its own: use the folder; return whether that was harmless."""
    signal.alarm(_SECONDS)
    trap_process(report)
    return judge(use, folder, report)


def judge(use: Any, folder: Path, report: Path) -> int:
    """Use the folder; a refusal in words is harmless, any other error is harm."""
    try:
        use(folder)
    except UserFacingError as error:
        sys.stdout.write(f"refused: {error.code}\n")
    except BaseException:
        with report.open("a", encoding="utf-8") as stream:
            stream.write(f"it fell over: {traceback.format_exc()[-800:]}\n")
        return _HARM
    return _HARMLESS


def one_case(tally: Tally, root: Path, base: Path, number: int, seed: int) -> None:
    """Make a hostile folder, let it be used, look at the traps."""
    chance = dice(seed, number)
    kinds = (*MODELS, *DATASETS)
    kind = kinds[number % len(kinds)]
    place = root / f"case-{number:04d}"
    outside = place / "outside"
    outside.mkdir(parents=True)
    secret = outside / "secret.jsonl"
    secret.write_text(json.dumps({"prompt": "password", "completion": "hunter2"}))
    trap = Trap(base, secret, place / "canary")
    folder, report = place / "hostile ü", place / "report"
    kind(trap, folder, chance)
    watch = Watch(outside)
    code = in_process(use_model if kind in MODELS else use_dataset, folder, report, place / "log")
    tally.cases += 1
    found = report.read_text(encoding="utf-8").splitlines() if report.exists() else []
    found += [f"opened outside: {name}" for name in watch.opened()]
    found += ["foreign code ran"] if list(place.glob("canary*")) else []
    found += [f"exit code {code}"] if code not in (_HARMLESS, _HARM) else []
    if found:
        tally.fail(f"{place} ({kind.__name__})", "; ".join(found))
    else:
        shutil.rmtree(place)


def in_process(use: Any, folder: Path, report: Path, log: Path) -> int:
    """Fork, use, wait; return the exit code (negative: the signal)."""
    process = os.fork()
    if process == 0:
        code = 9
        try:
            descriptor = os.open(log, os.O_WRONLY | os.O_CREAT)
            os.dup2(descriptor, 1)
            os.dup2(descriptor, 2)
            code = probe(use, folder, report)
            sys.stdout.flush()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def run(options: argparse.Namespace, root: Path, tally: Tally) -> str:
    """Hand in ``options.cases`` hostile folders."""
    from core.models.loading import load_base, load_tokenizer

    base = make_tiny_model(root / "base", kept_sample_model())
    load_tokenizer(base)  # imports once what every case needs
    load_base(base, "none", "cpu")
    for number in range(options.cases):
        one_case(tally, root, base, number, options.seed)
    return f"{len(MODELS)} kinds of models, {len(DATASETS)} kinds of datasets"


def main(arguments: list[str] | None = None) -> int:
    single_thread()
    return command(__doc__, 160, run)(arguments)


if __name__ == "__main__":
    sys.exit(main())

"""Campaign: real clients ask the local server, 32 at once, and many of them misbehave.

    python -m tests.campaigns.server --cases 1000 [--seed N] [--base DIR --project DIR --run NAME]

The openai package, curl and raw sockets ask for whole and streamed answers; some go away, cut
their request in the middle, send nonsense, come from a web page or under a stranger's name, or have
the wrong key. The model's child answers by script with the delays of a real one, and is killed
twice; with ``--project`` a real fine-tune answers. In the end every answer that ended must be in
the record exactly once and nothing else, the server must still answer, and with the record off
nothing may be written.
"""

from __future__ import annotations

import argparse
import json
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import openai
import psutil

from core.generation.spec import BASE
from core.project import Project
from core.serving.client import ModelProcess
from core.serving.server import LocalServer
from core.serving.use.record import Recorder, RecordSettings, UseRecord, set_record
from tests.core.serving import scripted

KEY = "sk-local-campaign"
AT_ONCE = 32
_SECONDS = 180.0
_DELAY = 0.01  # seconds of a step that writes one word of each answer


@dataclass
class Field:
    """What the clients ask, and what came of it."""

    server: LocalServer
    model: str
    process: ModelProcess
    lock: threading.Lock = field(default_factory=threading.Lock)
    ended: set[str] = field(default_factory=set)
    left: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    outcomes: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def client(self, key: str = KEY) -> openai.OpenAI:
        return openai.OpenAI(
            base_url=self.server.address, api_key=key, max_retries=0, timeout=_SECONDS
        )

    def note(self, prompt: str, place: set[str]) -> None:
        with self.lock:
            place.add(prompt)

    def body(self, prompt: str, **values: object) -> bytes:
        asked = {"model": self.model, "messages": [{"role": "user", "content": prompt}]}
        return json.dumps({**asked, "max_tokens": 12, **values}).encode()


class WrongError(AssertionError):
    """What may not happen."""


def expect(found: object, *wanted: object) -> None:
    """Raise :class:`WrongError` unless it is one of these."""
    if found not in wanted:
        raise WrongError(f"{found!r} instead of {wanted!r}")


def whole(field: Field, prompt: str, dice: random.Random) -> None:
    with field.client() as client:
        answer = client.chat.completions.create(
            model=field.model, messages=[{"role": "user", "content": prompt}], max_tokens=12
        )
    expect(answer.choices[0].finish_reason, "stop", "length")
    field.note(prompt, field.ended)


def streamed(field: Field, prompt: str, dice: random.Random) -> None:
    with field.client() as client:
        stream = client.chat.completions.create(
            model=field.model,
            messages=[{"role": "user", "content": prompt}],
            max_tokens=12,
            stream=True,
            stream_options={"include_usage": True},
        )
        chunks = list(stream)
    expect(chunks[-1].usage is not None, True)
    field.note(prompt, field.ended)


def by_curl(field: Field, prompt: str, dice: random.Random) -> None:
    stream = dice.random() < 0.5
    command = ["curl", "-sS", "-N", "-w", "\n%{http_code}", "-m", str(int(_SECONDS))]
    command += ["-H", f"Authorization: Bearer {KEY}", "-H", "Content-Type: application/json"]
    command += ["--data-binary", "@-", f"{field.server.address}/chat/completions"]
    done = subprocess.run(
        command, input=field.body(prompt, stream=stream), capture_output=True, check=False
    )
    body, _, code = done.stdout.decode().rpartition("\n")
    if code in ("429", "503"):
        raise ConnectionError(code)
    expect(code, "200")
    if stream and '"error"' in body:
        raise ConnectionError(body[-200:])
    expect("data: [DONE]" in body, stream)
    field.note(prompt, field.ended)


def cancelled(field: Field, prompt: str, dice: random.Random) -> None:
    with field.client() as client:
        stream = client.chat.completions.create(
            model=field.model,
            messages=[{"role": "user", "content": prompt}],
            max_tokens=60,
            stream=True,
        )
        for _chunk in zip(stream, range(dice.randint(1, 5)), strict=False):
            pass
        stream.close()
    field.note(prompt, field.left)


def left_waiting(field: Field, prompt: str, dice: random.Random) -> None:
    body = field.body(prompt)
    with socket.create_connection(("127.0.0.1", field.server.port), timeout=_SECONDS) as raw:
        raw.sendall(head(len(body)) + body)
        time.sleep(dice.uniform(0, 0.2))
    field.note(prompt, field.left)


def cut(field: Field, prompt: str, dice: random.Random) -> None:
    body = field.body(prompt)
    message = head(len(body)) + body
    with socket.create_connection(("127.0.0.1", field.server.port), timeout=_SECONDS) as raw:
        raw.sendall(message[: dice.randrange(1, len(message) - 1)])
        time.sleep(dice.uniform(0, 0.05))
    field.note(prompt, field.refused)


def malformed(field: Field, prompt: str, dice: random.Random) -> None:
    body = field.body(prompt)
    bad = dice.choice(
        [
            body[:-3],
            body.replace(b'"user"', b'"tool"'),
            body.replace(b'"messages"', b'"massages"'),
            field.body(prompt, n=3),
            field.body(prompt, tools=[{"type": "function"}]),
            field.body(prompt, temperature="hot"),
            b"[" * 50_000,
            bytes(dice.randrange(256) for _ in range(300)),
        ]
    )
    expect(answer(field, head(len(bad)) + bad), 400)
    field.note(prompt, field.refused)


def nonsense(field: Field, prompt: str, dice: random.Random) -> None:
    message = bytes(dice.randrange(256) for _ in range(dice.randint(1, 5000))) + b"\r\n\r\n"
    with suppress(ConnectionError):
        expect(answer(field, message), 400, None)
    field.note(prompt, field.refused)


def from_a_page(field: Field, prompt: str, dice: random.Random) -> None:
    body = field.body(prompt)
    more = dice.choice(
        ["Origin: https://evil.example", "Origin: null", "Sec-Fetch-Site: cross-site"]
    )
    expect(answer(field, head(len(body), more) + body), 403)
    field.note(prompt, field.refused)


def under_a_name(field: Field, prompt: str, dice: random.Random) -> None:
    body = field.body(prompt)
    expect(answer(field, head(len(body), host="evil.example") + body), 421)
    field.note(prompt, field.refused)


def wrong_key(field: Field, prompt: str, dice: random.Random) -> None:
    try:
        with field.client("sk-local-guessed") as client:
            client.chat.completions.create(
                model=field.model, messages=[{"role": "user", "content": prompt}]
            )
    except openai.AuthenticationError:
        field.note(prompt, field.refused)
    else:
        raise WrongError("a wrong key opened it")


def another_model(field: Field, prompt: str, dice: random.Random) -> None:
    body = field.body(prompt, model="gpt-4o")
    expect(answer(field, head(len(body)) + body), 404)
    field.note(prompt, field.refused)


KINDS: dict[Callable[[Field, str, random.Random], None], int] = {
    whole: 20,
    streamed: 20,
    by_curl: 12,
    cancelled: 10,
    left_waiting: 6,
    cut: 8,
    malformed: 8,
    nonsense: 4,
    from_a_page: 4,
    under_a_name: 3,
    wrong_key: 3,
    another_model: 2,
}


def head(size: int, more: str = "", host: str = "localhost") -> bytes:
    """Return the head of a question sent by hand."""
    lines = ["POST /v1/chat/completions HTTP/1.1", f"Host: {host}", f"Authorization: Bearer {KEY}"]
    lines += ["Content-Type: application/json", f"Content-Length: {size}"]
    return "\r\n".join([*lines, *([more] if more else []), "", ""]).encode()


def answer(field: Field, message: bytes) -> int | None:
    """Send this by hand; return the status of the answer."""
    with socket.create_connection(("127.0.0.1", field.server.port), timeout=_SECONDS) as raw:
        raw.sendall(message)
        if not message.startswith(b"POST"):
            raw.shutdown(socket.SHUT_WR)
        got = raw.recv(4000)
    return int(got.split()[1]) if got.startswith(b"HTTP/1.") else None


def one(field: Field, number: int, seed: int, may_die: Callable[[], bool]) -> None:
    """Let one client do what it does."""
    dice = random.Random(f"{seed} {number}")
    kind = dice.choices(list(KINDS), list(KINDS.values()))[0]
    prompt = f"question {number}: " + " ".join(f"word{n}" for n in range(dice.randint(1, 30)))
    try:
        kind(field, prompt, dice)
        outcome = kind.__name__
    except WrongError as error:
        field.failures.append(f"{number} {kind.__name__}: {error}")
        return
    except (openai.APIError, OSError) as error:
        status = getattr(error, "status_code", None)
        if not (may_die() or status in (429, 503)):
            field.failures.append(f"{number} {kind.__name__}: {error!r}")
            return
        field.note(prompt, field.left)
        outcome = f"{kind.__name__}, sent away"
    except Exception as error:
        field.failures.append(f"{number} {kind.__name__}: {error!r}")
        return
    with field.lock:
        field.outcomes[outcome] += 1


def crowd(field: Field, cases: int, seed: int, kills: int, first: int = 0) -> None:
    """Let all clients ask, 32 at once; the model's child is killed now and then."""
    done, killed_at = [0], [-1e9]

    def may_die() -> bool:
        return time.monotonic() - killed_at[0] < 20

    def work(number: int) -> None:
        one(field, first + number, seed, may_die)
        done[0] += 1

    with ThreadPoolExecutor(AT_ONCE) as pool:
        futures = [pool.submit(work, number) for number in range(cases)]
        for kill in range(kills):
            while done[0] < cases * (kill + 1) // (kills + 1):
                time.sleep(0.02)
            child = field.process._child
            if child is not None:
                killed_at[0] = time.monotonic()
                child.kill()
        for future in futures:
            future.result()


def judge(field: Field, project: Project) -> None:
    """Compare the record with what the clients saw."""
    with UseRecord(project) as record:
        rows = record.database.rows
        prompts = Counter(
            str(prompt)
            for first in range(0, 10**6, 5000)
            for (prompt,) in rows("SELECT prompt FROM requests LIMIT 5000 OFFSET ?", first)
        )
    twice = [prompt for prompt, count in prompts.items() if count > 1]
    lost = field.ended - set(prompts)
    strange = set(prompts) - field.ended - field.left
    for name, found in (("twice", twice), ("lost", lost), ("that were refused", strange)):
        if found:
            field.failures.append(f"in the record {name}: {len(found)}, {sorted(found)[0]!r}")


def run(
    cases: int,
    seed: int,
    folder: Path,
    *,
    kills: int = 2,
    real: tuple[Project, Path, str] | None = None,
) -> tuple[Field, dict[str, object]]:
    """Do the campaign in an empty folder; return what happened, and figures."""
    project = Project.create(folder / "project")
    set_record(project, RecordSettings(on=True, characters=2000))
    name = real[2] if real else "train-001"
    if real:
        runs = [] if name == BASE else [name]
        process = ModelProcess(real[0].root, real[1], runs, look_for_room=False)
    else:
        command = scripted.command(project.root, "base", name, delay=_DELAY)
        process = ModelProcess(
            project.root, project.root, [name], command=command, look_for_room=False
        )
    recorder = Recorder(project)
    names = (BASE, name)
    server = LocalServer(process, names, port=0, finished=recorder.finished, token=lambda: KEY)
    field = Field(server, name, process)
    before, began = figures(), time.monotonic()
    try:
        crowd(field, cases, seed, kills)
        seconds = time.monotonic() - began
        one(field, -1, seed, lambda: False)
        wait_until_idle(field)
        after = figures()
        recorder.close()
        recorder = Recorder(project)
        server.close()
        server = LocalServer(process, names, port=0, finished=recorder.finished, token=lambda: KEY)
        set_record(project, RecordSettings(on=False))
        off = Field(server, name, process)
        crowd(off, max(8, cases // 10), seed, 0, first=10**6)
        wait_until_idle(off)
    finally:
        server.close()
        process.close()
        recorder.close()
    field.failures += [f"while off: {failure}" for failure in off.failures]
    judge(field, project)
    return field, {"seconds": round(seconds, 1), "before": before, "after": after}


def wait_until_idle(field: Field) -> None:
    """Wait until no answer is in progress."""
    until = time.monotonic() + _SECONDS
    while field.process.in_progress and time.monotonic() < until:
        time.sleep(0.05)
    if field.process.in_progress:
        field.failures.append(f"{field.process.in_progress} answers never ended")


def figures() -> dict[str, int]:
    """Return this process's memory in MB, its open files and its threads."""
    me = psutil.Process()
    return {
        "MB": me.memory_info().rss // 1_000_000,
        "files": me.num_fds() if hasattr(me, "num_fds") else 0,
        "threads": threading.active_count(),
    }


def main() -> int:
    """Run the campaign and print what happened."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kills", type=int, default=2)
    parser.add_argument("--project", type=Path)
    parser.add_argument("--base", type=Path)
    parser.add_argument("--run", default=BASE)
    options = parser.parse_args()
    real = None
    if options.project:
        real = (Project.open(options.project), options.base, options.run)
    with tempfile.TemporaryDirectory(prefix="homelab-server-") as folder:
        field, found = run(
            options.cases, options.seed, Path(folder), kills=options.kills, real=real
        )
    lines = [f"{count:5d} {name}" for name, count in sorted(field.outcomes.items())]
    lines += [f"FAILED {failure}" for failure in field.failures[:50]]
    lines += [f"{name}: {value}" for name, value in found.items()]
    lines.append(f"ended and recorded once: {len(field.ended)}")
    lines.append(f"cases {options.cases}, failures {len(field.failures)}")
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if field.failures else 0


if __name__ == "__main__":
    sys.exit(main())

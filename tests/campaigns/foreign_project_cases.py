"""What the campaign of strangers' folders puts into a project before it is opened.

Each attack changes one part of a sound project. Whatever it names outside lies in a folder that is
compared afterwards.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from core.project import Project
from tests.foreign_files import Yours, put_link, put_odd

Attack = Callable[[Project, Yours, random.Random], None]

_OWN = (
    "project.json", "wizard.json", "queue.json", "ratings.sqlite", ".owner.lock", ".queue.lock",
    "data", "data/draft", "data/versions", "runs", "runs/train-001", "runs/train-001/log.txt",
    "runs/train-001/events.jsonl", "runs/train-001/control.json", "runs/train-001/job.json",
    "runs/train-001/config.yaml", "runs/train-001/facts.json", "runs/train-001/evaluation.json",
    "runs/train-001/checkpoints", "runs/train-001/best", "runs/train-001/tokens",
    "runs/train-001/alive.lock", "runs/train-001/pid", "runs/train-002/events.jsonl",
    "runs/train-002/log.txt", "runs/train-002/job.json", "data/draft/draft.json", "chats",
)  # fmt: skip
_NAMES = (
    "..", ".", "../..", "/", "../../yours", "nul", "a\0b", "train-001/../../..", "x" * 5000,
    "C:\\x", "\\\\192.0.2.1\\share", "train-001 ", "", "～", "-rf",
)  # fmt: skip
_READABLE = 1 << 20  # bytes
_VALUES: tuple[Any, ...] = (
    None, True, -1, 0, 10**30, 1e308, float("inf"), float("nan"), "", "x" * 100_000, [], {}, [[]],
    {"a": {"a": {"a": {}}}}, ["\0"], "<img src='file:///etc/passwd'>", "\x1b[2J", [0] * 1000,
)  # fmt: skip


def _state(project: Project) -> dict[str, Any]:
    """The saved state, unless another attack has made something else of it."""
    path = project.wizard_file
    if path.is_symlink() or not path.is_file() or path.stat().st_size > _READABLE:
        raise ValueError("no state")
    state = json.loads(path.read_text())
    if not isinstance(state, dict):
        raise TypeError("no state")
    return state


def _run(project: Project, chance: random.Random) -> Path:
    return project.runs_folder / chance.choice(["train-001", "train-002"])


def links(project: Project, yours: Yours, chance: random.Random) -> None:
    """A file or folder of the project is a link to something of yours, or to what is not there."""
    targets = [yours.startup, yours.folder, yours.folder / "new", Path("/dev/zero"), Path("/")]
    put_link(project.root / chance.choice(_OWN), chance.choice(targets))


def odd_files(project: Project, _yours: Yours, chance: random.Random) -> None:
    """A pipe, a socket, a device or a folder stands where a file is expected, or the reverse."""
    put_odd(
        project.root / chance.choice(_OWN), chance.choice(["pipe", "socket", "device", "folder"])
    )


def huge_files(project: Project, _yours: Yours, chance: random.Random) -> None:
    """A file of a terabyte, without taking any room."""
    files = [name for name in _OWN if "." in Path(name).name]
    path = project.root / chance.choice(files)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as stream:
        stream.truncate(1 << chance.choice([31, 36, 40]))


def foreign_job(project: Project, yours: Yours, chance: random.Random) -> None:
    """``job.json`` names another kind of job, and places outside."""
    kind = chance.choice(["scan", "prepare", "export", "proof", "queue", "learning", "train", "x"])
    params = {
        "paths": [str(yours.startup)], "draft_dir": str(yours.folder), "to": str(yours.startup),
        "versions_dir": str(yours.folder), "dataset_version": chance.choice(_NAMES),
        "base_model": chance.choice([str(yours.folder), *_NAMES]), "more_of": chance.choice(_NAMES),
        "run": chance.choice(_NAMES), "form": "adapter", "export": str(yours.folder), "prompts": [],
    }  # fmt: skip
    run = _run(project, chance)
    (run / "job.json").write_text(json.dumps({"kind": kind, "params": params}))
    if chance.random() < 0.7:
        for name in ("events.jsonl", "control.json"):
            (run / name).unlink(missing_ok=True)


def hostile_queue(project: Project, _yours: Yours, chance: random.Random) -> None:
    """Queue entries that lead elsewhere, repeat, or hold nonsense."""
    entries = [
        {
            "run": chance.choice([*_NAMES, "train-001", "train-002"]),
            "title": chance.choice(["<img src=x>" * 100, "x" * 10**6, "\x1b[2J", 7]),
            "seconds": chance.choice([[1, 2], [-1, 1e308], [], "x"]),
        }
        for _ in range(chance.choice([1, 3, 2000]))
    ]
    project.queue_file.write_text(json.dumps(entries))


def hostile_wizard(project: Project, yours: Yours, chance: random.Random) -> None:
    """The saved state leads to pages that are not due, with values of any kind."""
    state = _state(project)
    state["current"] = chance.choice(
        ["examples", "base_model", "settings", "training", "comparison", "saving", "nowhere"]
    )
    for _ in range(chance.randint(1, 4)):
        name = chance.choice([*state, "page", "overrides", "training_run", "finished_run"])
        state[name] = chance.choice([*_NAMES, *_VALUES, str(yours.folder)])
    if chance.random() < 0.5:
        step = chance.choice(["examples", "settings", "comparison", "base_model", "training"])
        keys = ("draft", "choices", "mixture", "held_out", "more_of", "seen", "selected", "row")
        state["page"] = {step: {key: chance.choice(_VALUES) for key in keys}}
    project.wizard_file.write_text(json.dumps(state))


def hostile_values(project: Project, _yours: Yours, chance: random.Random) -> None:
    """Some value of some JSON file is of another kind, or absurd."""
    names = [
        "project.json", "runs/train-001/facts.json", "runs/train-001/evaluation.json",
        "runs/train-001/job.json", "data/draft/draft.json",
        *(str(p.relative_to(project.root)) for p in project.versions.glob("*/*.json")),
        *(str(p.relative_to(project.root)) for p in project.runs_folder.glob("*/*.json")),
    ]  # fmt: skip
    path = project.root / chance.choice(names)
    if path.is_symlink() or not path.is_file() or path.stat().st_size > _READABLE:
        return
    value = json.loads(path.read_text())
    for _ in range(chance.randint(1, 3)):
        place = value
        while isinstance(place, dict | list) and place and chance.random() < 0.6:
            key = chance.choice(list(place)) if isinstance(place, dict) else 0
            if not isinstance(place[key], dict | list):
                break
            place = place[key]
        if isinstance(place, dict) and place:
            place[chance.choice(list(place))] = chance.choice(_VALUES)
    path.write_text(json.dumps(value))


def deep_or_wide(project: Project, _yours: Yours, chance: random.Random) -> None:
    """JSON that is nested without end, or full of empty lists."""
    name = chance.choice([name for name in _OWN if name.endswith(".json")])
    path = project.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    deep = chance.choice([60, 900, 100_000])
    path.write_text(
        chance.choice(
            ["[" * deep + "]" * deep, '{"page":' + '{"a":' * deep + "1" + "}" * (deep + 1),
             "[" + "[]," * 4_000_000 + "[]]", '{"a":"' + "," * 20_000_000 + '"}'],
        )
    )  # fmt: skip


def hostile_events(project: Project, _yours: Yours, chance: random.Random) -> None:
    """Events with absurd numbers, texts without end, lines without end."""
    path = _run(project, chance) / "events.jsonl"
    numbers = (0, -1, 1, 7, 10**15, 10**30, 1e308, -1e308, 1e15)
    with path.open("ab") as stream:
        for _ in range(300):
            step = {
                "kind": chance.choice(["train_step", "validation", "telemetry", "health", "notice",
                                       "sample_answer", "checkpoint_saved", "state_changed",
                                       "finished", "failed", "started", "progress", "queue_moved"]),
                "level": chance.choice(["red", "amber", "green", "info", "problem"]),
                "is_best": True, "job": "train", "state": chance.choice(["paused", "running"]),
                "outcome": "completed", "settings": {"learning_rate": chance.choice(numbers)},
                "rows": [chance.choice(numbers) for _ in range(3)], "card": "<b>card</b>",
            }  # fmt: skip
            for name in ("step", "total_steps", "epoch", "loss", "learning_rate", "grad_norm", "at",
                         "tokens", "trained_tokens", "seconds", "seconds_left", "done", "total",
                         "temperature", "power", "energy", "memory_used", "memory_total", "cards",
                         "resumed_from_step", "ram_used", "utilisation"):  # fmt: skip
                step[name] = chance.choice(numbers)
            for name in ("code", "text", "todo", "what", "question", "answer", "phase", "reason"):
                step[name] = chance.choice(["training.odd_rows", "<img src=x>", "x" * 50_000])
            stream.write(json.dumps(step).encode() + b"\n")
        stream.write(chance.choice([b"", b"x" * 30_000_000, b'{"a":' * 10**6, b"\xff\0" * 1000]))


def hostile_database(project: Project, _yours: Yours, chance: random.Random) -> None:
    """A ratings database with other tables, endless views, triggers, or a journal that deletes."""
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n"
    change = chance.choice(
        [
            "DROP TABLE ratings; CREATE VIEW ratings AS SELECT x AS number, x AS question,"
            f" 'a' AS choice, '' AS rated FROM ({endless})",
            "DROP TABLE questions; CREATE VIEW questions AS SELECT x AS id, 1 AS session, x AS"
            f" position, 'a' AS kind, 'q' AS question FROM ({endless})",
            "CREATE TRIGGER t AFTER INSERT ON sessions BEGIN DELETE FROM questions; END",
            "DELETE FROM questions",
            "PRAGMA user_version = 99",
            "CREATE VIRTUAL TABLE f USING fts5(x)",
        ]
    )
    path = project.ratings_file
    if path.is_symlink() or not path.is_file():
        return
    try:
        with sqlite3.connect(path) as connection:
            connection.executescript(change)
        connection.close()
    except sqlite3.DatabaseError:
        path.write_bytes(os.urandom(5000))
    state = _state(project)
    state["current"] = "comparison"
    project.wizard_file.write_text(json.dumps(state))


def hostile_config(project: Project, _yours: Yours, chance: random.Random) -> None:
    """YAML with aliases, depth or tags."""
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{b}: &{b} [{','.join([f'*{a}'] * 9)}]\n"
        for a, b in zip("abcdefghi", "bcdefghij", strict=True)
    )
    deep = "targets: " + "[" * 5000 + "]" * 5000
    tag = "a: !!python/object/apply:os.system ['touch canary']"
    (_run(project, chance) / "config.yaml").write_text(
        chance.choice([bomb, deep, tag, "\0", "- 1"])
    )


def hostile_arrays(project: Project, _yours: Yours, chance: random.Random) -> None:
    """Arrays of the draft or of the check with other shapes, types, places or pickles."""
    arrays = [*project.draft.glob("*/*.npy"), *project.runs_folder.glob("learning-*/*.npy")]
    if not arrays:
        return
    path = chance.choice(arrays)
    kind = chance.randrange(4)
    if kind == 0:
        path.write_bytes(os.urandom(2000))
    elif kind == 1:
        array = np.load(path)
        np.save(path, array[: len(array) // 2])
    elif kind == 2:
        array = np.load(path)
        array = array.copy()
        array.view(np.uint8).reshape(-1)[:] = 0xFF
        np.save(path, array)
    else:
        np.save(path, np.array([object()] * 3), allow_pickle=True)


def hostile_template(project: Project, yours: Yours, chance: random.Random) -> None:
    """The base model that the project names has a chat template that never ends, or takes all."""
    base = project.root / "models" / "base"
    shutil.copytree(yours.folder.parent / "base", base)
    body = chance.choice(
        [
            "{% for a in range(999999999) %}{% endfor %}",
            "{{ 'x' * 5000000000 }}",
            "{{ ''.__class__.__mro__[1].__subclasses__() }}",
            "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        ]
    )
    (base / "chat_template.jinja").write_text(body)
    state = _state(project)
    state.update(base_model=str(base), current="settings")
    project.wizard_file.write_text(json.dumps(state))


def many_runs(project: Project, _yours: Yours, chance: random.Random) -> None:
    """Thousands of run folders."""
    for number in range(10, 10 + chance.choice([100, 1500])):
        run = project.runs_folder / f"train-{number:04d}"
        run.mkdir()
        (run / "events.jsonl").write_text('{"kind":"started","job":"train"}\n')


ATTACKS: tuple[Attack, ...] = (
    links, odd_files, huge_files, foreign_job, hostile_queue, hostile_wizard, hostile_values,
    deep_or_wide, hostile_events, hostile_database, hostile_config, hostile_arrays,
    hostile_template, many_runs,
)  # fmt: skip

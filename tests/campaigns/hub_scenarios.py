"""What can go wrong between a computer and a hub, as scenarios for the campaign ``hub``.

Each says what happens at the question what a model consists of (``offer``), and what happens while
its files are fetched (``fetch``), which codes may be told then, and how often a whole file may come
again. After a failure the fault is over, and the next try must succeed.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.loopback_hub import TOKEN, Fault, LoopbackHub, Repo, model_files

WEIGHTS = ".safetensors"
Faults = Callable[[random.Random], list[Fault]]


def _none(_random: random.Random) -> list[Fault]:
    return []


def _nothing(_hub: LoopbackHub, _repo: Repo) -> None:
    """Change nothing."""


@dataclass(frozen=True)
class Scenario:
    """One kind of trouble.

    Attributes:
        before: changes the model before it is asked for, ``between`` after it was agreed to,
            ``after`` makes good what the failure asked for.
        at_offer: codes of a failure when it is asked for; empty when that must succeed.
        at_fetch: the same for the download.
        again: how many times more than once a whole file may be served.
        refused: it is never accepted.
        whole: the model's weights are one file.
        way: how the job is disturbed: killed, paused, stopped, cancelled, or with a full disk.
    """

    name: str
    offer: Faults = _none
    fetch: Faults = _none
    before: Callable[[LoopbackHub, Repo], None] = _nothing
    between: Callable[[LoopbackHub, Repo], None] = _nothing
    after: Callable[[LoopbackHub, Repo], None] = _nothing
    at_offer: frozenset[str] = frozenset()
    at_fetch: frozenset[str] = frozenset()
    again: int = 0
    refused: bool = False
    way: str = ""
    token: str = ""
    whole: bool = False
    files: dict[str, bytes] = field(default_factory=dict)


def _of_body(kind: str, count: int = 1, **values: Any) -> Faults:
    def faults(random_: random.Random) -> list[Fault]:
        return [
            Fault(kind, WEIGHTS, after=random_.randrange(700_000), **values) for _ in range(count)
        ]

    return faults


def _at(where: str, kind: str, times: int = -1, value: Any = None, after: int = 0) -> Faults:
    return lambda _: [Fault(kind, where, times=times, value=value, after=after)]


def _codes(*names: str) -> frozenset[str]:
    return frozenset(f"hub.{name}" for name in names)


def _lie(name: str, **lies: Any) -> Callable[[LoopbackHub, Repo], None]:
    def change(_hub: LoopbackHub, repo: Repo) -> None:
        repo.lies[name] = lies

    return change


def _newer(_hub: LoopbackHub, repo: Repo) -> None:
    repo.add(model_files(seed=77))


def _replaced(_hub: LoopbackHub, repo: Repo) -> None:
    files = repo.versions[repo.head]
    repo.versions.clear()
    repo.add(files | {"LICENSE": b"another licence"})


def _gate(_hub: LoopbackHub, repo: Repo) -> None:
    repo.gated = "auto"


def _grant(_hub: LoopbackHub, repo: Repo) -> None:
    repo.accepted.add(TOKEN)


_HOSTILE_NAMES = (
    "../../outside.json", "/tmp/outside.json", "..\\outside.json", "C:\\outside.json", "con.json",
    "aux.safetensors", "config.json:stream", "config.json ", "sub/../../outside.json", "nul",
    "tokenizer\n.json", "~/outside.json", "x" * 400 + ".json", "modeling_evil.py", "evil.bin",
)  # fmt: skip
_API = "/api/models"
_PASSING = [
    Scenario("nothing"),
    Scenario("cut", fetch=_of_body("cut")),
    Scenario("cut three times", fetch=_of_body("cut", 3)),
    Scenario("stall", fetch=_of_body("stall", value=3)),
    Scenario("closed", fetch=_of_body("close")),
    Scenario("silent", fetch=_of_body("hang", value=3)),
    Scenario("500 twice", fetch=_of_body("status", 2, value=500)),
    Scenario("503", fetch=_of_body("status", value=(503, "1"))),
    Scenario("429", fetch=_of_body("status", value=(429, "0"))),
    Scenario("502", fetch=_of_body("status", value=502)),
    Scenario("wrong bytes once", fetch=_of_body("flip"), again=1),
    Scenario("shorter than listed", fetch=_of_body("short")),
    Scenario("longer than listed", fetch=_of_body("long")),
    Scenario("promises more", fetch=_of_body("promises")),
    Scenario("page for a file", fetch=_at(WEIGHTS, "html", 1)),
    Scenario("cut, then no ranges", again=1,
             fetch=lambda r: [*_of_body("cut")(r), Fault("ignore_range", WEIGHTS)]),
    Scenario("cut, then 416", again=1,
             fetch=lambda r: [*_of_body("cut")(r), Fault("no_range", WEIGHTS)]),
    Scenario("cut, then another piece", again=1,
             fetch=lambda r: [*_of_body("cut")(r), Fault("wrong_piece", WEIGHTS)]),
    Scenario("cut small file", fetch=_at("tokenizer.json", "cut", 1, after=1000)),
    Scenario("newer version meanwhile", between=_newer),
    Scenario("hostile names", files=dict.fromkeys(_HOSTILE_NAMES, b"{}")),
    Scenario("killed", way="kill"),
    Scenario("killed and cut", way="kill", fetch=_of_body("cut", 2)),
    Scenario("killed, newer version", way="kill", between=_newer),
    Scenario("paused", way="pause"),
    Scenario("stopped", way="stop"),
    Scenario("cancelled", way="cancel", again=1),
    Scenario("disk full", way="disk", at_fetch=frozenset({"disk.full"})),
]  # fmt: skip
_TOLD = [
    Scenario("wrong bytes", fetch=_at(WEIGHTS, "flip", after=9), again=2,
             at_fetch=_codes("wrong_hash")),
    Scenario("always longer", fetch=_at(WEIGHTS, "long"), at_fetch=_codes("wrong_size"), again=1),
    Scenario("always shorter", fetch=_at(WEIGHTS, "short", after=5000),
             at_fetch=_codes("wrong_size")),
    Scenario("always a page", fetch=_at(WEIGHTS, "html"), at_fetch=_codes("bad_answer")),
    Scenario("drips", fetch=_at(WEIGHTS, "drip", value=0.3), at_fetch=_codes("too_slow")),
    Scenario("always silent", fetch=_at(WEIGHTS, "stall", value=2), at_fetch=_codes("broke_off")),
    Scenario("always 401", fetch=_at(WEIGHTS, "status", value=401),
             at_fetch=_codes("no_model", "bad_token")),
    Scenario("always 403", fetch=_at(WEIGHTS, "status", value=403), at_fetch=_codes("forbidden")),
    Scenario("always 404", fetch=_at(WEIGHTS, "status", value=404), at_fetch=_codes("no_model")),
    Scenario("always 407", fetch=_at(WEIGHTS, "status", value=407),
             at_fetch=_codes("proxy_login")),
    Scenario("always 416", fetch=_at(WEIGHTS, "status", value=416), at_fetch=_codes("no_range")),
    Scenario("429 for an hour", fetch=_at(WEIGHTS, "status", value=(429, "3600")),
             at_fetch=_codes("busy")),
    Scenario("always 500", fetch=_at(WEIGHTS, "status", value=500), at_fetch=_codes("down")),
    Scenario("always 503", fetch=_at(WEIGHTS, "status", value=503), at_fetch=_codes("down")),
    Scenario("redirects in a circle", fetch=_at(WEIGHTS, "redirect"),
             at_fetch=_codes("bad_answer")),
    Scenario("redirected to nowhere", at_fetch=_codes("offline"),
             fetch=_at(WEIGHTS, "redirect", value="http://127.0.0.1:9/x")),
    Scenario("redirected elsewhere", at_fetch=_codes("bad_answer"),
             fetch=_at(WEIGHTS, "redirect", value="file:///etc/passwd")),
    Scenario("version gone", between=_replaced, at_fetch=_codes("no_revision", "file_gone")),
    Scenario("gated meanwhile", between=_gate, after=_grant, token=TOKEN,
             at_fetch=_codes("terms")),
    Scenario("a licence of 150 MB", before=_lie("LICENSE", size=150_000_000), at_fetch=_codes(
        "broke_off", "wrong_size"), refused=True),
    Scenario("4 TB of weights", before=_lie("model.safetensors", lfs_size=2**42), refused=True,
             whole=True, at_offer=_codes("part_too_large")),
    Scenario("10 GB of weights", before=_lie("model.safetensors", lfs_size=10**10), refused=True,
             whole=True, at_offer=frozenset({"model.damaged"})),
    Scenario("10 GB and a full disk", way="huge", at_fetch=_codes("disk_full")),
    Scenario("hash that is a lie", before=_lie("tokenizer.json", blobId="0" * 40), refused=True,
             at_fetch=_codes("wrong_hash"), again=3),
    Scenario("no hash", before=_lie("config.json", blobId=None), refused=True,
             at_offer=_codes("unverifiable")),
    Scenario("gated then granted", before=_gate, after=_grant, token=TOKEN,
             at_offer=_codes("terms")),
    Scenario("wrong token", before=_gate, after=_grant,
             token="hf_wrong_000000", at_offer=_codes("bad_token")),
    Scenario("no token", before=_gate, after=lambda _, r: setattr(r, "gated", False),
             at_offer=_codes("gated")),
    *(Scenario(f"list: {status}", offer=_at(_API, "status", value=(status, "900")),
               at_offer=_codes(code))
      for status, code in ((401, "no_model"), (403, "forbidden"), (404, "no_model"),
                           (407, "proxy_login"), (416, "no_range"), (429, "busy"), (500, "down"),
                           (503, "down"))),
    Scenario("list: page", offer=_at(_API, "html"), at_offer=_codes("bad_answer")),
    Scenario("list: torn", offer=_at(_API, "truncated_json"), at_offer=_codes("bad_answer")),
    Scenario("list: cut", offer=_at(_API, "cut"), at_offer=_codes("broke_off")),
    Scenario("list: endless", offer=_at(_API, "endless"), at_offer=_codes("bad_answer")),
    Scenario("list: drips", offer=_at(_API, "endless", value=0.05), at_offer=_codes("bad_answer")),
    Scenario("list: circle", offer=_at(_API, "redirect"), at_offer=_codes("bad_answer")),
    Scenario("list: other JSON", offer=_at(_API, "json", value=[1]), at_offer=_codes("bad_answer")),
    Scenario("heads: 500", offer=_at("/resolve/", "status", value=500), at_offer=_codes("down")),
    Scenario("heads: page", offer=_at(WEIGHTS, "html"),
             at_offer=_codes("broke_off", "bad_answer") | {"model.damaged"}),
]  # fmt: skip
SCENARIOS = (*_PASSING, *_TOLD)

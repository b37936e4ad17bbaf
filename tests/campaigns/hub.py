"""Campaign: a hub that cuts, stalls, lies and denies; a download that is killed, paused, starved.

    python -m tests.campaigns.hub --cases 500 [--first N] [--seed N] [--at-once N]

The hub is a small one on loopback, the client the real one, the jobs the real ones in processes of
their own. In every case a model is asked for and then downloaded under one trouble of
``hub_scenarios``. A failure is: wrong bytes accepted; a byte served twice without need; a refusal
without a known code, sentence and next step; a try after the trouble that does not succeed; a file
outside the model's own folders; a token at another address. The last line is
``cases N, failures M``.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import os
import random
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from core.contract import JobParams
from core.events import Event, Failed, Finished, StateChanged
from core.jobs.link import Request
from core.jobs.spec import write_spec
from core.jobs.supervisor import read_events
from core.models.hub.connection import Patience
from core.models.hub.download import DownloadParams, on_disk
from core.models.hub.listing import Listing
from core.models.hub.offer import OfferParams
from core.models.hub.store import staging_folder
from core.project import RunFolder
from core.storage.files import write_json
from tests.campaigns.hub_child import child
from tests.campaigns.hub_scenarios import SCENARIOS, Scenario
from tests.loopback_hub import TOKEN, LoopbackHub, Repo, loopback_hub, model_files
from tests.mounts import tmpfs

HASTE = Patience(
    silence=3.0, answer=6.0, answer_bytes=1_000_000, tries=3, pause=0.02, longest_pause=0.05,
    window=4.0, least_rate=2_000, slow_rounds=2,
)  # fmt: skip
_REPO = "Own/Name"
_FOLDER = "Own--Name"
_LONGEST = 300.0  # seconds of one job, beside other work
_PACE = 0.004
_SLACK, _SLACK_PACED = 160_000, 60_000  # bytes under way when a connection ends


class CaseError(Exception):
    """A promise that was not kept."""


@cache
def models() -> tuple[dict[str, bytes], ...]:
    """Return the models that the cases share, of 0.1 to 1 MB, whole and in parts."""
    return tuple(
        model_files(seed=seed, vocab=vocab, parts=parts)
        for seed, (vocab, parts) in enumerate(
            [(1500, 1), (6000, 1), (15000, 1), (9000, 2), (4000, 3)]
        )
    )


@dataclass
class Case:
    """One model, one home, one trouble.

    Attributes:
        breaks: connections that were ended so far, each of which may cost what was under way.
    """

    scenario: Scenario
    random: random.Random
    hub: LoopbackHub
    home: Path
    repo: Repo
    breaks: int = 0
    jobs: int = 0
    children: Any = field(default_factory=lambda: multiprocessing.get_context("forkserver"))

    def keep_token(self, token: str) -> None:
        """Give the application a token for this hub."""
        write_json(self.home / "tokens.json", {self.hub.url.removeprefix("http://"): token})

    # Jobs

    @property
    def run(self) -> RunFolder:
        """The run folder of the download."""
        return RunFolder(self.home / "downloads" / _FOLDER)

    def job(
        self,
        run: RunFolder,
        params: JobParams[Any],
        disturb: Callable[[Any], None] | None = None,
        unchecked: bool = False,
    ) -> Event:
        """Run a job in a process of its own; return its last event (a kill gives the last)."""
        run.root.mkdir(parents=True, exist_ok=True)
        write_spec(run, params)
        write_json(run.control_file, {"request": "run"})
        run.events_file.unlink(missing_ok=True)
        arguments = (str(run.root), str(self.home), unchecked)
        process = self.children.Process(target=child, args=arguments)
        process.start()
        if disturb is not None:
            disturb(process)
        process.join(_LONGEST)
        if process.is_alive():
            process.kill()
            raise CaseError(f"{params.kind} does not end: {run.log_file.read_text()[-2000:]}")
        events = read_events(run)
        return events[-1] if events else Failed(code="none", what="", todo="")

    def ask(self) -> Event:
        """Run the job that asks what a download would bring."""
        self.jobs += 1
        params = OfferParams(repo=_REPO, revision="main", endpoint=self.hub.url, patience=HASTE)
        return self.job(RunFolder(self.home / f"ask-{self.jobs}"), params)

    def fetch(self, listing: Listing, way: str = "") -> Event:
        """Run the download, disturbed in the scenario's way."""
        params = DownloadParams(listing=listing, endpoint=self.hub.url, patience=HASTE)
        disturb = {"kill": self._kill, "pause": self._pause}.get(way)
        if way in ("stop", "cancel"):
            disturb = self._request(Request(way))
        return self.job(self.run, params, disturb, unchecked=way == "disk")

    def _arrived(self) -> int:
        return on_disk(staging_folder(self.run))

    def _wait_for(self, process: Any, least: int) -> bool:
        deadline = time.monotonic() + _LONGEST
        while process.is_alive() and time.monotonic() < deadline:
            if self._arrived() >= least:
                return True
            time.sleep(0.004)
        return False

    def _some(self) -> int:
        return self._arrived() + self.random.randrange(1, 300_000)

    def _kill(self, process: Any) -> None:
        if self._wait_for(process, self._some()):
            process.kill()
            self.breaks += 1

    def _pause(self, process: Any) -> None:
        if not self._wait_for(process, self._some()):
            return
        write_json(self.run.control_file, {"request": "pause"})
        deadline = time.monotonic() + 30
        while process.is_alive() and time.monotonic() < deadline:
            if any(isinstance(event, StateChanged) for event in read_events(self.run)):
                self.breaks += 1
                before = self._arrived()
                time.sleep(0.3)
                if self._arrived() != before:
                    raise CaseError("bytes arrive during a pause")
                break
            time.sleep(0.01)
        write_json(self.run.control_file, {"request": "run"})

    def _request(self, request: Request) -> Callable[[Any], None]:
        def disturb(process: Any) -> None:
            if self._wait_for(process, self._some()):
                write_json(self.run.control_file, {"request": request.value})
                self.breaks += 1

        return disturb

    # Promises

    def told(self, event: Event, codes: frozenset[str]) -> None:
        """Demand a failure with a known code, one sentence and a next step."""
        if not isinstance(event, Failed):
            raise CaseError(f"it should have failed with {sorted(codes)}, not {event}")
        if event.code not in codes:
            raise CaseError(
                f"{event.code} instead of {sorted(codes)}: {event.what} {event.details}"
            )
        if not event.what.strip() or len(event.todo) < 10 or "\n" in event.what:
            raise CaseError(f"no sentence or next step: {event}")

    def nothing_wrong(self, final_too: bool = True) -> None:
        """Demand that every file with its final name has its right bytes."""
        places = [staging_folder(self.run)]
        if final_too and (self.home / "models").is_dir():
            places += list((self.home / "models").iterdir())
        for place in places:
            for path in place.iterdir() if place.is_dir() else ():
                if path.name == "download.json" or path.name.endswith(".part"):
                    continue
                if not any(path.read_bytes() == v.get(path.name) for v in self.versions()):
                    raise CaseError(f"wrong bytes in {path}")

    def versions(self) -> list[dict[str, bytes]]:
        """Return the contents of all versions that the hub ever had."""
        return [*models(), *self.repo.versions.values()]

    def accepted(self, listing: Listing, event: Event) -> None:
        """Demand the model that was agreed to, whole."""
        if not isinstance(event, Finished) or event.outcome != "completed":
            raise CaseError(f"it should have succeeded: {event}")
        folder = Path(event.result.base_model)
        if folder.parent != self.home / "models":
            raise CaseError(f"accepted at {folder}")
        files = self.repo.versions[listing.commit]
        names = {path.name for path in folder.iterdir()} - {"download.json"}
        wanted = {file.name for file in listing.files}
        if names != wanted or any((folder / n).read_bytes() != files[n] for n in names):
            raise CaseError(f"not what was agreed to: {sorted(names ^ wanted)}")
        if not {n for n in files if n.endswith(".safetensors") and "aux" not in n} <= names:
            raise CaseError("weights are missing")

    def nothing_twice(self, listing: Listing, before: Counter[str]) -> None:
        """Demand that no file came more often than the trouble makes necessary."""
        slack = _SLACK_PACED if self.hub.pace else _SLACK
        for file in listing.files:
            served = self.hub.served[file.name] - before[file.name]
            most = file.size * (1 + self.scenario.again) + slack * self.breaks
            if served > most:
                raise CaseError(f"{file.name}: {served} bytes served for {file.size}")

    def nothing_outside(self) -> None:
        """Demand that only the model's folders were written, and the token stayed at the hub."""
        allowed = {"models", "downloads", "tokens.json"}
        found = {path.name for path in self.home.iterdir() if not path.name.startswith("ask-")}
        strange = [path for path in self.home.parent.iterdir() if path != self.home]
        if found - allowed or strange:
            raise CaseError(f"written outside: {found - allowed} {strange}")
        if (self.home / "models").is_dir():
            inside = {path.name.split("--")[0] for path in (self.home / "models").iterdir()}
            if inside - {"Own"}:
                raise CaseError(f"strange folders: {inside}")
        for _, path, key in self.hub.seen:
            if key and not path.startswith(("/api/", f"/{_REPO}/")):
                raise CaseError(f"the token was sent to {path}")
        for path in self.home.rglob("*"):
            if (
                path.is_file()
                and path.name != "tokens.json"
                and TOKEN.encode() in path.read_bytes()
            ):
                raise CaseError(f"the token is in {path}")


def play(case: Case) -> None:
    """Ask, agree, download, and demand every promise."""
    scenario = case.scenario
    case.hub.faults = scenario.offer(case.random)
    event = case.ask()
    if scenario.at_offer:
        case.told(event, scenario.at_offer)
        if scenario.refused:
            case.nothing_outside()
            return
        case.hub.faults = []
        scenario.after(case.hub, case.repo)
        if scenario.token:
            case.keep_token(TOKEN)
        event = case.ask()
    if not isinstance(event, Finished):
        raise CaseError(f"the offer failed: {event}")
    listing = event.result.listing
    before = Counter(case.hub.served)
    scenario.between(case.hub, case.repo)
    case.hub.faults = scenario.fetch(case.random)
    listing = _download(case, listing, before)
    case.nothing_wrong()
    case.nothing_outside()


def _download(case: Case, listing: Listing, before: Counter[str]) -> Listing:
    scenario = case.scenario
    case.breaks += sum(max(1, fault.times) for fault in case.hub.faults) + HASTE.tries
    for _ in range(case.random.randrange(1, 4) if scenario.way == "kill" else 0):
        case.fetch(listing, "kill")
        case.nothing_wrong()
    asked = _swollen(listing) if scenario.way == "huge" else listing
    event = case.fetch(asked, "" if scenario.way == "kill" else scenario.way)
    case.nothing_wrong()
    if scenario.at_fetch:
        if scenario.way != "disk" or isinstance(event, Failed):
            case.told(event, scenario.at_fetch)
        if scenario.refused:
            return listing
        case.hub.faults = []
        scenario.after(case.hub, case.repo)
        listing, event = _again(case, listing)
    elif isinstance(event, Finished) and event.outcome in ("stopped", "cancelled"):
        if event.outcome == "cancelled" and staging_folder(case.run).exists():
            raise CaseError("a cancelled download left something behind")
        event = case.fetch(listing)
    case.accepted(listing, event)
    case.nothing_twice(listing, before)
    return listing


def _swollen(listing: Listing) -> Listing:
    """Return the listing as if each file of the weights had 10 GB."""
    files = [f.model_copy(update={"size": 10**10}) if f.is_weights else f for f in listing.files]
    return listing.model_copy(update={"files": tuple(files)})


def _again(case: Case, listing: Listing) -> tuple[Listing, Event]:
    """Try again after the trouble; a version that is gone is agreed to again."""
    if case.scenario.way in ("disk", "huge"):
        return listing, _on_a_larger_disk(case, listing)
    if listing.commit not in case.repo.versions:
        case.jobs += 1
        event = case.ask()
        if not isinstance(event, Finished):
            raise CaseError(f"the second offer failed: {event}")
        listing = event.result.listing
    return listing, case.fetch(listing)


def _on_a_larger_disk(case: Case, listing: Listing) -> Event:
    import subprocess

    subprocess.run(["mount", "-o", "remount,size=40m", str(case.home)], check=True)
    return case.fetch(listing, "disk")


@contextlib.contextmanager
def _home(scenario: Scenario, chosen: random.Random) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="hub-campaign-") as root:
        home = Path(root) / "home ü"
        home.mkdir()
        if scenario.way in ("disk", "huge"):
            with tmpfs(home, f"size={chosen.randrange(120, 900)}k"):
                yield home
        else:
            yield home


def play_case(number: int, seed: int) -> str:
    """Play one case; return what went wrong, ``""`` if nothing did."""
    scenario = SCENARIOS[number % len(SCENARIOS)]
    chosen = random.Random(f"{seed}/{number}")
    store = chosen.random() < 0.5
    with _home(scenario, chosen) as home, loopback_hub(store=store) as hub:
        files = models()[1] if scenario.whole else chosen.choice(models())
        repo = hub.add(_REPO, {**files, **scenario.files})
        hub.pace = _PACE if scenario.way in ("kill", "pause", "stop", "cancel") else 0.0
        scenario.before(hub, repo)
        case = Case(scenario, chosen, hub, home, repo)
        if scenario.token:
            case.keep_token(scenario.token)
        try:
            play(case)
        except CaseError as error:
            _keep(home, number)
            return f"case {number}, {scenario.name} (store {store}): {error}"
        except Exception:
            return f"case {number}, {scenario.name}: {traceback.format_exc()}"
    return ""


def _keep(home: Path, number: int) -> None:
    kept = Path("build/campaigns/hub") / str(number)
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(home, kept)


def run(numbers: range, seed: int, at_once: int, say: Callable[[str], Any]) -> int:
    """Play the cases, some at once; return how many failed."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([
        "core.models.hub.download", "core.models.hub.offer", "core.jobs.worker",
        "huggingface_hub", "huggingface_hub.file_download", "huggingface_hub.hf_api", "httpx2",
        "keyring.backends.fail", "tests.campaigns.hub_child",
    ])  # fmt: skip
    main_module = sys.modules["__main__"]
    main_module.__spec__ = None  # the children need nothing of it, so they do not import it again
    with contextlib.suppress(AttributeError):
        del main_module.__file__
    os.environ.pop("HF_HUB_OFFLINE", None)
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    models()
    failures = 0
    with ThreadPoolExecutor(at_once) as pool:
        for found in pool.map(lambda number: play_case(number, seed), numbers):
            if found:
                failures += 1
                say(found + "\n")
    return failures


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def main(arguments: list[str]) -> int:
    """Run the campaign as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, metavar="N", help="begin with case N")
    parser.add_argument("--at-once", type=int, default=6)
    options = parser.parse_args(arguments)
    numbers = range(options.first, options.first + options.cases)
    failures = run(numbers, options.seed, options.at_once, _say)
    sys.stdout.write(f"cases {options.cases}, failures {failures}\n")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

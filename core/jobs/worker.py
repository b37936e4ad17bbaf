"""The child's entry: take the run folder's lock, run the job, end with one last event.

Started as ``python -m core.jobs.worker RUN_FOLDER``, in the frozen application as
``homelab-tuner --worker RUN_FOLDER``. Exit codes: 0 the job ended (also by a request), 1 it failed
and said why in its last event, 3 another child already works in this folder.
"""

from __future__ import annotations

import importlib
import logging
import os
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from core.contract import JobResult
from core.errors import UserFacingError, is_out_of_memory, is_panic
from core.events import Event, Failed, Finished, Started
from core.hardware.cards.loss import explain_card_error, is_card_error
from core.installed_engine import has_torch, missing_engine, use_engine
from core.jobs.exit_diagnosis import kernel_log
from core.jobs.link import (
    ALREADY_RUNNING,
    BEFORE,
    Cancelled,
    Ended,
    JobLink,
    Stopped,
    worker_of,
)
from core.jobs.messages import Messenger
from core.jobs.spec import read_spec
from core.language import _
from core.project import RunFolder
from core.storage.files import explain_os_error, write_text

JobFunction = Callable[[RunFolder, Any, JobLink], JobResult]

# A job is named here and imported only in the child: the heavy libraries never reach the window.
JOBS: dict[str, str] = {
    "scan": "core.data.jobs:run_scan",
    "prepare": "core.data.jobs:run_prepare",
    "learning": "core.chat.label_preview_job:run_label_preview",
    "leave_out": "core.chat.label_preview_job:run_leave_out",
    "sample_model": "core.models.sample:run_build",
    "model_offer": "core.models.hub.offer:run_offer",
    "download": "core.models.hub.download:run_download",
    "engine": "core.installation.job:run_install",
    "update": "core.installation.updates.job:run_update",
    "doctor": "core.doctor.job:run_doctor",
    "trial": "core.training.job:run_trial",
    "train": "core.training.job:run_train",
    "queue": "core.queue.job:run_queue",
    "evaluate": "core.evaluation.job:run_evaluate",
    "prompts": "core.evaluation.prompts.job:run_prompts",
    "export": "core.export.job:run_export",
    "proof": "core.export.proof:run_proof",
    "merged_proof": "core.export.merging.form:run_merged_proof",
    "pairs": "core.pairs.job:run_pairs",
    "four_bits_proof": "core.export.four_bits.proof:run_four_bits_proof",
    "gguf": "core.export.gguf.proof:run_gguf",
    "gguf_proof": "core.export.gguf.proof:run_gguf_proof",
}
_NEED_TORCH = frozenset(
    {
        "sample_model", "trial", "train", "evaluate", "export", "proof", "merged_proof", "pairs",
        "prompts", "gguf", "gguf_proof",
    }
)  # fmt: skip
_LOCK_PATIENCE_SECONDS = 3.0  # a supervisor that probes the lock holds it for a moment


def _ended() -> Failed:
    return Failed(
        code="job.ended",
        what=_("The system ended the job, as it does when you log out or shut down."),
        todo=_("Press Resume to continue where it was."),
    )


def quiet_environment() -> None:
    """Settings that must be in place before torch is imported.

    GNU OpenMP's spinning makes a step 5–10 times slower as soon as another process works. Cards
    are numbered as the driver numbers them, so that the one that was planned for is trained on.
    """
    os.environ.setdefault("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("GOMP_SPINCOUNT", "0")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("PYTORCH_CUDA_ALLOC_CONF", "expandable_segments:True")


def load_job(kind: str) -> JobFunction:
    """Import and return the function that does jobs of this kind."""
    module, _, name = JOBS[kind].partition(":")
    function: JobFunction = getattr(importlib.import_module(module), name)
    return function


def run_job(folder: RunFolder, link: JobLink) -> Event:
    """Do the job that ``job.json`` describes and return its last event."""
    try:
        params = read_spec(folder)
        link.emit(Started(job=params.kind))
        if params.kind in _NEED_TORCH and not has_torch():
            raise missing_engine()
        result = load_job(params.kind)(folder, params, link)
    except Cancelled:
        return Finished(outcome="cancelled")
    except Stopped as stop:
        return Finished(outcome="stopped", result=stop.result)
    except Ended:
        return _ended()
    except BaseException as error:
        if not isinstance(error, Exception) and not is_panic(error):
            raise
        return explain_failure(error, folder)
    return Finished(outcome="completed", result=result)


def explain_failure(error: BaseException, folder: RunFolder) -> Failed:
    """Say what went wrong in a child that works in ``folder``, and what to do."""
    if isinstance(error, OSError) and error.errno is not None:
        error = explain_os_error(error, Path(error.filename) if error.filename else folder.root)
    if isinstance(error, ModuleNotFoundError) and error.name == "torch":
        error = missing_engine()
    if isinstance(error, UserFacingError):
        return Failed(code=error.code, what=error.what, todo=error.todo, details=error.details)
    if is_out_of_memory(error):
        return Failed(
            code="job.out_of_memory",
            what=_("There was not enough memory for this step."),
            todo=_(
                "Choose a smaller model, shorter examples or the Gentle preset, then try again."
            ),
            details=str(error),
        )
    if is_card_error(error):
        return explain_failure(explain_card_error(error, kernel_log()), folder)
    return Failed(
        code="job.bug",
        what=_("Something unexpected went wrong in this application."),
        todo=_("Try again. If it happens again, report it with the details below."),
        details="".join(traceback.format_exception(error)),
    )


def main(arguments: list[str]) -> int:
    """Run the worker in the folder named by the first argument; return the exit code.

    Further arguments make it a worker of another worker, see
    ``core.training.distributed_worker``.
    """
    folder = RunFolder(Path(arguments[0]))
    logging.basicConfig(stream=sys.stderr, level=logging.INFO)
    quiet_environment()
    use_engine()
    if arguments[1:]:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # at a log-out the first one has yet to save
        work_distributed = importlib.import_module("core.training.distributed_worker").main
        return int(work_distributed(folder, arguments[1:]))
    try:
        lock = FileLock(folder.lock_file)
        lock.acquire(timeout=_LOCK_PATIENCE_SECONDS, poll_interval=0.02)
    except Timeout:
        return ALREADY_RUNNING
    if os.environ.pop(BEFORE, worker_of(folder)) != worker_of(folder):
        lock.release()  # somebody did the work meanwhile: it is not done twice
        return ALREADY_RUNNING
    with lock, Messenger(folder) as messenger, JobLink(folder, messenger.hear) as link:
        with suppress(UserFacingError):  # only a death is explained better with it
            write_text(folder.pid_file, str(os.getpid()), durable=False)
        last = run_job(folder, link)
        if isinstance(last, Failed):
            logging.getLogger(__name__).error("%s %s\n%s", last.what, last.todo, last.details)
        link.emit(last)
    return 1 if isinstance(last, Failed) else 0


if __name__ == "__main__":
    # Jobs raise the classes of the imported module, which are not those of this copy of it.
    sys.exit(importlib.import_module("core.jobs.worker").main(sys.argv[1:]))

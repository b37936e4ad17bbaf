"""Bugs against the promise that nothing saved is lost."""

from tests.campaigns.planted_bugs.bug import Bug

_POWER = "tests/campaigns/test_power_cut.py::test_small_files_and_data"
_TRANSACTION = "tests/core/test_transaction.py"
_CHECKPOINT = "tests/core/training/test_checkpoint.py"
_LINK = "tests/core/jobs/test_link.py"
_ROOM = "tests/core/training/test_room.py"

BUGS = (
    Bug(
        "files are not flushed",
        "core/files.py",
        '    with path.open("rb+") as stream:\n        os.fsync(stream.fileno())',
        '    with path.open("rb+"):\n        pass',
        (_POWER,),
    ),
    Bug(
        "folders are not flushed",
        "core/files.py",
        '    if os.name == "nt":\n        return\n    descriptor',
        "    return\n    descriptor",
        (_POWER,),
    ),
    Bug(
        "a written file is not flushed before it is renamed",
        "core/files.py",
        "                if durable:\n                    os.fsync(stream.fileno())\n",
        "",
        (_POWER,),
    ),
    Bug(
        "a file is written in its place",
        "core/files.py",
        "            name.replace(path)\n",
        "            path.write_bytes(content)\n            name.unlink()\n",
        (_POWER,),
    ),
    Bug(
        "the folder of a written file is not flushed",
        "core/files.py",
        "        if durable:\n            fsync_directory(path.parent)\n",
        "",
        (_POWER,),
    ),
    Bug(
        "new folders are not flushed",
        "core/files.py",
        "    path.mkdir(exist_ok=True)\n    fsync_directory(path.parent)\n",
        "    path.mkdir(exist_ok=True)\n",
        (_POWER,),
    ),
    Bug(
        "a failed write leaves its pieces",
        "core/files.py",
        "            name.unlink(missing_ok=True)\n            raise\n",
        "            raise\n",
        ("tests/core/test_files.py",),
    ),
    Bug(
        "a full disk is not named",
        "core/files.py",
        "if error.errno in (errno.ENOSPC, errno.EDQUOT):",
        "if error.errno == errno.EDQUOT:",
        ("tests/core/test_files.py",),
    ),
    Bug(
        "a folder is renamed before its manifest is written",
        "core/transaction.py",
        "            _seal(staging)\n            staging.rename(target)\n",
        "            staging.rename(target)\n            _seal(target)\n",
        (_POWER,),
    ),
    Bug(
        "a sealed folder is not flushed",
        "core/transaction.py",
        "    fsync_contents(folder)\n",
        "",
        (_POWER,),
    ),
    Bug(
        "the rename of a sealed folder is not flushed",
        "core/transaction.py",
        "        fsync_directory(target.parent)\n",
        "",
        (_POWER,),
    ),
    Bug(
        "hashes are not compared",
        "core/transaction.py",
        "        if actual != expected:\n",
        "        if not actual:\n",
        (_TRANSACTION,),
    ),
    Bug(
        "surplus files are not seen",
        "core/transaction.py",
        "sorted(present ^ recorded.keys())",
        "sorted(recorded.keys() - present)",
        (_TRANSACTION,),
    ),
    Bug(
        "missing files are not seen",
        "core/transaction.py",
        "sorted(present ^ recorded.keys())",
        "sorted(present - recorded.keys())",
        (_TRANSACTION,),
    ),
    Bug(
        "a failure leaves a staging folder",
        "core/transaction.py",
        "        except BaseException:\n            shutil.rmtree(staging, ignore_errors=True)\n",
        "        except BaseException:\n",
        (_TRANSACTION,),
    ),
    Bug(
        "leftovers are not removed",
        "core/transaction.py",
        '    for leftover in parent.glob(f"{_STAGING_PREFIX}*"):\n',
        '    for leftover in parent.glob(f"{_STAGING_PREFIX}"):\n',
        (_TRANSACTION,),
    ),
    Bug(
        "a damaged checkpoint stays as it is",
        "core/training/checkpoint.py",
        "            if self._is_whole(target):\n",
        "            if target.is_dir():\n",
        (_CHECKPOINT,),
    ),
    Bug(
        "a damaged checkpoint counts as whole",
        "core/training/checkpoint.py",
        "            if self._is_whole(self.path(step)):\n                yield",
        "            if self.path(step).is_dir():\n                yield",
        (_CHECKPOINT,),
    ),
    Bug(
        "only one checkpoint is kept",
        "core/training/saving.py",
        "run.checkpoints.steps()[-2:]",
        "run.checkpoints.steps()[-1:]",
        ("tests/core/training/test_resumption.py",),
    ),
    Bug(
        "the old checkpoint is deleted before the new one is written",
        "core/training/saving.py",
        "    write(run, lambda: save_checkpoint(",
        "    run.checkpoints.keep_only(set())\n    write(run, lambda: save_checkpoint(",
        ("tests/core/training/test_saving.py", "tests/core/training/test_resumption.py"),
    ),
    Bug(
        "the best adapter is deleted before the next one is whole",
        "core/training/validation.py",
        "        write(run, lambda: run.best.save(",
        "        run.best.keep_only(set())\n        write(run, lambda: run.best.save(",
        (
            "tests/core/training/test_validation.py::test_the_best_adapter_stays_until_the_next_one_is_whole",
        ),
    ),
    Bug(
        "a draft is named before it is flushed",
        "core/data/draft.py",
        "    fsync_contents(files.folder)\n",
        "",
        (_POWER,),
    ),
    Bug(
        "the old draft is deleted before the new one is named",
        "core/data/draft.py",
        "    write_json(draft_dir / _POINTER, record)\n",
        '    for old in draft_dir.glob("scan-*"):\n'
        "        if old != files.folder:\n"
        "            shutil.rmtree(old)\n"
        "    write_json(draft_dir / _POINTER, record)\n",
        (_POWER,),
    ),
    Bug(
        "token tables are not flushed",
        "core/training/tokens.py",
        "        fsync_file(part)  # an empty table after a power cut could not be resumed from\n",
        "",
        ("tests/campaigns/test_power_cut.py::test_nothing_that_was_promised_is_lost",),
    ),
    Bug(
        "two children work in one run",
        "core/jobs/worker.py",
        "        lock.acquire(timeout=_LOCK_PATIENCE_SECONDS, poll_interval=0.02)\n",
        "        lock = suppress()\n",
        ("tests/core/jobs/test_worker.py::test_a_held_lock_ends_the_second_child",),
    ),
    Bug(
        "ratings are not flushed",
        "core/evaluation/ratings_database.py",
        "PRAGMA synchronous = FULL",
        "PRAGMA synchronous = OFF",
        (_POWER,),
    ),
    Bug(
        "a failed change of the ratings is not taken back",
        "core/evaluation/ratings_database.py",
        '                    self._connection.execute("ROLLBACK")\n',
        '                    self._connection.execute("COMMIT")\n',
        ("tests/core/evaluation/test_ratings_database.py",),
    ),
    Bug(
        "events that a full disk refused are forgotten",
        "core/jobs/link.py",
        "        except OSError:\n            return\n",
        '        except OSError:\n            self._unwritten = b""\n',
        (_LINK,),
    ),
    Bug(
        "a torn line spoils the next",
        "core/jobs/link.py",
        '                    self._unwritten = b"\\n"\n',
        '                    self._unwritten = b""\n',
        (_LINK,),
    ),
    Bug(
        "nobody asks for room before the first step",
        "core/training/job.py",
        "    require_room(folder.root, bytes_for_a_run(trainable, kept))\n",
        "",
        ("tests/core/training/test_job.py::test_room_is_asked_for_before_anything_is_trained",),
    ),
    Bug(
        "nobody asks for room before a save",
        "core/training/room.py",
        "            require_room(link.folder.root, needed)\n",
        "",
        (_ROOM,),
    ),
    Bug(
        "a full disk ends the run",
        "core/training/room.py",
        'if not error.code.startswith("disk.") or link.request() in _ENDS:',
        "if error.code:",
        (_ROOM,),
    ),
    Bug(
        "the queue deletes what was trained",
        "core/jobs/queue.py",
        "        if state is RunState.WAITING:\n            with",
        "        if state:\n            with",
        ("tests/core/jobs/test_queue.py",),
    ),
)

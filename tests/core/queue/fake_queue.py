"""The real worker and the real queue, whose trainings are fake ones."""

import sys

from core.jobs import supervisor, worker


def _command(folder):
    return [sys.executable, "-m", "tests.core.jobs.fake_training", str(folder.root)]


if __name__ == "__main__":
    supervisor.worker_command = _command
    sys.exit(worker.main(sys.argv[1:]))

"""What all tests share."""

import os

from core.jobs.worker import quiet_environment

quiet_environment()  # before anything imports torch
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

pytest_plugins = ["tests.leftovers", "tests.models", "tests.mounts"]

"""What all tests share."""

import os

from hypothesis import settings

from core.jobs.worker import quiet_environment

quiet_environment()  # before anything imports torch
# The same cases in every run; `--hypothesis-profile=default` looks for new ones.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=/nonexistent"  # nobody's desktop is spoken to

pytest_plugins = ["tests.leftovers", "tests.models", "tests.mounts", "tests.desktop"]

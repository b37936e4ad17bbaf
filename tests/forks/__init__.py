"""Children that are forked from a process which has loaded the heavy libraries once.

A real child spends five seconds of processor time on ``import torch, transformers, peft`` before
it does anything, in each of several hundred tests. So the tests put :func:`client.popen` in the
place of ``subprocess.Popen`` at the one door of ``core.jobs.children``. What comes out is a process
of its own in every other respect: session, environment, folder, streams, signals and exit code are
the ones that were asked for. Whether a child also starts without this is examined by the tests that
use the fixture ``cold_children``.
"""

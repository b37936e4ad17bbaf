from __future__ import annotations

import logging

from gui.shell.help.recent_log import RecentLog, keep_log, recent_log


def test_the_last_lines_are_kept() -> None:
    log = RecentLog()
    for number in range(500):
        log.handle(logging.makeLogRecord({"msg": f"line {number}", "levelname": "INFO"}))
    assert len(log.lines()) == 400
    assert log.lines()[-1].endswith("line 499")


def test_it_is_added_once() -> None:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    try:
        keep_log()
        keep_log()
        assert root.handlers.count(recent_log) == 1
        logging.getLogger("a.b").warning("it rained")
        assert recent_log.lines()[-1].endswith("WARNING a.b: it rained")
    finally:
        root.handlers, root.level = before, level

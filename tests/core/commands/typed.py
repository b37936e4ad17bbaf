"""What a command printed, for the tests of the commands."""

import json


def document(capsys):
    """Return the one JSON document on standard output."""
    return json.loads(capsys.readouterr().out)


def said(capsys):
    """Return what was said on standard error, as one line."""
    return " ".join(capsys.readouterr().err.split())

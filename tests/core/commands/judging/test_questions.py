"""Questions of your own as you type them."""

import json

from core.cli import main
from core.project import Project


def test_they_are_added_listed_and_removed(tmp_path, capsys):
    project = Project.create(tmp_path / "p")
    command = ["questions", "--project", str(project.root)]
    file = tmp_path / "q.tsv"
    file.write_text("Who?\tMe.\nWhy?\n", encoding="utf-8")
    assert main([*command, "--add", str(file)]) == 0
    assert capsys.readouterr().out == "Who?\tMe.\nWhy?\n2 questions of your own.\n"
    file.write_text("", encoding="utf-8")
    assert main([*command, "--add", str(file), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["questions"]
    assert found[1] == {"question": "Why?", "answer": ""}
    assert main([*command, "--clear"]) == 0
    assert capsys.readouterr().out == "0 questions of your own.\n"
    assert main([*command, "--add", str(tmp_path / "none")]) == 1

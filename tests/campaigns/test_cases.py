from tests.campaigns import cases


def test_what_came_out_stands_beside_what_was_wanted(tmp_path, capsys):
    for name, text in (("01-good", '{"question": "Why?", "answer": "So."}\n'), ("02-empty", " ")):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "data.jsonl").write_text(text)
        (folder / "want.txt").write_text(f"something about {name}")
    (tmp_path / "03-nothing").mkdir()
    assert cases.main(["--folder", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "rows 1, jsonl, question_answer" in out
    assert "refused: dataset.empty" in out
    assert "want: something about 01-good" in out
    assert out.endswith("cases 2, failures 0\n")


def test_an_unforeseen_error_is_a_failure(tmp_path, capsys, monkeypatch):
    folder = tmp_path / "x"
    folder.mkdir()
    (folder / "data.jsonl").write_text("{}")

    def broken(*_):
        raise TypeError("unhashable")

    monkeypatch.setattr(cases, "scan", broken)
    assert cases.main(["--folder", str(tmp_path)]) == 1
    assert "NOT FORESEEN" in capsys.readouterr().out


def test_another_outcome_than_is_wanted_is_a_failure(tmp_path, capsys):
    folder = tmp_path / "20-weights"
    folder.mkdir()
    turn = '{"role": "assistant", "content": "A.", "weight": 0}'
    rows = f'{{"messages": [{{"role": "user", "content": "Q?"}}, {turn}]}}\n' * 8
    (folder / "data.jsonl").write_text(rows)
    assert cases.main(["--folder", str(tmp_path)]) == 1
    assert "DIFFERS: (8, 0, 'uA', '')" in capsys.readouterr().out

from tests.campaigns.flagged import main
from tests.core.data.examples import clean_pairs, instruction_rows, write_jsonl


def test_flagged_rows_are_shown_with_their_remedy(tmp_path, capsys):
    rows = instruction_rows(clean_pairs(30))
    rows[4]["output"] = "<p>Fine.</p>"
    rows[7] = rows[2]
    path = write_jsonl(tmp_path / "rows.jsonl", rows)
    assert main([str(path), "--kind", "html", "--kind", "exact_duplicate"]) == 0
    said = capsys.readouterr().out
    assert "== html: 1 rows\nrows.jsonl, line 5" in said
    assert "-> user" in said
    assert "rows.jsonl, line 8" in said
    assert "    like user" in said

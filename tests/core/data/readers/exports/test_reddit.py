import json

import pytest

from core.data.draft import ScanOptions
from core.data.readers import inspect_sources, read
from core.data.readers.exports.reddit import RedditThreads, is_reddit
from core.data.readers.formats.records import Record
from core.data.scan import scan
from core.errors import UserFacingError


def comment(number, parent, author, text, score=1):
    return {"id": number, "parent_id": parent, "author": author, "body": text, "score": score}


def joined(*rows):
    records = (Record(line, row) for line, row in enumerate(rows, start=1))
    return [record.value["messages"] for record in RedditThreads().join(records)]


def test_the_best_answers_are_followed_while_the_same_two_talk():
    rows = [
        {"id": "p", "title": "Why?", "selftext": "[removed]", "author": "ann", "score": 1},
        comment("a", "t3_p", "bob", "Bad.", 2),
        comment("b", "t3_p", "cy", "Good.", 9),
        comment("c", "t1_b", "ann", "And then?"),
        comment("d", "t1_c", "dee", "Loud.", 99),
        comment("e", "t1_c", "cy", "Then this."),
        comment("f", "t1_e", "ann", "Thanks!"),
    ]
    (turns,) = joined(*rows)
    assert [turn["content"] for turn in turns] == ["Why?", "Good.", "And then?", "Then this."]
    assert [turn["role"] for turn in turns] == ["user", "assistant"] * 2


def test_what_nobody_answered_or_only_its_author_is_nothing():
    assert joined(comment("a", "t3_x", "ann", "Hello?")) == []
    assert joined(comment("a", "t3_x", "ann", "Hello?"), comment("b", "t1_a", "ann", "Me.")) == []
    assert joined(comment("a", "t1_a", "ann", "Itself."), {"strange": 1}, 3) == []


def test_circles_end():
    assert joined(comment("a", "t1_b", "ann", "A"), comment("b", "t1_a", "bob", "B")) == []


def test_damaged_rows_pass_and_ordinary_ones_are_not_taken():
    (record,) = RedditThreads().join(iter([Record(1, fault="damaged")]))
    assert record.fault == "damaged"
    assert is_reddit([comment("a", "t3_p", "ann", "x")] * 3)
    assert not is_reddit([{"body": "x", "parent_id": 3}]) and not is_reddit([])


def dump(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def two_files(folder):
    asked = [{"id": f"p{n}", "name": f"t3_p{n}", "title": f"Why {n}?", "selftext": "Help!",
              "author": "ann", "subreddit": "s"} for n in range(4)]  # fmt: skip
    said = [comment(f"c{n}", f"t3_p{n}", "bob", f"So {n}.") for n in range(4)]
    return dump(folder / "posts.jsonl", asked), dump(folder / "comments.jsonl", said)


def test_posts_of_another_file_are_answered(tmp_path):
    found = list(read(inspect_sources(two_files(tmp_path))))
    assert [m.content for m in found[0].messages] == ["Why 0?\n\nHelp!", "So 0."]
    assert len(found) == 4


def test_comments_alone_say_what_is_missing(tmp_path):
    _, comments = two_files(tmp_path)
    with pytest.raises(UserFacingError) as refused:
        scan([comments], ScanOptions(), tmp_path / "draft")
    assert "posts" in refused.value.todo

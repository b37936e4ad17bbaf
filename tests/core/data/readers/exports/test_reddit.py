from core.data.readers.exports.reddit import RedditThreads, is_reddit
from core.data.readers.formats.records import Record


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

from math import inf, nan

import pytest

from core.data.readers.conversations.reply_trees import is_reply_tree, path_of, path_to, rank_of


def message(text, *replies, rank=None):
    return {"text": text, "rank": rank, "replies": list(replies)}


def test_the_best_replies_are_followed():
    tree = message("a", message("b", rank=1), message("c", message("d"), "junk", rank=0))
    assert [m["text"] for m in path_of(tree)] == ["a", "c", "d"]


def test_the_newest_branch_of_an_export_is_followed():
    nodes = {
        "1": {"message": None, "parent": None, "children": ["2"]},
        "2": {"message": {"content": {"parts": ["a"]}}, "parent": "1", "children": ["3", "4"]},
        "3": {"message": {"content": {"parts": ["old"]}}, "parent": "2", "children": []},
        "4": {"message": {"content": {"parts": ["b"]}}, "parent": "2", "children": ["gone"]},
    }
    assert is_reply_tree(nodes)
    assert [m["content"]["parts"] for m in path_of(nodes)] == [["a"], ["b"]]


def test_a_circle_ends():
    nodes = {"1": {"message": {"content": "a"}, "parent": None, "children": ["1"]}}
    assert len(path_of(nodes)) == 1


@pytest.mark.parametrize("value", [None, {}, [], {"replies": 3}, {"message": "x"}])
def test_other_values_are_no_trees(value):
    assert not is_reply_tree(value)


def test_rank_of():
    assert [rank_of({"rank": r}) for r in (0, 2.5, None, "x", nan)] == [0, 2.5, inf, inf, inf]
    assert rank_of({"rank": 3}) < rank_of({"rank": 10**400}) < inf


@pytest.mark.parametrize("parent", [{}, [], 10**30, 1.5, True])
def test_parents_that_are_no_names_are_none(parent):
    nodes = {"a": {"message": {"content": "x"}, "parent": parent, "children": []}}
    assert [m["content"] for m in path_of(nodes)] == ["x"]


def chatgpt(role, content):
    return {"author": {"role": role}, "content": content}


@pytest.mark.parametrize("thoughts", [[{"content": "Hm."}, {"content": "Yes."}, 3], 3, None])
def test_what_chatgpt_thought_belongs_to_the_answer_that_follows(thoughts):
    nodes = {
        "a": {"parent": None, "message": chatgpt("user", {"parts": ["Why?"]}), "children": ["b"]},
        "b": {"parent": "a", "children": ["c"],
              "message": chatgpt("assistant", {"content_type": "thoughts", "thoughts": thoughts})},
        "c": {"parent": "b", "message": chatgpt("assistant", {"parts": ["So."]}), "children": []},
    }  # fmt: skip
    for path in (path_to(nodes, "c"), path_of(nodes)):
        assert [message["content"]["parts"] for message in path] == [["Why?"], ["So."]]
        wanted = "Hm.\n\nYes." if isinstance(thoughts, list) else None
        assert path[1].get("reasoning_content") == wanted

from core.data.readers.conversations.turns import read_turns

ASKED = {"role": "user", "content": "Warm?"}
CALL = {"type": "tool_use", "id": "c", "name": "read", "input": {"room": "cellar"}}
RESULT = {"type": "tool_result", "tool_use_id": "c", "content": [{"type": "text", "text": "11"}]}
SAYS = {"type": "text", "text": "It is 11."}
EXPECTED = [
    ("user", "Warm?"),
    ("assistant", 'Let me see.\n[{"name": "read", "arguments": {"room": "cellar"}}]'),
    ("tool", "11"),
    ("assistant", "It is 11."),
]


def read(*turns):
    return [(m.role, m.content) for m in read_turns(list(turns))]


def test_the_answer_to_a_call_is_a_turn_of_the_tool():
    first = {"role": "assistant", "content": [{"type": "text", "text": "Let me see."}, CALL]}
    then = {"role": "user", "content": [RESULT]}
    assert read(ASKED, first, then, {"role": "assistant", "content": [SAYS]}) == EXPECTED


def test_all_in_one_message_as_claude_exports_it():
    parts = [{"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": "Let me see."},
             CALL, RESULT, {"type": "token_budget"}, SAYS]  # fmt: skip
    message = {"sender": "assistant", "text": "", "content": parts}
    assert read({"sender": "human", "text": "Warm?"}, message) == EXPECTED
    turns = read_turns([{"sender": "human", "text": "Warm?"}, message])
    assert turns[1].reasoning == "Hm."

"""Small files in the forms that programs export, made up here, and what must come out of each.

A kind is (file name, content, rows that are read, who speaks in the first, its last words); who
speaks is written with the first letters of the roles. Where people talk, it is who asks and who
shall be learned, which has to be said.
"""

from __future__ import annotations

import json
from typing import Any

N = range(4)


def _lines(*rows: Any) -> str:
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)


def _each(row: Any) -> str:
    return _lines(*(json.loads(json.dumps(row).replace("#", str(n))) for n in N))


ASKED = {"role": "user", "content": "Question #?"}
SAID = {"role": "assistant", "content": "Answer #."}
_COMMENT = {"author": "ann", "score": 2, "created_utc": 1}
_MESSENGER = [
    {"sender_name": "Bob", "timestamp_ms": 1700000300000, "content": "Fine."},
    {"sender_name": "Ann", "timestamp_ms": 1700000200000, "content": "How are you?"},
]
_PEOPLE = [{"name": "Ann"}, {"name": "Bob"}]


def _mails() -> str:
    mails = ""
    for n in N:
        mails += (
            f"From ann@x Mon Jan 01 10:0{n}:00 2024\nFrom: Ann <ann@x>\nTo: Bob <bob@y>\n"
            f"Subject: Question {n}\nMessage-ID: <q{n}@x>\n"
            f"Date: Mon, 01 Jan 2024 10:0{n}:00 +0000\n"
            f"Content-Type: text/plain; charset=utf-8\n\nHow does {n} work?\n\n-- \nAnn\nCEO\n\n"
        )
    for n in N:  # the answers come later, as in a real box
        mails += (
            f"From bob@y Mon Jan 01 11:0{n}:00 2024\nFrom: Bob <bob@y>\nSubject: Re: Question {n}\n"
            f"Message-ID: <a{n}@y>\nReferences: <q{n}@x>\nDate: Mon, 01 Jan 2024 11:0{n}:00 +0000\n"
            f"\nLike this: {n}.\n\nOn Mon, 1 Jan 2024, Ann wrote:\n> How does {n} work?\n\n"
        )
    return mails


def _listing(*children: Any) -> Any:
    return {"kind": "Listing", "data": {"children": list(children)}}


_POST = {"kind": "t3", "data": {"id": "p", "title": "A tap drips.", "selftext": "Help!",
                                "author": "ann", "score": 3}}  # fmt: skip
_THANKS = {"id": "c2", "parent_id": "t1_c1", "body": "Thanks!", "author": "ann", "score": 1}
_BEST = {"id": "c1", "parent_id": "t3_p", "body": "Change the washer.", "author": "bob", "score": 9,
         "replies": _listing({"kind": "t1", "data": {**_THANKS, "replies": ""}})}  # fmt: skip
_OTHER = {"id": "c3", "parent_id": "t3_p", "body": "No.", "author": "cy", "score": 1, "replies": ""}

KINDS: dict[str, tuple[str, str, int, str, str]] = {
    "facebook": ("message_1.json", json.dumps(
        {"participants": [*_PEOPLE, {"name": "Cy"}], "messages": _MESSENGER, "title": "Bob"}),
        1, "Ann, Bob", "Fine."),
    "instagram": ("message_1.json", json.dumps(
        {"participants": _PEOPLE, "messages": _MESSENGER, "title": "x"}), 1, "Ann, Bob", "Fine."),
    "signal table": ("signal.csv", "Timestamp,Conversation,Sender,Body\n"
        "2024-01-01 10:00,Bob,Me,Hello\n2024-01-01 10:01,Bob,Bob,Hi you\n"
        "2024-01-01 10:02,Bob,Me,Fine thanks\n", 1, "Bob, Me", "Fine thanks"),
    "imessage table": ("m.csv", "Chat Session,Message Date,Type,Sender ID,Sender Name,Text\n"
        "Bob,2024-01-01 10:00:00,Outgoing,,,Hello\nBob,2024-01-01 10:01:00,Incoming,+1,Bob,Hi\n"
        "Bob,2024-01-01 10:02:00,Outgoing,,,Fine thanks\n", 1, "Bob, Me", "Fine thanks"),
    "imessage text": ("+1555.txt", "Jan 01, 2024 10:00:00 AM (Read by them after 1 minute)\nMe\n"
        "Hello\n\nJan 01, 2024 10:01:00 AM\n+1555\nHi\n\nJan 01, 2024 10:02:00 AM\nMe\nFine\n",
        1, "+1555, Me", "Fine"),
    "discord text": ("chat.txt", "=====\nGuild: G\nChannel: general\n=====\n\n"
        "[01/01/2024 10:00] ann\nHello\n\n[01/01/2024 10:01] bob\nHow are you?\n\n{Reactions}\nx\n"
        "\n[01/01/2024 10:02] ann\nFine\n", 1, "bob, ann", "Fine"),
    "teams": ("messages.json", json.dumps([
        {"messageType": "message", "from": {"user": {"displayName": name}},
         "body": {"contentType": "html", "content": f"<p>{text}</p>"}}
        for name, text in (("Ann", "Hello"), ("Bob", "Fine"))]), 1, "Ann, Bob", "Fine"),
    "voices": ("film.vtt", "WEBVTT\n\n00:01.000 --> 00:03.000\n<v Ann>Hello there.\n\n"
        "00:04.000 --> 00:06.000 align:start\n<v Bob>How are you?\n\nNOTE no\n\n"
        "00:07.000 --> 00:09.000\n<v Ann>Fine.\n", 1, "Bob, Ann", "Fine."),
    "subtitles": ("film.srt", "1\n00:00:01,000 --> 00:00:03,000\n<i>Hello there.</i>\n\n2\n"
        "00:00:04,000 --> 00:00:06,000\n- How are you?\n- Fine.\n", 1, "a",
        "Hello there.\n- How are you?\n- Fine."),
    "mail box": ("mail.mbox", _mails(), 4, "Ann, Bob", "Like this: 0."),
    "mail": ("one.eml", _mails().split("\n", 1)[1].split("From ann@x")[0], 1, "a",
        "Question 0\n\nHow does 0 work?"),
    "reddit page": ("post.json", json.dumps([
        _listing(_POST), _listing({"kind": "t1", "data": _OTHER}, {"kind": "t1", "data": _BEST})]),
        1, "ua", "Change the washer."),
    "reddit dump": ("RC.jsonl", _lines(*(row for n in N for row in (
        {**_COMMENT, "id": f"c{n}", "parent_id": f"t3_p{n}", "body": f"Question {n}?"},
        {**_COMMENT, "id": f"d{n}", "parent_id": f"t1_c{n}", "body": f"Answer {n}.",
         "author": "bob"}))), 4, "ua", "Answer 0."),
    "gemini": ("MyActivity.json", json.dumps([
        {"header": "Gemini Apps", "title": f"Prompted Question {n}?",
         "safeHtmlItem": [{"html": f"<p>Answer <b>{n}</b>.</p>"}]} for n in N]),
        4, "ua", "Answer 0."),
    "stack exchange": ("q.jsonl", _each({"title": "How #?", "body": "<p>I want #.</p>", "answers": [
        {"body": "<p>bad</p>", "score": 1, "is_accepted": False},
        {"body": "<p>Do #.</p>", "score": 1, "is_accepted": True}]}), 4, "ua", "Do 0."),
    "label studio": ("export.json", json.dumps([
        {"id": n, "data": {"prompt": f"Question {n}?"}, "annotations": [{"result": [
            {"type": "textarea", "value": {"text": [f"Answer {n}."]}}]}]} for n in N]),
        4, "ua", "Answer 0."),
    "argilla": ("r.jsonl", _each({"fields": {"instruction": "Question #?"}, "responses": [
        {"status": "discarded", "values": {"response": {"value": "no"}}},
        {"status": "submitted", "values": {"response": {"value": "Answer #."}}}]}),
        4, "ua", "Answer 0."),
    "langsmith": ("d.jsonl", _each({"inputs": {"messages": [ASKED]}, "outputs": {"message": SAID}}),
        4, "ua", "Answer 0."),
    "langsmith of langchain": ("d.jsonl", _each({"id": "x",
        "inputs": {"input": [{"type": "human", "data": {"content": "Question #?"}}]},
        "outputs": {"output": {"type": "ai", "data": {"content": "Answer #."}}}}),
        4, "ua", "Answer 0."),
    "langfuse": ("d.jsonl", _each({"input": {"question": "Question #?"},
        "expectedOutput": {"answer": "Answer #."}}), 4, "ua", "Answer 0."),
    "bedrock": ("b.jsonl", _each({"schemaVersion": "bedrock-conversation-2024",
        "system": [{"text": "Help."}], "messages": [
            {"role": "user", "content": [{"text": "Question #?"}]},
            {"role": "assistant", "content": [{"text": "Answer #."}]}]}), 4, "sua", "Answer 0."),
    "bedrock log": ("b.jsonl", _each({"recordId": "#", "modelInput": {"system": "S", "messages": [
        {"role": "user", "content": [{"type": "text", "text": "Question #?"}]}]},
        "modelOutput": {"content": [{"type": "text", "text": "Answer #."}], "role": "assistant"}}),
        4, "sua", "Answer 0."),
    "stored at openai": ("o.jsonl", _each({"id": "c", "request": {"messages": [ASKED]},
        "response": {"choices": [{"index": 0, "message": SAID}]}}), 4, "ua", "Answer 0."),
    "vertex chat": ("v.jsonl", _each({"context": "Help.", "examples": [], "messages": [
        {"author": "user", "content": "Question #?"},
        {"author": "assistant", "content": "Answer #."}]}), 4, "sua", "Answer 0."),
    "vertex": ("v.jsonl", _each({"systemInstruction": {"parts": [{"text": "Help."}]}, "contents": [
        {"role": "user", "parts": [{"text": "Question #?"}]},
        {"role": "model", "parts": [{"text": "Answer #."}]}]}), 4, "sua", "Answer 0."),
    "anki": ("deck.txt", "#separator:tab\n#html:true\n#tags column:3\n" + "".join(
        f"Question &lt;{n}&gt;?\tAnswer <b>{n}</b>.\ttag\n" for n in N), 4, "ua", "Answer 0."),
}  # fmt: skip

import asyncio

from core.serving.api import read_chat
from core.serving.exchange import Exchange
from tests.core.serving.scripted import ScriptedGenerator

BODY = b'{"model":"base","messages":[{"role":"user","content":"words 3"}]}'


def test_a_client_that_was_gone_before_the_first_word_is_sent_nothing():
    heard, sent = [], []

    async def gone():
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    async def exchange(generator):
        asked = read_chat(BODY)
        one = Exchange(asked, asked.ask("1"), lambda *parts: heard.append(parts))
        await one.answer(generator, gone, send)

    generator = ScriptedGenerator(delay=0.05)
    try:
        asyncio.run(exchange(generator))
    finally:
        generator.close()
    assert sent == []
    assert [done.reason for _ask, _text, done in heard] == ["cancelled"]

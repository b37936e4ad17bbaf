"""A handbook that does not exist, as text and as a PDF: what pairs are drawn from in the tests."""

from tests.core.data.readers.documents.made import pdf

CHAPTERS = {
    "The boat": "The Lark is a wooden sailing boat that was built in 1931 in the yard of Oskar "
    "Lund in Aalborg. She is 9 metres long and carries two sails. Her hull is made of larch on "
    "oak frames, and it is painted white below the waterline.",
    "The engine": "The diesel engine has 18 horsepower and burns 2 litres an hour. Check the oil "
    "before each trip. If the engine does not start, open the fuel valve behind the stairs and "
    "press the red button for five seconds.",
    "Ropes": "The mooring ropes are made of hemp and lie in the locker under the port bench. Dry "
    "them after each trip, because wet hemp rots. A rope lasts about four years and is then cut "
    "into fenders.",
    "Water": "The fresh water tank holds 120 litres and is filled through the brass cap on the "
    "foredeck. Boil the water in summer. The tank is cleaned every spring with vinegar and rinsed "
    "twice.",
    "The stove": "The stove in the cabin burns alcohol. Fill it only when it is cold. A full tank "
    "burns for three hours, which is enough to cook dinner for four people and to warm the cabin "
    "in the evening.",
    "Guests": "Up to five guests may sail with the Lark. Each guest wears a life jacket from the "
    "yellow box. Children under the age of twelve stay in the cockpit and hold on to the rail "
    "while the sails are being set.",
    "The harbour": "The berth of the Lark is number 14 in the old harbour of Ebeltoft. The harbour "
    "master is called Marie Dahl and can be reached on channel 12. The gate is locked between ten "
    "at night and six in the morning.",
    "Winter": "In November the boat is lifted out of the water and covered with a green "
    "tarpaulin. The mast is laid on two trestles beside it. Take the batteries home and charge "
    "them once a month until April.",
}


def pages() -> list[list[str | tuple[str, int] | None]]:
    """Return the chapters as pages with a header and a footer."""
    found: list[list[str | tuple[str, int] | None]] = []
    for number, (title, text) in enumerate(CHAPTERS.items(), 1):
        lines = ["Handbook of the Lark", None, (title, 18), None]
        found.append([*lines, *_lines(text), None, f"Page {number}"])
    return found


def handbook() -> bytes:
    """Return the handbook as a PDF."""
    return pdf(*pages())


def _lines(text: str, width: int = 70) -> list[str]:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines

import pytest

from core.data.findings.personal import (
    has_personal_data,
    has_valid_check_digit,
    hide_personal_data,
    is_iban,
    may_hold_personal_data,
)
from tests.core.data.examples import INNOCENT


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("Mail anna.schmidt@gmx.de now", "Mail [email] now"),
        ("bob+news@mail.uni-berlin.de", "[email]"),
        ("+49 30 9018 2274", "[phone]"),
        ("(212) 736-5000", "[phone]"),
        ("Anna (+49 30 9669 8781)", "Anna ([phone])"),
        ("212-736-5002", "[phone]"),
        ("Tel. 089 4233 9012", "Tel. [phone]"),
        ("call me at 030/901820", "call me at [phone]"),
        ("0171 5550 1234", "[phone]"),
        ("@447700900123 are you home?", "[phone] are you home?"),
        ("0171/2367889", "[phone]"),
        ("0171-2367889", "[phone]"),
        ("01712367889", "[phone]"),
        ("(030) 901820", "[phone]"),
        ("(0171) 55 50 123", "[phone]"),
        ("030/901820", "[phone]"),
        ("030 / 90 18 20", "[phone]"),
        ("030 \u2013 9018 2274", "[phone]"),
        ("Ring 07700 900123, or 020 7946 0958.", "Ring [phone], or [phone]."),
        ("01 42 68 53 07 or 01.42.68.53.07", "[phone] or [phone]"),
        ("+44 7700 900 123", "[phone]"),
        ("+44 7700 900123", "[phone]"),
        ("+44 (0)20 7946 0958", "[phone]"),
        ("+49 (0)171/2367889", "[phone]"),
        ("+49-171-2367889", "[phone]"),
        ("0049 171 2367889", "[phone]"),
        ("ingrid.soerensen@example.org", "[email]"),
        ("Mail Paul_Roeder@mail.example.com!", "Mail [email]!"),
        ("card 4539 1488 0343 6467", "card [card number]"),
        ("5425233430109903", "[card number]"),
        ("DE89 3704 0044 0532 0130 00", "[bank account]"),
        ("GB82WEST12345698765432", "[bank account]"),
        ("555-52-5031", "[social security number]"),
        ("SSN 536-22-8127", "SSN [social security number]"),
        ("from 84.17.45.203 today", "from [network address] today"),
    ],
)
def test_personal_data_is_found_and_hidden(text, hidden):
    assert may_hold_personal_data(text) or "IBAN" in text
    assert has_personal_data(text)
    assert hide_personal_data(text) == hidden
    assert not has_personal_data(hidden)


@pytest.mark.parametrize(
    "text",
    [
        "user@example.com", "name@domain.com", "noreply@github.com", "git@github.com:a/b.git",
        "postgres://anna:h7Gk29sLq@db.internal:5432/main",
        "@property", "a @ b", "logo@2x.png", "numpy@1.2", "555-123-4567", "(555) 555-0123",
        "4111 1111 1111 1111", "4539 1488 0343 6468", "DE89 3704 0044 0532 0130 01",
        "123-45-6789",
        "078-05-1120", "000-12-3456", "192.168.1.1", "127.0.0.1", "10.0.0.5", "255.255.255.0",
        "8.8.8.8", "version 84.17.45.203", "1.2.3.4", "2.10.4.1", "3.14159265358979323846",
        "1234567890123456", "2021-03-04", "2021-03-04 12:30:45", "978-3-16-148410-0",
        "1,234,567.89", "0x1f2e3d4c5b6a", "1609459200", "10:30-12:45", "rooms 101-110",
        "The years 1914-1918 and 1939-1945", "+1 -1 +2 -2", "3 + 4 = 7", "1 2 3 4 5 6 7 8 9",
        "123e4567-e89b-12d3-a456-426614174000", "call f(1000000)",
        "f(+12 3456 78 90)", "phone: yes",
        "The call took 30 minutes", "call it on 2024-01-15",
        "john.doe@example.com", "user.name@example.org", "max.mustermann@example.de",
        "me@example.org", "first.last@example.com", "info@example.net",
        "01.02.2023", "02/03/2024", "03-04-2025", "01 02 2023", "on 05.06.2021 and 07.08.2022",
        "2023-01-05 08:30", "ISBN 0-306-40615-2", "ISBN 0306406152", "ISBN 978-0-306-40615-7",
        "0716703440", "order 0123-45987654", "Bestellnummer: 0171 2367 8890", "Ref. 0345/778899",
        "invoice no. 0345 778 899", "from 0800-1800", "0830 0900 1015", "modes 0755 0644 0600",
        "01067 Dresden", "0.15 or 0,15", "0345 778,90", "0101 0011 1100", "0123 4567 8901 2345 67",
        "v0.12.345", "0020-01-01 01:00", "0011 0011 0011 0011", "MA 02110-1301",
        "01 02 03 04 05 06 07",
        "010.020.030.040", "Rooms 012 013", "00 11 22 33", "0800-2000-X",
        "me@4477009001234.org", "@user1234567890", "@2024",
        "phone (15.01.2024)", "cell (3, 4) is 17",
        "fibonacci: 1 1 2 3 5 8 13 21 34 55 89 144", "5! = 120, 10! = 3628800",
        *(answer for _, answer in INNOCENT),
    ],
)  # fmt: skip
def test_other_numbers_and_signs(text):
    assert not has_personal_data(text), hide_personal_data(text)


def test_checksums():
    assert has_valid_check_digit("4539148803436467")
    assert not has_valid_check_digit("4539148803436468")
    assert is_iban("FR14 2004 1010 0505 0001 3M02 606")
    assert not is_iban("FR14 2004 1010 0505 0001 3M02 607")
    assert not is_iban("DE89")


def test_several_in_one_text():
    text = "Anna: anna@posteo.de, +49 171 3920 558; Bob: bob@posteo.de"
    assert hide_personal_data(text) == "Anna: [email], [phone]; Bob: [email]"


def test_a_number_that_looks_made_up_is_hidden_too_where_it_is_called_a_telephone():
    text = "Mail an j.boehm@web.de oder Tel. 030 1234567."
    assert hide_personal_data(text) == "Mail an [email] oder Tel. [phone]."
    assert not has_personal_data("Tel. 030 1234567"), "alone it is no reason to ask"

"""Small words, months and number words of the languages that the checker knows."""

from __future__ import annotations

import re
import unicodedata
from functools import cache


def words_of(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


SMALL = {  # not shown: words that are matched in texts
    "en": words_of(
        "the a an this that these those it he she they we you i in on at of for to from by "
        "with and or but not no yes is are was were be has have had do does did will would "
        "can could should may might must as if when while where who what which how why there "
        "here then so also its his her their our your my one first second all some any each "
        "every both most more many much such other another only just even now today after "
        "before during since until because although however therefore thus note please see "
        "use used using sure certainly according overall finally moreover furthermore "
        "additionally instead yet still again"
    ),
    "de": words_of(
        "der die das den dem des ein eine einen einem einer eines und oder aber nicht kein "
        "keine ist sind war waren wird werden wurde wurden hat haben hatte kann können muss "
        "soll in im an am auf aus bei mit nach von vom zu zum zur über unter für um durch "
        "gegen ohne bis seit als wie wenn weil dass ob es er sie wir ihr ich du man sich auch "
        "nur noch schon so dann da hier dort dieser diese dieses jeder jede jedes alle viele "
        "mehr sehr ja nein seine ihre sein ihr laut außerdem jedoch deshalb damit dabei "
        "danach zuerst heute gestern natürlich gern insgesamt"
    ),
    "fr": words_of(
        "le la les un une des du de d l et ou mais ne pas est sont était étaient a ont avait "
        "sera dans en au aux sur sous par pour avec sans chez vers il elle ils elles on nous "
        "vous je tu ce cet cette ces son sa ses leur leurs qui que quoi dont où si comme "
        "quand plus moins très aussi selon ainsi donc alors enfin cependant oui non voici "
        "tout tous toute bien sûr après avant"
    ),
    "es": words_of(
        "el la los las un una unos unas y o pero no es son era eran fue fueron ha han había "
        "será en de del al a por para con sin sobre entre hasta desde él ella ellos ellas se "
        "lo le su sus este esta estos estas ese esa que quien cual donde cuando como si más "
        "menos muy también según sí claro además sin embargo entonces por tanto así todo "
        "todos toda después antes"
    ),
    "pt": words_of(
        "o a os as um uma uns umas e ou mas não é são era eram foi foram tem têm havia será "
        "em no na nos nas de do da dos das ao à por pelo pela para com sem sobre entre até "
        "desde ele ela eles elas se seu sua seus suas este esta esse essa que quem qual onde "
        "quando como mais menos muito também segundo sim claro além disso porém então assim "
        "todo todos toda depois antes"
    ),
    "it": words_of(
        "il lo la i gli le un uno una e o ma non è sono era erano fu ha hanno in nel nella di "
        "del della al alla da dal per con su tra fra che chi cui dove quando come se più meno "
        "molto anche secondo sì questo questa quello quella suo sua loro dopo prima tutto "
        "tutti"
    ),
    "nl": words_of(
        "de het een en of maar niet is zijn was waren heeft hebben in op aan van voor met "
        "door bij naar uit over onder hij zij wij ik je men ook nog dan als dat die dit deze "
        "er"
    ),
}
EVERY_SMALL = frozenset().union(*SMALL.values())

_MONTHS = (  # not shown: words that are matched in texts
    "january jan januar janvier janv enero ene janeiro gennaio januari",
    "february feb februar février fevr févr febrero fevereiro fev febbraio februari",
    "march mar märz mrz mars marzo março maart",
    "april apr avril avr abril abr aprile",
    "may mai mayo maio maggio mei",
    "june jun juni juin junio junho giugno",
    "july jul juli juillet juil julio julho luglio",
    "august aug août aout agosto ago augustus",
    "september sep sept septembre septiembre setembro set settembre",
    "october oct oktober okt octobre octubre outubro out ottobre",
    "november nov novembre noviembre novembro",
    "december dec dezember dez décembre déc diciembre dic dezembro dicembre",
)
MONTHS = {word: number for number, words in enumerate(_MONTHS, 1) for word in words.split()}

WEEKDAYS = words_of(  # not shown: words that are matched in texts
    "monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag "
    "freitag samstag sonnabend sonntag"
)

_UNITS = (  # not shown: words that are matched in texts
    "zero null zéro cero",
    "one eins ein eine un une uno una um uma",
    "two zwei deux dos dois duas",
    "three drei trois tres três",
    "four vier quatre cuatro quatro",
    "five fünf cinq cinco",
    "six sechs seis",
    "seven sieben sept siete sete",
    "eight acht huit ocho oito",
    "nine neun neuf nueve nove",
    "ten zehn dix diez dez",
    "eleven elf onze once",
    "twelve zwölf douze doce doze",
    "thirteen dreizehn treize trece treze",
    "fourteen vierzehn quatorze catorce catorze",
    "fifteen fünfzehn quinze quince",
    "sixteen sechzehn seize dieciséis dezesseis",
    "seventeen siebzehn diecisiete dezessete",
    "eighteen achtzehn dieciocho dezoito",
    "nineteen neunzehn diecinueve dezenove",
)
_TENS = {  # not shown: words that are matched in texts
    20: "twenty zwanzig vingt veinte vinte",
    30: "thirty dreißig trente treinta trinta",
    40: "forty vierzig quarante cuarenta quarenta",
    50: "fifty fünfzig cinquante cincuenta cinquenta",
    60: "sixty sechzig soixante sesenta sessenta",
    70: "seventy siebzig setenta",
    80: "eighty achtzig ochenta oitenta",
    90: "ninety neunzig noventa",
}
_LARGE = {  # not shown: words that are matched in texts
    100: "hundred hundert cent cien ciento cem",
    1000: "thousand tausend mille mil",
    1_000_000: "million millionen millions millón millones milhão milhões",
}
NUMBER_WORDS = (
    {word: number for number, words in enumerate(_UNITS) for word in words.split()}
    | {word: number for number, words in _TENS.items() for word in words.split()}
    | {word: number for number, words in _LARGE.items() for word in words.split()}
)
_HANZI = {c: n for n, c in enumerate("〇一二三四五六七八九")} | {
    "两": 2,
    "零": 0,
}  # not shown: digits
_HANZI_LARGE = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "億": 10**8, "亿": 10**8}
HANZI_NUMBER = re.compile("[〇零一二两三四五六七八九十百千万億亿]+")


def hanzi_value(text: str) -> int:
    """Return what Chinese or Japanese number signs say."""
    if not any(sign in _HANZI_LARGE for sign in text):
        return int("".join(str(_HANZI[sign]) for sign in text))
    total = part = digit = 0
    for sign in text:
        if sign in _HANZI:
            digit = _HANZI[sign]
            continue
        large = _HANZI_LARGE[sign]
        if large >= 10_000:
            total += (part + digit or 1) * large
            part = 0
        else:
            part += (digit or 1) * large
        digit = 0
    return total + part + digit


@cache
def folded(word: str) -> str:
    """Return a word in small letters and without accents."""
    parts = unicodedata.normalize("NFKD", word.replace("ß", "ss")).casefold()
    return "".join(sign for sign in parts if not unicodedata.combining(sign))


def is_german(text: str) -> bool:
    """Return whether small words of German are the most frequent: it writes nouns with capitals."""
    words = re.findall(r"[^\W\d_]+", text.lower())
    counts = {name: sum(word in small for word in words) for name, small in SMALL.items()}
    return counts["de"] > 0 and counts["de"] >= max(counts.values())

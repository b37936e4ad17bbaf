"""Stray HTML and template tokens in prose. Code, and talk about HTML, are left alone."""

from __future__ import annotations

import html
import re

from selectolax.lexbor import LexborHTMLParser

_NAMES = (
    "a|abbr|article|b|blockquote|body|br|button|center|cite|code|dd|del|div|dl|dt|em|figure|font"
    "|footer|form|h[1-6]|head|header|hr|html|i|iframe|img|input|ins|label|li|link|main|mark|meta"
    "|nav|ol|option|p|pre|script|section|select|small|span|strong|style|sub|sup|table|tbody|td"
    "|textarea|tfoot|th|thead|title|tr|tt|u|ul"
)
_TAG = re.compile(rf"<(/?)({_NAMES})(\s[^<>]*)?(/?)>", re.I)
_VOID = frozenset({"br", "hr", "img", "input", "link", "meta"})
_ENTITY = re.compile(
    r"&(?:nbsp|amp|lt|gt|quot|apos|rsquo|lsquo|rdquo|ldquo|mdash|ndash|hellip|copy|eacute|uuml"
    r"|#\d{2,5}|#x[0-9a-f]{2,5});", re.I
)  # fmt: skip
_COMMENT = re.compile(r"<!--.*?-->", re.S)
_TOKENS = re.compile(
    r"<\|(?:im_start|im_end|endoftext|eot_id|begin_of_text|start_header_id|end_header_id|system"
    r"|user|assistant|end|eom_id)\|>|\[/?INST\]|<</?SYS>>|<(?:start|end)_of_turn>|</s>(?=\s*$)"
)
_TOKEN_BEGINS = ("<|", "INST]", "SYS>>", "_of_turn>", "</s>")
_FENCE = re.compile(r"```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)|``[^\n]+?``|`[^`\n]+`", re.S)
_QUOTED = re.compile(r"\"[^\"\n]{1,200}\"|'<[^'\n]{1,80}'|‘[^’\n]{1,80}’|“[^”\n]{1,80}”")
_BEGINS_AS_CODE = re.compile(
    r"\s*(?:(?:async )?def \w+\(|class \w+(?:\(|:|\s*\{)|import [\w.]+$|from [\w.]+ import "
    r"|#include\b|#!/|@\w+(?:\(|$)|>>> |(?:export |async )*function\b|(?:const|let|var) \w+ ?="
    r"|(?:public|private|protected) (?:static |final |class )|package [\w.]+;?$|using \w[\w.]*;)",
    re.M,
)
_ABOUT_MARKUP = re.compile(
    r"\b(?:html5?|xml|xhtml|css|svg|jsx|tsx|react|vue|angular|markup|tags?|dom|web ?page|web ?site"
    r"|web ?app|websites?|front-?end|javascript|jquery|php|asp|jsp|django|flask|jinja|template"
    r"|hyperlink|bootstrap|scrap\w+|selenium|beautiful ?soup|chat ?ml|special tokens?|browser"
    r"|anchor|rss|wordpress|handlebars|ejs|thymeleaf|typescript|node\.?js|express(?:\.js)?)\b",
    re.I,
)
_DOCUMENT = re.compile(r"<!doctype|<html\b|<\?php|<\?xml|<svg\b", re.I)
_CODE_LINE = re.compile(
    r"^\s*(?:import |from \S+ import|def |class |function |const |let |var |public |private "
    r"|#include|>>> |return\b|if ?\(|for ?\(|while ?\(|package |using |@\w+|//|/\*|\}|\{)"
    r"|[;{}]\s*$|=>",
    re.M,
)
_BLOCK_END = re.compile(
    r"(</(?:p|div|h[1-6]|li|tr|table|ul|ol|blockquote|section)\s*>|<br\s*/?>|<hr\s*/?>)\s*\n?", re.I
)
_SCRIPT = re.compile(r"<(script|style)\b.*?</\1\s*>", re.S | re.I)


def has_stray_markup(text: str, question: str) -> bool:
    """Return whether prose holds HTML tags, entities or a chat template's tokens.

    Args:
        question: what was asked; a question about markup explains all of it.
    """
    if "<" not in text and "&" not in text and "[" not in text:
        return False
    has_tokens = any(begin in text for begin in _TOKEN_BEGINS) and _TOKENS.search(text)
    has_tags = _TAG.search(text) or _ENTITY.search(text) or _COMMENT.search(text)
    if not (has_tokens or has_tags) or _ABOUT_MARKUP.search(question):
        return False
    if has_tokens and not has_tags:
        return _TOKENS.search(_QUOTED.sub(" ", _FENCE.sub(" ", text))) is not None
    if _DOCUMENT.search(text):
        return bool(has_tokens)
    prose = _FENCE.sub(" ", text)
    return not looks_like_code(prose) and (_has_markup(prose) or bool(has_tokens))


def looks_like_code(text: str) -> bool:
    """Return whether the text begins as a program, or a third of its lines are lines of one."""
    if _BEGINS_AS_CODE.match(text):
        return True
    lines = [line for line in text.splitlines() if line.strip()]
    return len(lines) > 1 and 3 * len(_CODE_LINE.findall(text)) >= len(lines)


def _has_markup(prose: str) -> bool:
    if _ENTITY.search(prose) or _COMMENT.search(prose):
        return True
    tags = _TAG.findall(prose)
    closed = {name.lower() for slash, name, _, _ in tags if slash}
    return any(
        name.lower() in _VOID or "=" in attributes or name.lower() in closed
        for _, name, attributes, _ in tags
    )


def strip_markup(text: str) -> str:
    """Return ``text`` without tags, comments and template tokens, entities as characters.

    Code between back ticks and any ``<`` that begins no HTML tag stay as they are.
    """
    text = _TOKENS.sub("", text)
    parts, last = [], 0
    for match in _FENCE.finditer(text):
        parts += [_strip_prose(text[last : match.start()]), match.group()]
        last = match.end()
    return "".join([*parts, _strip_prose(text[last:])])


def _strip_prose(text: str) -> str:
    if "<" not in text and "&" not in text:
        return text
    text = _BLOCK_END.sub(r"\1\n", _SCRIPT.sub("", _COMMENT.sub("", text)))
    if not _TAG.search(text):
        return _unescape(text)
    guarded, last = [], 0
    for match in _TAG.finditer(text):
        guarded += [_guard(text[last : match.start()]), match.group()]
        last = match.end()
    guarded.append(_guard(text[last:]))
    body = LexborHTMLParser(f"<body><pre>\n{''.join(guarded)}</pre></body>").body
    return _unescape(body.text() if body is not None else text)


def _guard(text: str) -> str:
    """Escape what is no tag, so that the parser gives it back unchanged."""
    return html.escape(_unescape(text), quote=False)


def _unescape(text: str) -> str:
    return _ENTITY.sub(lambda match: html.unescape(match.group()), text).replace("\xa0", " ")

"""Documents made in the tests: a PDF, a Word file, an electronic book."""

import io
import zipfile
from xml.sax.saxutils import escape

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
LEFT, TOP, PITCH, SIZE = 72, 770, 14, 11


def pdf(*pages):
    """Return a PDF; a page is a list of lines, ``None`` for a gap, or ``(text, size)``."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", _FONT]
    kids = []
    for lines in pages:
        content = _drawn(lines)
        objects.append(b"<< /Length %d >>\nstream\n" % len(content) + content + b"\nendstream")
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
            b"/Resources << /Font << /F 3 0 R >> >> >>" % len(objects)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids))
    return _file(objects)


_FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"


def _drawn(lines):
    out, y = [], TOP
    for line in lines:
        text, size = line if isinstance(line, tuple) else (line, SIZE)
        if text:
            said = text.encode("cp1252").replace(b"\\", b"\\\\")
            said = said.replace(b"(", b"\\(").replace(b")", b"\\)")
            out.append(b"BT /F %d Tf %d %d Td (%s) Tj ET" % (size, LEFT, y, said))
        y -= PITCH
    return b"\n".join(out)


def _file(objects):
    out = io.BytesIO()
    out.write(b"%PDF-1.4\n")
    places = []
    for number, content in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n" % number + content + b"\nendobj\n")
    table = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.writelines(b"%010d 00000 n \n" % place for place in places)
    out.write(b"trailer\n<< /Size %d /Root 1 0 R >>\n" % (len(objects) + 1))
    out.write(b"startxref\n%d\n%%%%EOF\n" % table)
    return out.getvalue()


def locked_pdf():
    """Return a PDF that wants a password, which nobody knows."""
    lock = (
        b"trailer\n<< /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s> >> "
        b"/ID [<01> <01>] " % (b"ab" * 32, b"cd" * 32)
    )
    return pdf(["Secret"]).replace(b"trailer\n<< ", lock)


def docx(*blocks):
    """Return a Word file; a block is a text, ``(style, text)`` or a table as a list of rows."""
    body = "".join(map(_block, blocks))
    styles = (
        f'<w:styles xmlns:w="{W}"><w:style w:styleId="berschrift1"><w:name w:val="heading 1"/>'
        f"</w:style></w:styles>"
    )
    return packed(
        {
            "word/document.xml": f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>',
            "word/styles.xml": styles,
        }
    )


def _block(block):
    if isinstance(block, list):
        return f"<w:tbl>{''.join(map(_row, block))}</w:tbl>"
    style, text = block if isinstance(block, tuple) else ("", block)
    said = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{said}<w:r><w:t>{escape(text)}</w:t></w:r></w:p>"


def _row(cells):
    return "<w:tr>" + "".join(f"<w:tc>{_block(cell)}</w:tc>" for cell in cells) + "</w:tr>"


def epub(*chapters, **more):
    """Return an electronic book of chapters in HTML; they stand in the file in reverse order."""
    names = [f"c{n}.xhtml" for n in range(len(chapters))]
    items = "".join(f'<item id="i{n}" href="{name}"/>' for n, name in enumerate(names))
    spine = "".join(f'<itemref idref="i{n}"/>' for n in range(len(chapters)))
    parts = {
        f"OPS/{name}": text for name, text in reversed(list(zip(names, chapters, strict=True)))
    }
    return packed(
        {
            **parts,
            "META-INF/container.xml": '<container><rootfiles><rootfile full-path="OPS/b.opf"/>'
            "</rootfiles></container>",
            "OPS/b.opf": f"<package><manifest>{items}</manifest><spine>{spine}</spine></package>",
            **more,
        }
    )


def packed(parts):
    """Return a ZIP archive of texts by name."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()

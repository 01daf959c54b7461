"""Files of other formats, made for a test."""

import io
import zipfile
from collections.abc import Iterable
from typing import Any


def word(*blocks: Any, comments: Iterable[tuple[str, str]] = ()) -> bytes:
    """Return a Word file: strings are paragraphs ("# " a heading, "- " an item), lists of rows are tables."""
    import docx

    document = docx.Document()
    for block in blocks:
        if isinstance(block, str) and block.startswith("# "):
            document.add_heading(block[2:], level=1)
        elif isinstance(block, str):
            document.add_paragraph(block.removeprefix("- "), style="List Bullet" if block.startswith("- ") else None)
        else:
            table = document.add_table(rows=0, cols=len(block[0]))
            for row in block:
                for cell, words in zip(table.add_row().cells, row, strict=True):
                    cell.text = words
    for author, words in comments:
        document.add_comment(document.paragraphs[0].runs, text=words, author=author)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def with_part(data: bytes, name: str, old: str, new: str) -> bytes:
    """Return an Office file in which one part's text is changed."""
    source, out = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for member in source.namelist():
            content = source.read(member)
            if member == name:
                assert old in content.decode()
                content = content.decode().replace(old, new).encode()
            target.writestr(member, content)
    return out.getvalue()


def pdf(*pages: str) -> bytes:
    """Return a PDF file with a text layer; each page one string of lines (Latin-1)."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    kids = []
    for page in pages:
        shown = " ".join(f"({line.replace('(', '[').replace(')', ']')}) Tj T*" for line in page.split("\n"))
        stream = f"BT /F1 11 Tf 14 TL 50 780 Td {shown} ET" if page else ""
        kids.append(f"{len(objects) + 1} 0 R")
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 "
            f"/BaseFont /Helvetica /Encoding /WinAnsiEncoding >> >> >> /Contents {len(objects) + 2} 0 R >>"
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    out, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n{content}\nendobj\n".encode("latin-1")
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    tail = (
        f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\n"
    )
    return out + f"{tail}startxref\n{len(out)}\n%%EOF\n".encode()

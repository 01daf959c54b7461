"""Files of other formats, made for a test."""

import io
import struct
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime
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
    return _pdf_of_streams(
        [
            f"BT /F1 11 Tf 14 TL 50 780 Td {' '.join(f'({_bare(line)}) Tj T*' for line in page.split(chr(10)))} ET"
            if page
            else ""
            for page in pages
        ]
    )


def drawn_pdf(*pages: list[tuple[float, float, str]] | None, rotation: int = 0) -> bytes:
    """Return a PDF file whose words stand at places: left edge and baseline in points, and the words; None is a scan.

    With a rotation, the words are turned on the sheet, which is shown turned back.
    """
    turned = {
        0: "1 0 0 1 {0} {1}", 90: "0 1 -1 0 {3} {0}", 180: "-1 0 0 -1 {2} {3}", 270: "0 -1 1 0 {1} {2}",
    }[rotation]  # fmt: skip
    streams = []
    for page in pages:
        if page is None:
            streams.append("q 595 0 0 842 0 0 cm BI /W 1 /H 1 /CS /G /BPC 8 ID w EI Q")
            continue
        shown = [
            f"{turned.format(*(f'{x:.2f}' for x in (left, base, 595 - left, 842 - base)))} Tm ({_bare(words)}) Tj"
            for left, base, words in page
        ]
        streams.append(f"BT /F1 11 Tf {' '.join(shown)} ET")
    return _pdf_of_streams(streams, rotation)


def _bare(line: str) -> str:
    return line.replace("(", "[").replace(")", "]").replace("\u2022", "\x95")


def _pdf_of_streams(streams: Iterable[str], rotation: int = 0) -> bytes:
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    kids = []
    for stream in streams:
        kids.append(f"{len(objects) + 1} 0 R")
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Rotate {rotation} /Resources << /Font << /F1 << /Type /Font "
            f"/Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >> >> >> /Contents {len(objects) + 2} 0 R >>"
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


def slides(*pages: tuple[str, str, str]) -> bytes:
    """Return a PowerPoint file: title, words (lines are bullets) and notes of each slide."""
    import pptx

    presentation = pptx.Presentation()
    for title, words, notes in pages:
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = words
        if notes:
            slide.notes_slide.notes_text_frame.text = notes
    out = io.BytesIO()
    presentation.save(out)
    return out.getvalue()


_SECTOR, _MINI, _CUTOFF = 512, 64, 4096
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def outlook(
    subject: str, body: str, sender: str = "", sent: datetime | None = None, html: str = "", rich: bytes = b""
) -> bytes:
    """Return an Outlook message (MS-OXMSG): a compound file with one stream for each property."""
    texts = {0x001A: "IPM.Note", 0x0037: subject, 0x1000: body, 0x007D: f"From: {sender}\r\n" if sender else ""}
    streams = {f"__substg1.0_{tag:04X}001F": words.encode("utf-16-le") for tag, words in texts.items() if words}
    properties = [
        struct.pack("<HHIII", 0x1F, tag, 6, len(words.encode("utf-16-le")) + 2, 0)
        for tag, words in texts.items()
        if words
    ]
    if html:
        streams["__substg1.0_10130102"] = html.encode()
        properties.append(struct.pack("<HHIII", 0x102, 0x1013, 6, len(html.encode()), 0))
        properties.append(struct.pack("<HHIII", 0x03, 0x3FDE, 6, 65001, 0))
    if rich:
        streams["__substg1.0_10090102"] = rich
        properties.append(struct.pack("<HHIII", 0x102, 0x1009, 6, len(rich), 0))
    if sent:
        ticks = int((sent - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()) * 10_000_000
        properties.append(struct.pack("<HHIQ", 0x40, 0x0039, 6, ticks))
    streams["__properties_version1.0"] = struct.pack("<8xIIII8x", 0, 0, 0, 0) + b"".join(properties)
    return compound(streams)


def compound(streams: dict[str, bytes]) -> bytes:
    """Return an OLE compound file (MS-CFB, version 3) with these streams below its root."""
    names = sorted(streams, key=lambda name: (len(name), name.upper()))
    minifat: list[int] = []
    mini = b""
    fat: list[int] = []
    sectors: list[bytes] = []

    def chain(data: bytes) -> int:
        """Store data in sectors of its own, and return the first."""
        first = len(sectors)
        for at in range(0, len(data), _SECTOR):
            sectors.append(data[at : at + _SECTOR].ljust(_SECTOR, b"\0"))
            fat.append(len(sectors))
        fat[-1] = _END
        return first

    places = {}
    for name in names:
        data = streams[name]
        if len(data) >= _CUTOFF:
            places[name] = chain(data)
            continue
        places[name] = len(minifat)
        count = -(-len(data) // _MINI)
        minifat += [*range(len(minifat) + 1, len(minifat) + count), _END]
        mini += data.ljust(count * _MINI, b"\0")

    def entry(name: str, kind: int, start: int, size: int, child: int = _FREE, right: int = _FREE) -> bytes:
        raw = name.encode("utf-16-le")
        return struct.pack("<64sHBBIII16xI8x8xIQ", raw, len(raw) + 2, kind, 1, _FREE, right, child, 0, start, size)

    mini_start = chain(mini)
    root = entry("Root Entry", 5, mini_start, len(mini), child=1)
    entries = [
        entry(name, 2, places[name], len(streams[name]), right=i + 2 if i + 1 < len(names) else _FREE)
        for i, name in enumerate(names)
    ]
    directory = chain(b"".join([root, *entries]).ljust(-(-(len(entries) + 1) // 4) * _SECTOR, b"\0"))
    minifat_start = chain(struct.pack(f"<{len(minifat)}I", *minifat).ljust(-(-len(minifat) // 128) * _SECTOR, b"\xff"))
    fat_place = len(sectors)
    fat.append(_FAT)
    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, directory, 0,
        _CUTOFF, minifat_start, -(-len(minifat) // 128), _END, 0, fat_place,
    ).ljust(_SECTOR, b"\xff")  # fmt: skip
    return header + b"".join(sectors) + struct.pack(f"<{len(fat)}I", *fat).ljust(_SECTOR, b"\xff")

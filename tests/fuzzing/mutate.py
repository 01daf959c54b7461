"""Damage to bytes, as disks, mail programs and enemies do it: deterministic for a seed."""

import random
from collections.abc import Sequence

TOKENS = (
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\r", b"\n\n", b"\t", b"\x1b[31m", b"\xe2\x80\xae", b"\xed\xa0\x80", b"---\n", b"```",
    b"<![CDATA[", b"<!DOCTYPE x [<!ENTITY a \"b\">]>", b"&a;", b"<w:p>", b"</w:t>", b"%PDF", b"endobj", b"stream", b"PK\x03\x04",
    b"00:00:01.000 --> 00:00:02.000", b"From: ", b"Content-Type: multipart/mixed; boundary=b\n", b"=?utf-8?b?", b"\"", b",", b"|",
    b"> ", b"# ", b"- ", b"[[", b"<v ", b"a: &a [*a]", b"!!python/object", b"\xe2\x9f\xa6n1|", b"\xe2\x9f\xa7", b"9" * 30, b" " * 500,
)  # fmt: skip
MOST_BYTES = 200_000


def mutate(data: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    """Return the data after a few changes.

    Args:
        data: What to damage.
        others: What to take pieces from.
        chance: Decides everything.
    """
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        at = chance.randrange(len(changed) + 1)
        end = min(len(changed), at + chance.choice((1, 2, 8, 64, 1000)))
        match chance.randrange(7):
            case 0 if changed:
                changed[at % len(changed)] ^= 1 << chance.randrange(8)
            case 1:
                changed[at:at] = chance.choice(TOKENS)
            case 2:
                del changed[at:end]
            case 3:
                changed[at:at] = changed[at:end] * chance.choice((1, 3, 50))
            case 4:
                other = chance.choice(others)
                start = chance.randrange(len(other) + 1)
                changed[at:end] = other[start : start + chance.choice((4, 40, 400))]
            case 5:
                changed[at:end] = chance.randbytes(end - at)
            case _:
                changed = changed[: max(1, at)]
    return bytes(changed[:MOST_BYTES])

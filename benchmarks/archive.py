"""Make an archive of any size from the labelled notes, for measuring only.

    make archive N=10000                    (python -m benchmarks.archive FOLDER N)

Folders by client and year, and a zip file; of a hundred notes about four are copies of others, six in UTF-16 or
Windows-1252, one empty, one binary, one cut off in the middle of a character. The same N gives the same archive.
"""

import random
import sys
import zipfile
from pathlib import Path

from notesense.evaluation.cases import load_cases

ROOT = Path(__file__).parents[1]
CLIENTS = (
    "Oakmere College",
    "Pell County",
    "City of Marlow",
    "marlow dpw",
    "Tollan Port",
    "Harrow Mutual",
    "SBH",
    "Ellery Zoo",
)
IN_ZIP = 50
"""Every so many notes one goes into the zip file."""


def make_archive(folder: Path, count: int) -> None:
    """Write an archive of so many notes.

    Args:
        folder: Where it goes; must not be there yet.
        count: How many notes, copies and broken ones included.
    """
    texts = [case.note.text for case in load_cases(ROOT / "eval/notes") if not case.note.text.startswith("---")]
    drawn = random.Random(count)
    folder.mkdir(parents=True)
    before: list[bytes] = []
    with zipfile.ZipFile(folder / "older.zip", "w", zipfile.ZIP_DEFLATED) as older:
        for number in range(count):
            client, year = drawn.choice(CLIENTS), drawn.randint(2019, 2026)
            head = f"client: {client}\ndate: {year}-{drawn.randint(1, 12):02}-{drawn.randint(1, 28):02}\n\nNo. {number}\n\n"
            data = _encoded(head + drawn.choice(texts), drawn, before)
            name = f"{client.lower().replace(' ', '-')}/{year}/{number:06}.md"
            if number % IN_ZIP == 0:
                older.writestr(name, data)
            else:
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
            before.append(data)


def _encoded(text: str, drawn: random.Random, before: list[bytes]) -> bytes:
    kind = drawn.random()
    if kind < 0.04 and before:
        return drawn.choice(before)
    if kind < 0.07:
        return text.encode("utf-16")
    if kind < 0.10:
        return text.replace("'", "’").encode("cp1252", "replace")
    if kind < 0.11:
        return b" \n"
    if kind < 0.12:
        return bytes(drawn.randrange(256) for _ in range(400))
    if kind < 0.13:
        return text.encode("utf-8") + "é".encode()[:1]
    return text.encode("utf-8")


if __name__ == "__main__":
    make_archive(Path(sys.argv[1]), int(sys.argv[2]))

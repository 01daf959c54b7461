"""``notesense read``."""

from pathlib import Path
from typing import Annotated

import typer

from notesense.cli.output import command_settings


def read(
    file: Annotated[Path, typer.Argument(help="A note of any format; - for standard input.", show_default=False, allow_dash=True)],
    text: Annotated[bool, typer.Option("--text", help="Print the words alone, as they are analysed.")] = False,
) -> None:  # fmt: skip
    """Show what is understood of a note before anything is looked for: what it is about, who speaks for whom, its sentences."""
    from notesense.chunking import split_note
    from notesense.cli.output import say, to_stdout
    from notesense.domain.printable import one_line, printable
    from notesense.reading import read_note, read_stdin

    firm = command_settings().firm
    note = read_stdin(profile=firm) if str(file) == "-" else read_note(file, profile=firm)
    if text:
        to_stdout(printable(note.text))
        return
    lines: list[str] = []
    for name in ("title", "client", "client_unit", "author", "practice", "date", "language", "words"):
        lines.append(f"{name.replace('_', ' '):<12} {one_line(str(getattr(note, name) or '–'))}")
    sentences = split_note(note, firm)
    speakers = {s.speaker: s.side for s in sentences if s.speaker}
    if speakers:
        lines.append(f"{'speakers':<12} {one_line('; '.join(f'{name} ({side})' for name, side in speakers.items()))}")
    lines.append("")
    place = None
    for sentence in sentences:
        if (here := note.locator(sentence.start)) != place:
            place = here
            lines.append(f"[{here}]")
        who = f"{sentence.speaker}: " if sentence.speaker else ""
        lines.append(f"{sentence.form:<8} {one_line(who + sentence.text)}")
    to_stdout("\n".join(lines) + "\n")
    if note.client is None:
        say('Whose note it is does not stand in it: write "Client: NAME" at its head, or say --client NAME to analyze.')
    if unknown := [name for name, side in speakers.items() if side == "unknown"]:
        say(
            f"Whose side they are on is not known: {one_line(', '.join(unknown[:8]))}. Findings are surer where it is: name "
            'your own people in notesense.toml ([firm] people, mail_domains), or list them ("Client: Ana, Ben").'
        )

"""The ``notesense`` command: its subcommands, and what happens to errors."""

import errno
import gc
import os
import sys
from typing import Annotated

import typer

from notesense.cli import (
    accounts,
    analyze,
    batch,
    cache,
    config,
    doctor,
    evaluate,
    index,
    learn,
    mcp,
    prompts,
    purge,
    read,
    review,
    schema,
)
from notesense.cli.output import Loudness, complain, set_loudness
from notesense.errors import EXIT_BUG, NotesenseError, OutputError, UsageError

_DISK_FAULTS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO})
_ANYWHERE = frozenset({"--quiet", "-q", "--verbose", "-v"})
app = typer.Typer(
    name="notesense",
    help="Read meeting notes: what the client needs, where we pitched, which past work fits. Offline by default.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(analyze.analyze)
app.command()(read.read)
app.add_typer(batch.app, name="batch")
app.add_typer(accounts.app, name="accounts")
app.command()(review.review)
app.add_typer(learn.app, name="learn")
app.add_typer(index.app, name="index")
app.add_typer(evaluate.app, name="eval")
app.add_typer(prompts.app, name="prompts")
app.add_typer(cache.app, name="cache")
app.add_typer(config.app, name="config")
app.command()(mcp.mcp)
app.command()(schema.schema)
app.command()(doctor.doctor)
app.command()(purge.purge)


def _version(wanted: bool) -> None:
    if wanted:
        from notesense import __version__

        typer.echo(f"notesense {__version__}")
        raise typer.Exit


@app.callback()
def options(
    _shown: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but results and errors. May stand anywhere.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say more: where settings come from, what each note took. May stand anywhere.")] = False,
) -> None:  # fmt: skip
    """Read meeting notes: what the client needs, where we pitched, which past work fits. Offline by default."""
    if quiet and verbose:
        raise UsageError("--quiet and --verbose at once", "Choose one of them.")
    set_loudness(Loudness.quiet if quiet else Loudness.verbose if verbose else Loudness.normal)


def _hoist(arguments: list[str]) -> list[str]:
    """Return the arguments with ``--quiet`` and ``--verbose`` in front, where the command line's own options stand."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    ours = [a for a in arguments[:end] if a in _ANYWHERE]
    return [*ours, *(a for a in arguments[:end] if a not in _ANYWHERE), *arguments[end:]]


def main() -> None:
    """Run the command line; errors go to standard error, their code to the shell."""
    gc.set_threshold(50_000, 20, 20)  # a process of one second: collecting while importing costs a tenth of it
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # notes hold any character, whatever the console's code page
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        app(_hoist(sys.argv[1:]))
    except NotesenseError as error:
        complain(f"notesense: {error.message}")
        if error.hint:
            complain(f"  {error.hint}")
        sys.exit(error.exit_code)
    except Exception as error:
        if isinstance(error, OSError) and error.errno in _DISK_FAULTS:
            where = f"{error.filename}: " if error.filename else "the output: "
            complain(f"notesense: {where}{os.strerror(error.errno)}")
            complain("  Make room, or write to another place. What was finished before is kept.")
            sys.exit(OutputError.exit_code)
        if os.environ.get("NOTESENSE_DEBUG"):
            raise
        complain(f"notesense: a bug: {type(error).__name__}: {error}")
        complain("  Please report it with the output of: NOTESENSE_DEBUG=1 notesense …")
        sys.exit(EXIT_BUG)


def run() -> None:
    """Run the command line as a whole process, and leave at once when it is done.

    Everything is written and closed by then; taking Chroma and onnxruntime apart would take a tenth of the time again.
    """
    code: object = 0
    try:
        main()
    except SystemExit as leaving:
        code = leaving.code
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (BrokenPipeError, ValueError):  # nobody reads any more
            continue
    os._exit(code if isinstance(code, int) else int(code is not None))

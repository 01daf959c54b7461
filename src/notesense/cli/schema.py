"""``notesense schema``."""

import sys


def schema() -> None:
    """Print the JSON Schema of the report."""
    from notesense.reporting import json_schema

    sys.stdout.write(json_schema())

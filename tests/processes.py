"""Runs notesense as a process of its own; it inherits the clean environment and working folder of the test."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence

TIMEOUT = 120


def run_notesense(
    *arguments: object, env: Mapping[str, str] | None = None, prefix: Sequence[str] = (), stdin: bytes = b""
) -> "subprocess.CompletedProcess[bytes]":
    """Run ``python -m notesense``; ``env`` is added to the environment, ``prefix`` stands before the command."""
    command = [*prefix, sys.executable, "-m", "notesense", *map(str, arguments)]
    return subprocess.run(
        command, input=stdin, capture_output=True, env={**os.environ, **(env or {})}, timeout=TIMEOUT, check=False
    )


def start_script(script: str, *arguments: object) -> "subprocess.Popen[str]":
    """Start a Python script given as text; its output comes line by line."""
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

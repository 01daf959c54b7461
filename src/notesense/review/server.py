"""The server of the review app: on loopback, until Ctrl-C."""

import contextlib
import socket
import threading
import webbrowser
from collections.abc import Callable
from pathlib import Path

import uvicorn

from notesense.errors import UsageError
from notesense.reading.discover import JOURNAL
from notesense.review.app import Keys, Reviewer, make_app

ADDRESS = "127.0.0.1"


def last_port(folder: Path) -> int:
    """Return the port of the last review of a folder of corrections, 0 for none: a page that is open finds it again."""
    try:
        port = int((folder / JOURNAL / "port").read_text(encoding="ascii"))
        with socket.create_server((ADDRESS, port)):
            return port
    except (OSError, ValueError, OverflowError):
        return 0


def serve(reviewer: Reviewer, port: int, tell: Callable[[str], None], *, open_browser: bool) -> None:
    """Serve until somebody stops it.

    Args:
        reviewer: Answers the requests.
        port: The port; 0 for any that is free.
        tell: Called with the address for the first browser, and after each use with that for another one.
        open_browser: Whether to open the user's browser.

    Raises:
        UsageError: The port is taken.
    """
    try:
        listener = socket.create_server((ADDRESS, port))  # listens: a browser that comes at once waits
    except OSError as error:
        raise UsageError(
            f"port {port} cannot be used ({error.strerror or error})", "Leave out --port, or choose another."
        ) from None
    with listener:
        port = listener.getsockname()[1]
        with contextlib.suppress(OSError):
            (reviewer.folder / JOURNAL / "port").write_text(str(port), encoding="ascii")
        address = f"http://{ADDRESS}:{port}/?token="
        keys = Keys(used=lambda token: tell(f"Opened. For another browser: {address}{token}"))
        tell(f"Open {address}{keys.token}")
        config = uvicorn.Config(make_app(reviewer, keys, port), log_level="error", access_log=False, lifespan="off")
        if open_browser:
            threading.Thread(target=webbrowser.open, args=(address + keys.token,), daemon=True).start()
        with contextlib.suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[listener])

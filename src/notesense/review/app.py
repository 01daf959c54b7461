"""The pages and requests of the review app.

Every request but the first must bring the cookie that the first one got for the token; its Host must be this server, and a
change must come from its own page (Origin). Nothing in a note can run: the page allows its own script and style alone, and
shows notes as text.
"""

import secrets
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from notesense.domain.base import Frozen
from notesense.domain.printable import one_line, printable
from notesense.domain.solutions import Solution
from notesense.errors import NotesenseError
from notesense.reporting.labels import CATEGORY, TACTIC, WHERE
from notesense.review.corrections import ConflictError, Corrections, Saved
from notesense.review.queue import Material, Queue
from notesense.review.state import Review, faults, first_review

MOST_BYTES = 2_000_000
"""Of the body of a request."""
_FILES = {
    "/": ("app.html", "text/html"),
    "/app.css": ("app.css", "text/css"),
    **{f"/{name}.js": (f"{name}.js", "text/javascript") for name in ("app", "page", "saving", "showing")},
}
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Keys:
    """The tokens of addresses, each good for one browser, and the cookies that they were given for.

    Args:
        used: Called with the next token when one was used.
    """

    def __init__(self, used: Callable[[str], None]) -> None:
        self.token = secrets.token_urlsafe(32)
        self._cookies: set[str] = set()
        self._used = used

    def redeem(self, token: str) -> str | None:
        """Return a cookie for the token, which is no good any more; None where it never was."""
        if not secrets.compare_digest(token.encode(), self.token.encode()):
            return None
        self.token, cookie = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        self._cookies.add(cookie)
        self._used(self.token)
        return cookie

    def is_known(self, cookie: str) -> bool:
        """Tell whether a cookie was given here."""
        return any(secrets.compare_digest(cookie.encode(), known.encode()) for known in self._cookies)


class Guard:
    """Lets in who may, and adds the headers that keep a page to itself.

    Args:
        app: What is guarded.
        keys: Tokens and cookies.
        port: The server's port, which Host and Origin must name.
    """

    def __init__(self, app: ASGIApp, keys: Keys, port: int) -> None:
        self._app = app
        self._keys = keys
        self._hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
        self._cookie = f"notesense-{port}"  # cookies know no ports: two reviews on one machine keep theirs apart

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        await (self._refusal(scope) or self._app)(scope, receive, send_with_headers)

    def _refusal(self, scope: Scope) -> Response | None:
        request, headers = Request(scope), Headers(scope=scope)
        host = headers.get("host", "")
        if host not in self._hosts:
            return PlainTextResponse("This server answers to its own address alone.", 403)
        if scope["method"] not in ("GET", "HEAD") and headers.get("origin") != f"http://{host}":
            return PlainTextResponse("Changes come from the review page alone.", 403)
        token = QueryParams(scope["query_string"]).get("token") if scope["path"] == "/" else None
        if token is not None and (cookie := self._keys.redeem(token)):
            answer = RedirectResponse("/", 303)
            answer.set_cookie(self._cookie, cookie, httponly=True, samesite="strict")
            return answer
        if not self._keys.is_known(request.cookies.get(self._cookie, "")):
            return PlainTextResponse(
                "This address has been used already, or is not whole. The terminal in which notesense runs shows the next one.", 403
            )  # fmt: skip
        return RedirectResponse("/", 303) if token is not None else None


class Undo(Frozen):
    """A request to go back from a revision."""

    revision: int


class Change(Undo):
    """A request to keep a new state, made of the one of a revision."""

    review: Review


class Reviewer:
    """Answers the requests of the page.

    Args:
        queue: What is to be reviewed.
        corrections: Where it is kept.
        solutions: The past solutions that may be named.
        name: Who reviews.
    """

    def __init__(self, queue: Queue, corrections: Corrections, solutions: list[Solution], name: str) -> None:
        self._queue = queue
        self._corrections = corrections
        self._solutions = solutions
        self._name = name

    @property
    def folder(self) -> Path:
        """Where corrections are kept."""
        return self._corrections.folder

    def routes(self) -> list[Route]:
        """Return what is answered."""
        return [
            *(Route(path, _file) for path in _FILES),
            Route("/api/queue", self.overview),
            Route("/api/notes/{id}", self.show),
            Route("/api/notes/{id}", self.save, methods=["PUT"]),
            Route("/api/notes/{id}/undo", self.undo, methods=["POST"]),
        ]

    def overview(self, request: Request) -> Response:
        """Return the queue, the labels and the library."""
        return JSONResponse({
            "reviewer": self._name, "folder": str(self._corrections.folder),
            "categories": CATEGORY, "tactics": TACTIC, "where": WHERE,
            "solutions": [{"id": s.id, "title": one_line(f"{s.title} (for {s.client})")} for s in self._solutions],
            "notes": [
                {"id": e.id, "name": one_line(e.name), "findings": e.findings, "state": self._state(e.id)}
                for e in self._queue.entries
            ],
        })  # fmt: skip

    def show(self, request: Request) -> Response:
        """Return a note with the state of its review."""
        material = self._queue.material(request.path_params["id"])
        if material is None:
            return _gone()
        try:
            self._corrections.mend(request.path_params["id"], material.note)
            saved = self._corrections.load(request.path_params["id"])
        except NotesenseError as error:
            return _error(f"{error.message}. {error.hint}", 507)
        return JSONResponse({
            "id": request.path_params["id"], "name": one_line(material.note.path), "text": _shown(material.note.text),
            "about": one_line(" · ".join(str(v) for v in (material.note.client, material.note.client_unit, material.note.date) if v)),
            "sentences": material.sentences, **_data(saved, material),
        })  # fmt: skip

    async def save(self, request: Request) -> Response:
        """Keep a new state, see :class:`Change`."""
        return await run_in_threadpool(self._save, request.path_params["id"], await _body(request))

    async def undo(self, request: Request) -> Response:
        """Go back by one change, see :class:`Undo`."""
        return await run_in_threadpool(self._undo, request.path_params["id"], await _body(request))

    def _save(self, name: str, body: bytes) -> Response:
        material = self._queue.material(name)
        if material is None:
            return _gone()
        try:
            change = Change.model_validate_json(body)
        except ValidationError as error:
            return _error("; ".join(e["msg"].removeprefix("Value error, ") for e in error.errors()[:3]), 422)
        if found := faults(change.review, material.note.text):
            return _error(" ".join(found[:3]), 422)
        return self._change(
            material, lambda: self._corrections.save(name, material.note, change.revision, change.review, self._name)
        )

    def _undo(self, name: str, body: bytes) -> Response:
        material = self._queue.material(name)
        if material is None:
            return _gone()
        try:
            revision = Undo.model_validate_json(body).revision
        except ValidationError:
            return _error("no revision", 422)
        first = first_review(material.analysis)
        return self._change(material, lambda: self._corrections.undo(name, material.note, revision, self._name, first))

    def _change(self, material: Material, change: Callable[[], Saved]) -> Response:
        try:
            return JSONResponse(_data(change(), material))
        except ConflictError as conflict:
            return JSONResponse({"error": "changed", **_data(conflict.current, material)}, 409)
        except NotesenseError as error:
            return _error(f"{error.message}. {error.hint}", 507)

    def _state(self, name: str) -> str:
        saved = self._corrections.load(name)
        return "new" if saved is None else "done" if saved.review.done else "begun"


def make_app(reviewer: Reviewer, keys: Keys, port: int) -> ASGIApp:
    """Return the guarded app."""
    return Guard(Starlette(routes=reviewer.routes()), keys, port)


def _file(request: Request) -> Response:
    name, kind = _FILES[request.url.path]
    return Response(files("notesense.review").joinpath(name).read_bytes(), media_type=kind)


async def _body(request: Request) -> bytes:
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            return b""  # no state of a review is that long
    return body


def _data(saved: Saved | None, material: Material) -> dict[str, Any]:
    """Return the state of a review for the page: the findings as they came where nothing is said yet."""
    if saved is None:
        return {
            "revision": 0,
            "by": None,
            "at": None,
            "review": first_review(material.analysis).model_dump(mode="json"),
        }
    return saved.model_dump(mode="json", exclude={"undoes_to"})


def _shown(text: str) -> str:
    """Return a note's text with as many characters, none of which steers anything; a Windows line end becomes a blank and a break."""
    return printable(text.replace("\r\n", " \n").replace("\r", "\n"))


def _gone() -> Response:
    return _error("This note is not there any more, or has changed since it was read.", 404)


def _error(message: str, status: int) -> Response:
    return JSONResponse({"error": message}, status)

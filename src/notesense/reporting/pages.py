"""Self-contained HTML pages without a script: a template and a style of one name, filled and joined.

Everything is escaped. The Content-Security-Policy allows the page's own style, by its hash, and nothing else.
"""

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import Any

from notesense.reporting.excerpts import printable


def render_page(package: str, name: str, **values: Any) -> str:
    """Return a page.

    Args:
        package: The package that holds ``NAME.html`` and ``NAME.css``.
        name: Name of both.
        values: What the template is filled with; functions among them may be called there.
    """
    style = _read(package, f"{name}.css")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    page: str = _template(package, name).render(style=style, digest=digest, **values)
    return page


@cache
def _template(package: str, name: str) -> Any:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_shown
    )
    return environment.from_string(_read(package, f"{name}.html"))


@cache
def _read(package: str, file: str) -> str:
    return files(package).joinpath(file).read_text(encoding="utf-8")


def _shown(value: Any) -> Any:
    """Return what is put into the page: text without characters that steer a terminal or turn the writing round."""
    if value is None:
        return ""
    return printable(value) if type(value) is str else value

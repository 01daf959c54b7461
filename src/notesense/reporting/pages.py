"""Self-contained HTML pages without a script: a template and a style of one name, filled and joined.

Everything is escaped. The Content-Security-Policy allows the page's own style, by its hash, and nothing else.
"""

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import Any

from notesense.domain.printable import printable

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-{digest}'">
<meta name="generator" content="notesense">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style></head><body>
{body}
</body></html>
"""


def render_page(package: str, name: str, title: str, **values: Any) -> str:
    """Return a page.

    Args:
        package: The package that holds ``NAME.html``, the body of the page, and ``NAME.css``.
        name: Name of both.
        title: Title of the page, free of marks.
        values: What the template is filled with; functions among them may be called there.
    """
    style = _read(package, f"{name}.css")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return _PAGE.format(digest=digest, title=title, style=style, body=_template(package, name).render(**values))


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

"""The documentation site: ``make docs`` builds it into ``docs/_build``, without a connection."""

import sys
from pathlib import Path

from sphinx.application import Sphinx

sys.path.insert(0, str(Path(__file__).parent))

from _generate import write_reference  # stands beside this file

from notesense import __version__  # the site is of the package that is installed

project = "notesense"
author = "the authors of notesense"
project_copyright = "the authors of notesense; Apache-2.0"
version = release = __version__
language = "en"

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
source_suffix = {".md": "markdown"}
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 4

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_class_signature = "separated"
autodoc_default_options = {
    "members": True,
    "undoc-members": True,
    "exclude-members": "model_config, model_fields, model_computed_fields, model_post_init",
}
python_use_unqualified_type_names = True

html_theme = "furo"
html_title = "notesense"
html_copy_source = False
html_show_sphinx = False
html_theme_options = {"top_of_page_buttons": []}

ON_THE_SITE = {
    "../eval/GUIDELINES.md": "{up}guidelines.md",
    "../eval/README.md": "{up}cards.md",
    "../src/notesense/encoding/bundle/MODEL_CARD.md": "{up}cards.md",
}
"""Files beside ``docs`` that pages link to, and the pages of the site that hold them."""


def _link_to_the_site(_app: Sphinx, name: str, source: list[str]) -> None:
    """Let links to files beside ``docs`` lead to the pages that hold them."""
    up = "../" * name.count("/")
    for file, page in ON_THE_SITE.items():
        source[0] = source[0].replace(f"]({up}{file}", f"]({page.format(up=up)}")


def _link_from_what_is_included(_app: Sphinx, _path: Path, _name: str, source: list[str]) -> None:
    """Let links of the guidelines, the data card and the model card lead to pages."""
    source[0] = source[0].replace("](GUIDELINES.md", "](guidelines.md").replace("](../docs/", "](")


def setup(app: Sphinx) -> None:
    """Write the reference before pages are looked for."""
    write_reference(Path(app.srcdir) / "reference" / "_generated")
    app.connect("source-read", _link_to_the_site)
    app.connect("include-read", _link_from_what_is_included)

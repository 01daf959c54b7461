"""The tokenizer of a bundle, which both of its networks share."""

from functools import cache
from typing import Any

from notesense.encoding.bundle import Bundle


@cache
def _load(path: str) -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(path)
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def load_tokenizer(bundle: Bundle) -> Any:
    """Return the bundle's ``tokenizers.Tokenizer``, without padding and truncation; one a process."""
    return _load(str(bundle.path("tokenizer.json")))

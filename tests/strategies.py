"""What property tests draw: arbitrary text, text with the marks of notes in it, and the settings that all of them use."""

from hypothesis import settings
from hypothesis import strategies as st

quick = settings(max_examples=80, deadline=None, derandomize=True, database=None)
"""The same examples on every machine, nothing stored."""

arbitrary_texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=80)
"""Any code points but surrogates: control characters, odd white space, right-to-left marks, emoji."""

WORDS = ["roof", "leaks", "Dana", "the", "client", "and", "so", "he", "No", "e.g", "J", "3.5", "ORDER", "wrote", "café"]
MARKS = [
    " ", "  ", "\t", "\n", "\n\n", "\r\n", "\r\n\r\n", "\r", "\u00a0", "\u2028", "\x0b", "\x0c", "\x00", "\x85",
    ". ", ".", "? ", "!", "…", "; ", " - ", " — ", " -> ", ", ", ": ", "'", "“", "”",
    "\n- ", "\n• ", "\n-", "\n1. ", "\n(3) ", "\na) ", "\n[ ] ", "\n# ", "\n## ", "\n**", "**", "\n---\n", "\n===", "\n> ",
    "\n>> ", "\n>", " | ", "\n| ", "|", "\n|---|---|\n", "\nFrom: ", "\nAttendees:", "\nSubject: ", "\nDana: ", "\nLEE:\n",
    "\nSpeaker 2: ", "\n[00:12:04] Dana: ", "\nDee 8:52 ", "\nOn 3 May 2025, Ana Ruiz <a@x.org> wrote:\n",
]  # fmt: skip

note_texts = st.lists(
    st.sampled_from(WORDS)
    | st.sampled_from(MARKS)
    | st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=3),
    max_size=40,
).map("".join)
"""Words, line ends and the marks of notes in every order."""

texts = arbitrary_texts | note_texts

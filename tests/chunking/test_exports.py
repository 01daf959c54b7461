"""Markdown as Obsidian, Notion and OneNote export it."""

from notesense.chunking import split_note
from notesense.reading import note_of_text

OBSIDIAN = """---
tags: [meeting]
client: "[[Clients/Harlow Water|Harlow Water]]"
---
# Harlow pumps
> [!note] Context
> The pumps trip every time it rains.

> [!quote] Tom
> We need somebody before winter.

![[photo.png]]
- [ ] #task Dana to call
"""
NOTION = """# Harlow pumps

Date: October 12, 2026
Client: Harlow Water (https://www.notion.so/Harlow-3f2a)

<aside>
💡 The pumps at Mill Lane trip every time it rains.

</aside>

![image.png](image.png)

- [ ]  Dana to call
"""


def forms(text: str) -> dict[str, str]:
    return {s.text: s.form for s in split_note(note_of_text(text, "a.md"))}


def test_boxes_of_obsidian_are_the_authors_words_and_its_quotations_are_not() -> None:
    found = forms(OBSIDIAN)
    assert found["The pumps trip every time it rains."] == "prose"
    assert found["We need somebody before winter."] == "quote"
    assert not any("photo" in words for words in found)


def test_boxes_and_pictures_of_notion() -> None:
    found = forms(NOTION)
    assert found["💡 The pumps at Mill Lane trip every time it rains."] == "prose"
    assert not any(words.startswith(("<", "!")) for words in found)
    assert found["Dana to call"] == "item"


def test_links_are_no_part_of_a_clients_name() -> None:
    assert note_of_text(OBSIDIAN, "a.md").client == "Harlow Water"
    assert note_of_text(NOTION, "a.md").client == "Harlow Water"

import pytest

from notesense.archive.accounts import _folder_of


@pytest.mark.parametrize(
    ("key", "client"),
    [
        ("marlow/2024/a.md", "marlow"),
        ("2024/marlow/a.md", "marlow"),
        ("older.zip!marlow/2024/a.md", "marlow"),
        ("2024/older.zip!a.md", None),
        ("a.md", None),
        ("2024/a.md", None),
        ("/home/ada/notes/marlow/2024-03/a.md", "marlow"),
        ("..\\marlow\\a.md", "marlow"),
    ],
)
def test_the_folder_that_is_named_by_the_client(key: str, client: str | None) -> None:
    assert _folder_of(key) == client

from pathlib import Path

import pytest
from hypothesis import given

from notesense.evaluation.cases import strip_marks
from notesense.formats.frontmatter import split_front_matter
from notesense.reading.language import FEWEST_LETTERS, guess_language
from tests.conftest import ROOT
from tests.strategies import quick, texts

NOTES = sorted((ROOT / "eval" / "notes").rglob("*.md"))


def words_of(path: Path) -> str:
    text, _ = strip_marks(path.read_text(encoding="utf-8"))
    return text[split_front_matter(text).end :]


def test_every_labelled_note_is_english() -> None:
    assert len(NOTES) > 300
    assert {path.stem: code for path in NOTES if (code := guess_language(words_of(path))) not in ("en", None)} == {}


def test_no_stretch_of_an_english_note_is_another_language() -> None:
    wrong = []
    for path in NOTES[::3]:
        words = words_of(path).split()
        for at in range(0, len(words), 40):
            stretch = " ".join(words[at : at + 40])
            if guess_language(stretch) not in ("en", None):
                wrong.append(stretch)
    assert wrong == []


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("es", "Visitamos el centro con la directora. Dice que el techo gotea cada invierno y que los vecinos se quejan del ruido. "
               "No hay presupuesto para cambiarlo este año, pero el alcalde quiere una respuesta antes de las elecciones."),
        ("de", "Wir haben das Schulgebäude mit dem Hausmeister besichtigt. Das Dach ist undicht, und im Sommer wird es in den "
               "Klassenzimmern viel zu heiß. Der Stadtrat möchte bis zum Herbst wissen, was eine Sanierung kosten würde."),
        ("fr", "Nous avons visité le site avec la directrice. Le toit fuit chaque hiver et les habitants se plaignent du bruit. "
               "Il n'y a pas de budget cette année, mais le maire veut une réponse avant les élections du printemps."),
        ("nl", "We hebben het gebouw met de beheerder bekeken. Het dak lekt elke winter en de bewoners klagen over het lawaai. "
               "Er is dit jaar geen budget, maar de wethouder wil voor de verkiezingen weten wat een renovatie gaat kosten."),
    ],
    ids=["Spanish", "German", "French", "Dutch"],
)  # fmt: skip
def test_other_languages_are_told_from_english(code: str, text: str) -> None:
    assert guess_language(text) == code


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("Roof leaks.", id="two words"),
        pytest.param("El techo gotea.", id="three Spanish words"),
        pytest.param("1,200 sf @ $340 -> 408k; 2026-03-04 " * 20, id="numbers"),
        pytest.param("AAAAAABJQA¹¹䶂𝖇𝖈𝐀" * 5, id="no language at all"),
        pytest.param(
            "hotel taxi radio bus park museum garage central total hospital normal plan " * 2, id="words of many"
        ),
        pytest.param("a" * (FEWEST_LETTERS - 1), id="a letter too few"),
    ],
)
def test_too_few_words_tell_no_language(text: str) -> None:
    assert guess_language(text) is None


def test_terse_english_is_not_another_language() -> None:
    text = (
        "- AHU-3 short cycling, no spares\n- chiller EOL 2027, budget TBD\n- roof drains undersized, ponding NE corner\n"
        "- facilities staff 2 FTE, 340k sf\n- BMS vendor gone, passwords lost\n- council memo due 14 Nov\n"
    )
    assert guess_language(text) in ("en", None)


@given(texts)
@quick
def test_any_text_has_a_language_code_or_none(text: str) -> None:
    code = guess_language(text * 5)
    assert code is None or (code.isascii() and code.islower() and len(code) in (2, 3))

import pytest

from notesense.solutions.library import load_library
from notesense.solutions.result import MAX_RESULT, delivered
from tests.conftest import LIBRARY
from tests.solutions.examples import solution

STORY = "Mains broke weekly.\n\n"


@pytest.mark.parametrize(
    ("text", "result"),
    [
        pytest.param(STORY + "Breaks fell 41%. Nobody moved.", "Breaks fell 41%. Nobody moved.", id="last paragraph"),
        pytest.param(STORY + "Breaks\nfell 41%.", "Breaks fell 41%.", id="hard-wrapped"),
        pytest.param("## Result\n\nBreaks fell 41%.\n\nThe crew stayed.", "Breaks fell 41%.", id="result heading"),
        pytest.param(STORY + "### Outcomes for the town\n\nBreaks fell.\n\nEnd.", "Breaks fell.", id="outcomes heading"),
        pytest.param(STORY + "# IMPACT\nBreaks fell.\n\nEnd.", "Breaks fell.", id="heading right above its text"),
        pytest.param("## Result\nBreaks fell.\n## Team\nInes led it.", "Breaks fell.", id="next heading right below"),
        pytest.param(STORY + "## Resulting design\n\nA pipe.\n\nBreaks fell.", "Breaks fell.", id="another word"),
        pytest.param("The result was poor.\n\nThen it held.", "Then it held.", id="the word in a sentence"),
        pytest.param("It held.\n\n## Result\n", "It held.", id="nothing below the heading"),
        pytest.param("It held.\n\n# Thanks", "It held.", id="a heading at the end"),
        pytest.param("Mains broke.\r\n\r\nIt held.", "It held.", id="crlf"),
        pytest.param("## Result\r\n\r\nIt held.\r\n\r\nThe end.", "It held.", id="result heading, crlf"),
        pytest.param("# Only headings", "", id="no paragraph"),
    ],
)  # fmt: skip
def test_without_a_summary_the_result_is_in_the_text(text: str, result: str) -> None:
    assert delivered(solution("A-1", "main", summary="", text=text)) == result


def test_a_summary_is_the_result_whatever_the_text_says() -> None:
    assert delivered(solution("A-1", "main", summary="Dry.", text="## Result\n\nWet.")) == "Dry."


def test_a_long_result_ends_with_a_whole_sentence() -> None:
    text = STORY + " ".join(f"Street number {number} has not had a break since." for number in range(20))
    result = delivered(solution("A-1", "main", summary="", text=text))
    assert MAX_RESULT / 2 < len(result) <= MAX_RESULT
    assert result.endswith("since.")
    assert result in text


def test_the_results_of_the_sample_cases_are_their_own_words() -> None:
    for example in load_library(LIBRARY):
        bare = example.model_copy(update={"summary": ""})
        assert delivered(bare)
        assert delivered(bare) in " ".join(example.text.split())

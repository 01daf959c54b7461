from collections import Counter
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from notesense.accounts.clients import FILE, Names, bare, read_names, remember_apart, remember_same, same_unit
from notesense.errors import ConfigError, UsageError


def pairs(*clients: str) -> dict[tuple[str, str], str]:
    return {(s.name, s.other): s.reason for s in Names().suggest(clients)}


@pytest.mark.parametrize(
    ("one", "other"),
    [("City of Marlow", "CITY OF MARLOW"), ("St. Brannoc's", "st brannoc"), ("Böhm & Söhne", "Bohm and Sohne"),
     ("Pell-County", "pell county "), ("Pell_County", "Pell County")],
)  # fmt: skip
def test_case_blanks_accents_and_punctuation_make_no_other_client(one: str, other: str) -> None:
    assert bare(one) == bare(other)
    assert Names().client(other, Names().spelling(Counter({one: 2, other: 1}))) == one


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ("St. Brannoc Health", "SBH", "initials"),
        ("City of Marlow", "Marlow", "within"),
        ("City of Marlow", "Marlow DPW", "both have the word marlow"),
        ("Osterlind Paper", "Osterlind Papers", "spelt nearly alike"),
        ("Bank of Toledo", "BT", "initials"),
    ],
)
def test_what_may_be_one_client_is_suggested(one: str, other: str, reason: str) -> None:
    ((pair, found),) = pairs(one, other, "Something Else").items()
    assert set(pair) == {one, other}
    assert reason in found


@pytest.mark.parametrize(
    "clients",
    [("City of Marlow", "City of Dunmore"), ("Pell County", "Orr County"), ("North Hospital", "South Hospital"),
     ("The Company", "The Agency")],
)  # fmt: skip
def test_ordinary_words_suggest_nothing(clients: tuple[str, str]) -> None:
    assert not pairs(*clients)


def test_nothing_is_merged_without_a_word() -> None:
    names = Names()
    known = names.spelling(Counter({"City of Marlow": 3, "city of marlow": 1, "Marlow": 2}))
    assert names.client("city of marlow", known) == "City of Marlow"
    assert names.client("Marlow", known) == "Marlow"
    assert Names({"City of Marlow": ["Marlow"]}).client("MARLOW", known) == "City of Marlow"


def test_what_was_said_is_kept_and_can_be_corrected(tmp_path: Path) -> None:
    remember_same(tmp_path, "City of Marlow", ["Marlow", "Marlow DPW"], {})
    remember_same(tmp_path, "City of Marlow", ["DPW"], {})
    remember_apart(tmp_path, "Marlow", "Marlow School District")
    names = read_names(tmp_path, {"Pell County": ("Pell",)})
    assert {names.client(n, {}) for n in ("marlow", "Marlow DPW", "dpw")} == {"City of Marlow"}
    assert names.client("Pell", {}) == "Pell County"
    assert not names.suggest(["Marlow", "Marlow School District"])
    with pytest.raises(UsageError, match="said to be one client"):
        remember_apart(tmp_path, "Marlow", "DPW")
    assert yaml.safe_load((tmp_path / FILE).read_text())["same"] == {"City of Marlow": ["Marlow", "Marlow DPW", "DPW"]}


def test_a_client_with_names_of_its_own_brings_them_along(tmp_path: Path) -> None:
    remember_same(tmp_path, "Marlow DPW", ["DPW"], {})
    remember_same(tmp_path, "City of Marlow", ["Marlow DPW"], {})
    assert read_names(tmp_path, {}).client("DPW", {}) == "City of Marlow"


def test_a_name_of_two_clients_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="two clients"):
        Names({"A": ["X"], "B": ["x"]})
    remember_same(tmp_path, "A", ["X"], {})
    with pytest.raises(ConfigError, match="two clients"):
        remember_same(tmp_path, "B", ["X"], {"A": ("X",)})
    with pytest.raises(ConfigError, match="two clients"):
        read_names(tmp_path, {"C": ("X",)})


@pytest.mark.parametrize("content", ["same: [1, 2]", "{", "same: {A: 3}", "apart: [x]", "- a"])
def test_a_damaged_file_is_named(content: str, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(content)
    with pytest.raises(ConfigError, match=FILE):
        read_names(tmp_path, {})


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("Roads", "Roads Department", True), ("roads", "ROADS", True), ("Dept. of Parks", "Parks", True),
     ("Parks and Recreation", "Parks", True), ("Roads", "Fleet", False), ("Police Department", "Fire Department", False),
     ("Department", "department", True)],
)  # fmt: skip
def test_units_of_one_name(one: str, other: str, same: bool) -> None:
    assert same_unit(one, other) is same


def test_other_scripts_keep_their_letters() -> None:
    assert len({bare(name) for name in ("バス", "パス", "ハス")}) == 3


@pytest.mark.parametrize("names", [("A", ["a"]), ("", ["x"]), ("A", [" "])])
def test_one_name_is_not_two(names: tuple[str, list[str]], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="two different names"):
        remember_same(tmp_path, *names, {})
    with pytest.raises(UsageError, match="two different names"):
        remember_apart(tmp_path, names[0], names[1][0])


@given(st.lists(st.text(min_size=1, max_size=30), max_size=12))
def test_suggestions_never_fail_and_never_pair_a_name_with_itself(clients: list[str]) -> None:
    for s in Names().suggest(clients):
        assert s.name != s.other
        assert s.reason

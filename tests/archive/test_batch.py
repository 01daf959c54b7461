import json
import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from notesense.analyzer import Analyzer
from notesense.archive.batch import Options, Progress, run_batch
from notesense.archive.discover import Selection
from notesense.archive.ledger import FILE, Ledger
from notesense.archive.look import show_note, status_of
from notesense.archive.results import Results
from notesense.domain.endpoint import Price
from notesense.domain.profile import FirmProfile
from notesense.errors import ConfigError, NoNotesError, NoteNotFoundError, OutputError, UsageError
from notesense.settings import Settings
from tests.archive.conftest import NOTE, RunBatch, write
from tests.engines.llm.loopback import LoopbackServer, fails, hangs, says


def results(out: Path) -> dict[str, Any]:
    """Return what each note's result says, without times."""
    found = {}
    with Ledger(out, writing=False) as ledger:
        for row in ledger.rows("done"):
            assert row.hash
            analysis = Results(out).read(row.hash)["analyses"][0]
            found[row.key] = [(n["key"], n["statement"], n["evidence"]) for n in analysis["needs"]]
    return found


def test_every_note_is_read_once_and_a_second_run_reads_none(
    batch: RunBatch, server: LoopbackServer, tmp_path: Path
) -> None:
    first = batch()
    assert (first.notes, first.done, first.failed, first.is_complete) == (20, 20, 0, True)
    found = results(tmp_path / "out")
    assert set(found) == {f"{'old/' if n % 2 else ''}{n:02}.md" for n in range(20)}
    assert all(needs[0][2][0]["quote"].startswith("The pump in house") for needs in found.values())
    assert len(server.calls) == 20
    again = batch()
    assert (again.done, len(server.calls)) == (0, 20)
    assert results(tmp_path / "out") == found


def test_changed_new_and_removed_notes(batch: RunBatch, server: LoopbackServer, archive: Path) -> None:
    batch()
    write(archive / "00.md", NOTE.format(n="A"))
    write(archive / "new.md", NOTE.format(n="B"))
    (archive / "02.md").unlink()
    summary = batch()
    assert (summary.done, summary.counts.done, summary.counts.gone) == (2, 20, 1)
    assert len(server.calls) == 22
    write(archive / "02.md", NOTE.format(n=2))
    assert batch().counts.gone == 0
    assert len(server.calls) == 22


def test_the_same_content_is_analysed_once(batch: RunBatch, server: LoopbackServer, archive: Path) -> None:
    for n in range(5):
        write(archive / f"copy-{n}.md", NOTE.format(n=0))
    summary = batch()
    assert (summary.done, summary.duplicates) == (25, 5)
    assert len(server.calls) == 20


def test_what_cannot_be_read_is_kept_with_its_reason_and_retried_when_asked(
    batch: RunBatch, archive: Path, tmp_path: Path
) -> None:
    (archive / "bad.md").write_bytes(b"\x00\x01\x02" * 50)
    write(archive / "empty.md", "  \n")
    (archive / "photo.jpg").write_bytes(b"x")
    (archive / "budget.xlsx").write_bytes(b"x")
    summary = batch()
    assert (summary.done, summary.failed, summary.is_complete) == (20, 2, False)
    assert summary.left_out == {".jpg": 1, ".xlsx": 1}
    out = tmp_path / "out"
    assert "NotTextError 1" in status_of(out)
    assert "NoteEmptyError 1" in status_of(out)
    shown = show_note(out, "empty.md")
    assert shown.report is None
    assert shown.words.startswith("empty.md: failed\n")
    assert batch().failed == 0
    assert batch(retry_failed=True).failed == 2
    write(archive / "empty.md", NOTE.format(n="E"))
    assert batch().done == 1


def test_the_rows_of_a_table_are_notes(batch: RunBatch, server: LoopbackServer, archive: Path, tmp_path: Path) -> None:
    (archive / "crm").mkdir()
    rows = "".join(f'Harlow,"{NOTE.format(n=n)}"\n' for n in ("X", "Y"))
    write(archive / "crm/calls.csv", f"Account,Notes\n{rows}")
    write(archive / "budget.csv", "Item,Cost\nPump,12\n")
    with zipfile.ZipFile(archive / "crm/old.zip", "w") as file:
        file.writestr("old.csv", f'Account,Notes\nHarlow,"{NOTE.format(n="Z")}"\n')
        file.writestr("prices.csv", "Item,Cost\nPump,12\n")
    summary = batch()
    assert (summary.done, summary.failed, summary.left_out) == (23, 0, {"tables without notes": 2})
    assert {"crm/calls.csv#2", "crm/calls.csv#3", "crm/old.zip!old.csv#2"} < set(results(tmp_path / "out"))
    in_zip = show_note(tmp_path / "out", "old.csv#2").report
    assert in_zip
    assert in_zip.analyses[0].needs[0].evidence[0].locator == "row 2"
    shown = show_note(tmp_path / "out", "calls.csv#3").report
    assert shown
    assert shown.analyses[0].note.client == "Harlow"
    assert shown.analyses[0].needs[0].evidence[0].locator == "row 3"
    alone = run_batch(archive / "crm/calls.csv", tmp_path / "alone", Settings(index=tmp_path / "none"))
    assert (alone.done, set(results(tmp_path / "alone"))) == (2, {"calls.csv#2", "calls.csv#3"})
    write(archive / "crm/calls.csv", f"Account,Notes\n{rows}Harlow,The roof leaks every winter.\n")
    batch()
    assert len(server.calls) == 24  # the rows that are as they were are not analysed again


def test_a_table_that_cannot_be_read_says_why(batch: RunBatch, archive: Path, tmp_path: Path) -> None:
    torn = "Client,Notes\nMarlow,The roof leaks, and badly\n"
    write(archive / "torn.csv", torn)
    with zipfile.ZipFile(archive / "old.zip", "w") as file:
        file.writestr("torn.csv", torn)
    assert batch().failed == 2
    for key in ("torn.csv", "old.zip!torn.csv"):
        assert "row 2 has 3 cells, and there are 2 columns" in show_note(tmp_path / "out", key).words


def test_a_list_tells_of_tables_without_notes(batch: RunBatch, archive: Path) -> None:
    budget = write(archive / "budget.csv", "Item,Cost\nPump,12\n")
    summary = batch([f"{archive / '00.md'}\n", f"{budget}\n"])
    assert (summary.done, summary.left_out) == (1, {"tables without notes": 1})


def test_rows_are_read_anew_where_their_columns_are_called_otherwise(
    batch: RunBatch, settings: Settings, archive: Path, tmp_path: Path
) -> None:
    write(archive / "calls.csv", f'Account,Notes,Was war\nHarlow,"Nothing to say here.","{NOTE.format(n="X")}"\n')
    assert batch().done == 21
    assert not show_note(tmp_path / "out", "calls.csv#2").report.analyses[0].needs  # type: ignore[union-attr]
    named = settings.model_copy(update={"firm": FirmProfile(columns={"text": "Was war"})})
    assert batch(changed=named, accept_change=True).done == 1
    shown = show_note(tmp_path / "out", "calls.csv#2")
    assert "has changed" not in shown.words
    assert shown.report
    assert shown.report.analyses[0].needs[0].evidence[0].quote == "The pump in house X fails every week"


def test_a_readme_is_no_note_whatever_its_ending(batch: RunBatch, archive: Path) -> None:
    for name in ("README", "readme.md", "ReadMe.txt"):
        write(archive / name, NOTE.format(n=9))
    assert batch().done == 20


def test_a_failure_of_the_endpoint_stops_no_other_note(
    batch: RunBatch, server: LoopbackServer, archive: Path, tmp_path: Path
) -> None:
    usual = server.otherwise

    def reply(handler: Any, body: dict[str, Any]) -> None:
        (says(None, refusal="no") if "house 7 " in body["messages"][1]["content"] else usual)(handler, body)

    server.otherwise = reply
    summary = batch()
    assert (summary.done, summary.failed) == (19, 1)
    assert "EngineRefusedError" in status_of(tmp_path / "out")
    server.otherwise = usual
    assert batch(retry_failed=True).done == 1


def test_the_cap_ends_the_run_and_its_notes_stay_to_be_read(
    batch: RunBatch, settings: Settings, server: LoopbackServer
) -> None:
    price = {"m": Price(input=10.0, output=100.0)}
    capped = settings.model_copy(
        update={
            "llm": settings.llm.model_copy(
                update={"prices": price, "max_cost": 0.05, "max_output": 50, "concurrency": 1}
            )
        }
    )
    summary = batch(changed=capped)
    assert "stopped at the cap" in summary.halted
    assert summary.failed == 0
    assert 0 < summary.done < 20
    assert summary.counts.pending == 20 - summary.done
    assert summary.cost <= 0.05
    free = capped.model_copy(update={"llm": capped.llm.model_copy(update={"max_cost": None})})
    assert batch(changed=free).done == 20 - summary.done


def test_a_wrong_key_ends_the_run(batch: RunBatch, server: LoopbackServer) -> None:
    server.otherwise = fails(401)
    summary = batch()
    assert "key is not accepted" in summary.halted
    assert (summary.failed, summary.counts.pending) == (0, 20)
    assert len(server.calls) < 12


def test_other_settings_are_refused_with_what_differs(
    batch: RunBatch, settings: Settings, server: LoopbackServer
) -> None:
    batch()
    other = settings.model_copy(update={"llm": settings.llm.model_copy(update={"model": "other"})})
    with pytest.raises(ConfigError, match="model was m, is other") as caught:
        batch(changed=other)
    assert "--accept-change" in caught.value.hint
    assert batch(changed=other, accept_change=True).done == 0
    assert batch(changed=other, fresh=True).done == 20
    assert len(server.calls) == 40


def test_two_runs_at_once_are_refused(batch: RunBatch, tmp_path: Path) -> None:
    with Ledger(tmp_path / "out", writing=True), pytest.raises(UsageError, match="another run is at work"):
        batch()
    assert batch().done == 20


def test_stopping_finishes_what_is_in_hand(batch: RunBatch, server: LoopbackServer, tmp_path: Path) -> None:
    stop = threading.Event()

    def report(progress: Progress) -> None:
        if progress.done == 3:
            stop.set()

    summary = batch(report=report, stop=stop)
    assert not summary.is_complete
    assert 3 <= summary.done < 20
    assert summary.counts.pending == 20 - summary.done
    assert len(server.calls) == summary.done
    assert batch().done == 20 - summary.done
    assert len(server.calls) == 20


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")
def test_a_run_that_is_killed_at_any_moment_goes_on(
    archive: Path, settings: Settings, server: LoopbackServer, batch: RunBatch, tmp_path: Path
) -> None:
    for n in range(20, 120):
        write(archive / f"{n}.md", NOTE.format(n=n))
    calm = tmp_path / "calm"
    run_batch(archive, calm, settings, Options())
    server.calls.clear()
    environment = os.environ | {
        "NOTESENSE_ENGINE": "llm", "NOTESENSE_LLM_MODEL": "m", "NOTESENSE_LLM_BASE_URL": server.base_url,
        "NOTESENSE_LLM_CACHE": "false", "NOTESENSE_LLM_CONCURRENCY": "4", "NOTESENSE_LLM_RETRIES": "0",
        "NOTESENSE_INDEX": str(settings.index),
    }  # fmt: skip
    out = tmp_path / "out"
    killed = 0
    for wait in (20, 40, 60, 80):  # calls after which the process dies
        before = len(server.calls)
        command = [sys.executable, "-m", "notesense", "batch", str(archive), "--out", str(out)]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while process.poll() is None and len(server.calls) - before < wait:
            time.sleep(0.001)
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            killed += 1
        process.wait()
    assert killed
    assert not [p for p in (out / "results").rglob("*.json") if not json.loads(p.read_bytes())["analyses"]]
    batch()
    assert results(out) == results(calm)
    assert len(server.calls) <= 120 + killed * 4 * 4  # at most what was under way is asked for again


def test_a_full_disk_stops_and_loses_nothing(batch: RunBatch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, written = os.fsync, []

    def full(descriptor: int) -> None:
        written.append(descriptor)
        if len(written) == 11:  # of each result the file, then its folder
            raise OSError(28, "No space left on device")
        real(descriptor)

    monkeypatch.setattr("notesense.archive.results.os.fsync", full)
    with pytest.raises(OutputError, match="No space left") as caught:
        batch()
    assert "run the same command" in caught.value.hint
    with Ledger(tmp_path / "out", writing=False) as ledger:
        assert ledger.counts().done == 5
    assert not list((tmp_path / "out").rglob("*.part"))
    assert batch().done == 15


def test_zip_files_and_lists(batch: RunBatch, archive: Path, tmp_path: Path, settings: Settings) -> None:
    with zipfile.ZipFile(archive / "more.zip", "w") as file:
        file.writestr("2023/a.md", NOTE.format(n="a"))
        file.writestr("../../evil.md", NOTE.format(n="b"))
        file.writestr(".hidden.md", "x")
    (archive / "broken.zip").write_bytes(b"PK but no zip")
    summary = batch()
    assert summary.done == 22
    assert summary.left_out == {"damaged zip files": 1}
    assert {"more.zip!2023/a.md", "more.zip!../../evil.md"} <= set(results(tmp_path / "out"))
    assert not (tmp_path / "evil.md").exists()
    lines = [
        f"{archive / '00.md'}\n",
        f"{archive / '02.md'}\n",
        f"{archive / 'gone.md'}\n",
        "\n",
        f"{archive / '00.md'}\n",
    ]
    listed = run_batch(lines, tmp_path / "listed", settings)
    assert (listed.notes, listed.done, listed.failed) == (3, 2, 1)
    alone = run_batch(archive / "more.zip", tmp_path / "alone", settings)
    assert alone.done == 2


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_links_patterns_and_hidden_files(batch: RunBatch, archive: Path, tmp_path: Path) -> None:
    (archive / "loop").symlink_to(archive, target_is_directory=True)
    (archive / "linked.md").symlink_to(archive / "00.md")
    (archive / "dangling.md").symlink_to(archive / "nothing.md")
    write(archive / ".git/x.md", "x")
    write(archive / "README.md", "x")
    summary = batch(selection=Selection(include=("*.md",), exclude=("old/*", "1?.md")))
    assert set(results(tmp_path / "out")) == {"00.md", "02.md", "04.md", "06.md", "08.md", "linked.md"}
    assert summary.failed == 1
    assert summary.left_out == {"links to folders": 1}


def test_what_is_no_archive(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(NoteNotFoundError):
        run_batch(tmp_path / "nowhere", tmp_path / "out", settings)
    with pytest.raises(NoNotesError):
        run_batch(write(tmp_path / "one.md", "x"), tmp_path / "out", settings)
    with pytest.raises(UsageError, match="no batch was run there"):
        status_of(tmp_path / "elsewhere")


def test_a_ledger_that_is_none_is_named(batch: RunBatch, tmp_path: Path) -> None:
    write(tmp_path / "out" / FILE, "not a database at all, whatever its name says" * 30)
    with pytest.raises(ConfigError, match=r"ledger\.sqlite3"):
        batch()


@pytest.mark.alone
def test_unchanged_notes_are_skipped_quickly(batch: RunBatch, archive: Path, tmp_path: Path) -> None:
    """The bar is 5,000 a second; a busy machine gets some air."""
    many = archive / "many"
    many.mkdir()
    for n in range(3000):
        (many / f"{n}.md").write_text("same")
    with Ledger(tmp_path / "out", writing=True) as ledger:
        from notesense.archive.discover import discover

        ledger.register(discover(archive))
        started = time.perf_counter()
        assert ledger.register(discover(archive)) == 3020
        assert 3020 / (time.perf_counter() - started) >= 2500


def test_another_archive_is_not_taken_for_the_one_that_is_known(
    batch: RunBatch, archive: Path, tmp_path: Path, server: LoopbackServer
) -> None:
    batch()
    other = write(tmp_path / "other" / "x.md", NOTE.format(n="X")).parent
    with pytest.raises(ConfigError, match="20 of 20 notes that"):
        batch(other)
    (tmp_path / "empty").mkdir()
    with pytest.raises(NoNotesError, match="no note in the archive"):
        batch(tmp_path / "empty")
    with pytest.raises(NoNotesError):
        batch(selection=Selection(include=("*.MD",)))
    assert status_of(tmp_path / "out").startswith("20 done, 0 failed, 0 to be read, 0 gone")
    assert batch(other, accept_change=True).counts.gone == 20


def test_the_output_folder_may_stand_in_the_archive_but_is_no_part_of_it(
    archive: Path, settings: Settings, tmp_path: Path
) -> None:
    inside = archive / "read"
    assert run_batch(archive, inside, settings).notes == 20
    assert run_batch(archive, inside, settings).notes == 20
    with pytest.raises(UsageError, match="the archive itself"):
        run_batch(archive, archive, settings)
    assert not (archive / "ledger.sqlite3").exists()


def test_copies_that_fail_are_named_by_their_own_names(batch: RunBatch, archive: Path, tmp_path: Path) -> None:
    for name in ("a/one.md", "b/two.md"):
        write(archive / name, " ")
    assert batch().failed == 2
    for name in ("a/one.md", "b/two.md"):
        assert f"{name}: empty" in show_note(tmp_path / "out", name).words


def test_stopping_takes_back_what_no_worker_has_begun(
    batch: RunBatch, server: LoopbackServer, settings: Settings
) -> None:
    stop = threading.Event()
    server.otherwise = hangs(1.0)
    changed = settings.model_copy(update={"llm": settings.llm.model_copy(update={"concurrency": 1, "timeout": 20})})
    threading.Timer(0.5, stop.set).start()
    batch(changed=changed, stop=stop)
    assert len(server.calls) <= 2  # three were handed over


def test_damaged_members_of_a_zip_file_fail_alone(batch: RunBatch, archive: Path, tmp_path: Path) -> None:
    path = archive / "old.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for n in range(3):
            file.writestr(f"{n}.md", NOTE.format(n=f"Z{n}") * 5)
    data = bytearray(path.read_bytes())
    start = data.index(b"1.md") + 4
    data[start : start + 8] = b"\xff" * 8  # no deflate stream begins like this
    path.write_bytes(data)
    summary = batch()
    assert (summary.done, summary.failed) == (22, 1)
    assert "cannot be unpacked" in show_note(tmp_path / "out", "old.zip!1.md").words


def test_a_zip_file_is_opened_once_for_all_its_members(
    batch: RunBatch, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(archive / "many.zip", "w") as file:
        for n in range(30):
            file.writestr(f"{n}.md", NOTE.format(n=f"Z{n}"))
    opened = []
    original = zipfile.ZipFile.__init__

    def count(self: zipfile.ZipFile, *args: Any, **more: Any) -> None:
        opened.append(args)
        original(self, *args, **more)

    monkeypatch.setattr(zipfile.ZipFile, "__init__", count)
    assert batch().done == 50
    assert len(opened) == 2  # to list it, and to read it


def test_a_ledger_is_looked_at_where_nothing_may_be_written(
    batch: RunBatch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch()
    out = tmp_path / "out"
    before = {path: path.stat().st_mtime_ns for path in out.iterdir()}
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert status_of(out).startswith("20 done")
    assert {path: path.stat().st_mtime_ns for path in out.iterdir()} == before


def test_the_local_engine_in_processes_says_what_it_says_alone(archive: Path, tmp_path: Path) -> None:
    settings = Settings(index=tmp_path / "none")
    summary = run_batch(archive, tmp_path / "out", settings, Options(workers=2))
    assert summary.done == 20
    alone = Analyzer(settings).analyze([archive / "00.md"]).analyses[0]
    report = show_note(tmp_path / "out", "00.md").report
    assert report
    there = report.analyses[0]
    assert there.needs == alone.needs
    assert there.note.text == alone.note.text
    write(archive / "00.md", "changed")
    shown = show_note(tmp_path / "out", "00.md")
    assert shown.report
    assert shown.report.analyses[0].needs == alone.needs
    assert "has changed" in shown.words


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at /proc")
@pytest.mark.parametrize("seconds", [0.0, 1.0])
def test_an_interrupt_while_workers_start_stops_the_run_and_nothing_else(
    archive: Path, tmp_path: Path, seconds: float
) -> None:
    command = [sys.executable, "-m", "notesense", "batch", archive, "--out", tmp_path / "out", "-j", "2"]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
    children = Path(f"/proc/{run.pid}/task/{run.pid}/children")
    until = time.monotonic() + 60
    while len(children.read_text().split()) < 2:  # the first is multiprocessing's own
        assert time.monotonic() < until, "no worker began"
        time.sleep(0.01)
    time.sleep(seconds)
    os.killpg(run.pid, signal.SIGINT)
    said, told = run.communicate(timeout=90)
    assert run.returncode == 7, told
    assert "to be read" in said
    assert "Traceback" not in told
    assert "cannot start" not in told


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at /proc")
def test_workers_leave_when_the_run_is_killed(archive: Path, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "notesense",
        "batch",
        archive,
        "--out",
        tmp_path / "out",
        "-j",
        "2",
        "--json-progress",
    ]
    run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert run.stderr
    run.stderr.readline()
    children = Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text().split()
    run.kill()
    run.communicate()
    assert len(children) >= 2
    until = time.monotonic() + 20
    while any(_is_alive(child) for child in children):
        assert time.monotonic() < until, "a worker stayed behind"
        time.sleep(0.1)


def _is_alive(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_a_worker_that_dies_loses_no_other_note(archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "PYTHONPATH", os.pathsep.join([str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")])
    )
    monkeypatch.setattr("notesense.archive.runners.work_here", _dies)
    summary = run_batch(archive, tmp_path / "out", Settings(index=tmp_path / "none"), Options(workers=2))
    assert (summary.done, summary.failed) == (19, 1)
    assert "the worker died of it" in show_note(tmp_path / "out", "03.md").words


def _dies(settings: Settings, job: Any) -> Any:
    from notesense.archive.runners import Outcome

    if b"house 3 " in job.content:
        os._exit(9)
    return Outcome(job.key, job.digest, json.dumps({"analyses": [{"needs": [], "incidents": []}]}))


def test_a_result_that_is_lost_or_damaged_is_made_again(
    batch: RunBatch, tmp_path: Path, server: LoopbackServer
) -> None:
    batch()
    files = sorted((tmp_path / "out" / "results").rglob("*.json"))
    files[0].unlink()
    assert batch().done == 1
    assert len(server.calls) == 21
    assert files[0].exists()


def test_a_refused_run_leaves_everything_as_it_was(batch: RunBatch, tmp_path: Path, server: LoopbackServer) -> None:
    batch()
    (tmp_path / "empty").mkdir()
    with pytest.raises(NoNotesError):
        batch(tmp_path / "empty", fresh=True)
    assert status_of(tmp_path / "out").startswith("20 done, 0 failed, 0 to be read")
    assert batch().done == 0
    assert len(server.calls) == 20


def test_what_is_gone_stays_gone_when_everything_is_read_again(batch: RunBatch, archive: Path, tmp_path: Path) -> None:
    batch()
    for path in [*archive.rglob("*.md")][:12]:
        path.unlink()
    assert batch(accept_change=True).counts.gone == 12
    summary = batch(fresh=True)
    assert (summary.done, summary.counts.gone) == (8, 12)


def test_a_batch_is_found_from_another_folder_and_when_its_archive_has_moved(
    batch: RunBatch, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    batch(Path("archive"))
    (tmp_path / "deep").mkdir()
    monkeypatch.chdir(tmp_path / "deep")
    assert not show_note(tmp_path / "out", "00.md").words
    archive.rename(tmp_path / "moved")
    assert "has changed or is gone" in show_note(tmp_path / "out", "00.md").words
    assert batch(tmp_path / "moved").done == 0
    assert not show_note(tmp_path / "out", "00.md").words


@pytest.mark.skipif(sys.platform != "linux", reason="file names are bytes")
def test_odd_names_stop_nothing(batch: RunBatch, archive: Path, tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(archive) + b"/caf\xe9.md")).write_text(NOTE.format(n="L"), encoding="utf-8")
    with zipfile.ZipFile(archive / "new.zip", "w", zipfile.ZIP_LZMA) as file:
        file.writestr("a.md", NOTE.format(n="Z") * 9)
        file.writestr("b.md", NOTE.format(n="Y") * 9)
    data = (archive / "new.zip").read_bytes()
    start = data.index(b"a.md") + 4
    (archive / "new.zip").write_bytes(data[: start + 9] + b"\xff" * 20 + data[start + 29 :])
    (archive / "bad.zip").write_bytes(data.replace(b"b.md", b"\xff\xfe.d"))
    summary = batch()
    assert summary.counts.done >= 21
    assert show_note(tmp_path / "out", "caf\\xe9.md").report


def test_a_list_may_be_parted_by_nul(batch: RunBatch, archive: Path) -> None:
    assert batch([f"{archive / '00.md'}\0{archive / '02.md'}\0"]).done == 2

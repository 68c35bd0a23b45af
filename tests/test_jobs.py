"""From a config to files and a record: computed first, written last, and nothing left of what failed."""

from types import SimpleNamespace

import pytest

from dinosar import jobs
from dinosar.config import CompareConfig
from dinosar.errors import InputError, ResourceError, UsageError
from dinosar.folders import RunFolder
from dinosar.jobs import Outcome, carry_out, job_module
from dinosar.notices import note, warn
from dinosar.publishing import json_bytes
from dinosar.settings import Layers, add_file, settle
from dinosar.timing import stage
from dinosar.yaml_files import read_yaml

VALUES = {"inputs": {"a": "a.jpg", "b": "b.jpg"}, "backbone": "classic", "seed": 7}


@pytest.fixture
def config(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return settle(CompareConfig, Layers().add(VALUES, "here"))


@pytest.fixture
def carried(config, tmp_path, monkeypatch):
    """Carries out a job whose computing is given, into `run`; returns what came of it."""

    def carry(compute, **more):
        monkeypatch.setattr(jobs, "job_module", lambda command: SimpleNamespace(compute=compute))
        return carry_out(config, RunFolder(tmp_path / "run", {"seed": "options"}, **more))

    return carry


def outcome(config=None, files=(("a.csv", b"1"), ("b.csv", b"2")), **facts):
    return Outcome({"distance": 0.1 + 0.2}, files, facts)


def test_a_job_leaves_its_files_and_a_record_of_them(carried, tmp_path):
    finished = carried(outcome)
    assert (finished.folder, finished.record) == (tmp_path / "run", tmp_path / "run" / "run.yaml")
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == ["a.csv", "b.csv", "run.yaml"]
    document = read_yaml(finished.record).value
    assert document["status"] == "done"
    assert document["record"]["outputs"] == finished.outputs
    assert document["record"]["result"] == finished.result == {"distance": 0.1 + 0.2}


def test_nothing_is_touched_before_everything_is_known(carried, tmp_path):
    def compute(config):
        assert list(tmp_path.iterdir()) == []
        return outcome()

    carried(compute)


@pytest.mark.parametrize("problem", [InputError("no photo"), RuntimeError("a fault"), KeyboardInterrupt()])
def test_a_job_that_fails_to_compute_leaves_nothing(problem, carried, tmp_path):
    def compute(config):
        raise problem

    with pytest.raises(type(problem)):
        carried(compute)
    assert list(tmp_path.iterdir()) == []


def half(problem):
    yield "a.csv", b"1"
    raise problem


@pytest.mark.parametrize("problem", [ResourceError("full"), RuntimeError("a fault"), KeyboardInterrupt()])
def test_a_job_that_fails_while_it_writes_leaves_no_record_and_can_be_done_again(problem, carried, tmp_path):
    with pytest.raises(type(problem)):
        carried(lambda config: outcome(files=half(problem)))
    assert not (tmp_path / "run" / "run.yaml").exists()
    assert not list((tmp_path / "run").glob("*.tmp-*"))
    assert carried(outcome).record.is_file()


def test_a_job_that_fails_while_it_overwrites_leaves_no_record_of_the_earlier_one(carried, tmp_path):
    carried(outcome)
    with pytest.raises(RuntimeError):
        carried(lambda config: outcome(files=half(RuntimeError())), overwrite=True)
    assert not (tmp_path / "run" / "run.yaml").exists()


def test_a_taken_folder_is_found_out_before_anything_is_computed(carried):
    carried(outcome)
    with pytest.raises(InputError, match="holds a finished run"):
        carried(lambda config: pytest.fail("it was computed"))


def test_files_are_made_one_at_a_time_as_they_are_written(carried, tmp_path):
    def files():
        yield "a.csv", b"1"
        assert (tmp_path / "run" / "a.csv").read_bytes() == b"1"
        yield "b.csv", b"2"

    assert set(carried(lambda config: outcome(files=files())).outputs) == {"a.csv", "b.csv"}


def test_warnings_of_computing_and_of_drawing_are_in_the_record_once_and_notes_are_not(carried):
    def files():
        warn("while drawing")
        yield "a.csv", b"1"

    def compute(config):
        warn("while computing")
        warn("while computing")
        note("by the way")
        return outcome(files=files())

    assert read_yaml(carried(compute).record).value["record"]["warnings"] == ["while computing", "while drawing"]


def test_the_times_of_all_stages_and_of_all_together_are_in_the_record(carried):
    def compute(config):
        with stage("mask"):
            return outcome()

    seconds = read_yaml(carried(compute).record).value["record"]["seconds"]
    assert set(seconds) == {"mask", "write", "total"}
    assert all(value >= 0 for value in seconds.values())
    assert seconds["total"] >= max(seconds.values())


def test_a_record_reads_back_as_the_config_that_made_it(carried, config, tmp_path):
    text = carried(lambda config: outcome(masks={"a": "no", "b": "0123"})).record
    again = settle(CompareConfig, add_file(Layers(), str(text)))
    assert (tmp_path / "run" / again.inputs.a).resolve() == (tmp_path / "a.jpg").resolve()
    assert again.model_copy(update={"inputs": config.inputs}) == config
    assert read_yaml(text).value["record"]["masks"] == {"a": "no", "b": "0123"}


def test_a_record_tells_when_with_which_words_and_where(carried, monkeypatch):
    monkeypatch.setattr(jobs.sys, "argv", ["dinosar", "compare", "a.jpg", "b.jpg", "--seed", "7"])
    facts = read_yaml(carried(outcome).record).value["record"]
    assert facts["arguments"] == ["compare", "a.jpg", "b.jpg", "--seed", "7"]
    assert facts["started"].endswith("+00:00")
    assert facts["environment"]["dinosar"]


def test_only_commands_that_write_records_are_jobs():
    assert all(hasattr(job_module(name), "compute") and hasattr(job_module(name), "place") for name in jobs.JOBS)
    with pytest.raises(UsageError, match=r"command 'comparre' writes no record; did you mean 'compare'\?"):
        job_module("comparre")


def test_a_result_with_a_made_up_number_is_not_written(carried, tmp_path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        carried(lambda config: outcome(files=((name, json_bytes(float("nan"))) for name in ["scores.json"])))
    assert not (tmp_path / "run" / "run.yaml").exists()

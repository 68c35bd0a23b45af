"""Whose intrinsics and true poses are taken: what was given by hand, and aloud what it does not tell of."""

import pytest
from job_of_verify import NAMES, config_of, verified

from dinosar.notices import collected
from dinosar.verification.opening import opened


@pytest.fixture
def in_folder(room, tmp_path):
    """The folder of photographs has lists of its own."""
    for name in ("intrinsics.txt", "poses.txt"):
        (room / name).write_bytes((tmp_path / name).read_bytes())


def without(file, *names):
    """Take photographs out of a list."""
    kept = [line for line in file.read_text().splitlines() if line.split()[0] not in names]
    file.write_text("\n".join(kept) + "\n")


@pytest.mark.usefixtures("in_folder")
@pytest.mark.parametrize(
    ("file", "key", "what", "source"),
    [("intrinsics.txt", "intrinsics", "intrinsics", "intrinsics"), ("poses.txt", "true_poses", "true pose", "gt")],
)
def test_what_a_list_lacks_is_taken_from_the_folder_aloud_and_recorded(inputs, tmp_path, file, key, what, source):
    without(tmp_path / file, NAMES[1], NAMES[2])
    with collected() as warnings:
        outcome, _ = verified(inputs, tmp_path / "out")
    (told,) = warnings
    assert f"{file}' does not tell the {what} of all 4 images of the pairs" in told
    assert f"for '{NAMES[1]}' and 1 more what --images says is taken" in told
    assert outcome.result["from"][key] == {source: 2, "images": 2}
    assert outcome.result["per_pair"]["judged"] == 4


@pytest.mark.usefixtures("in_folder")
def test_a_list_of_all_is_taken_without_a_word(inputs, tmp_path):
    with collected() as warnings:
        outcome, _ = verified(inputs, tmp_path / "out")
    assert warnings == []
    assert outcome.result["from"] == {"intrinsics": {"intrinsics": 4}, "true_poses": {"gt": 4}}
    without(tmp_path / "intrinsics.txt", NAMES[6])  # which is in no pair
    with collected() as warnings:
        verified(inputs, tmp_path / "again")
    assert warnings == []


@pytest.mark.usefixtures("in_folder")
def test_what_is_given_by_hand_holds_over_what_the_folder_says(inputs, tmp_path):
    file = tmp_path / "intrinsics.txt"
    lines = file.read_text().splitlines()
    file.write_text("\n".join(line.replace(line.split()[4], "123.0", 1) for line in lines))
    with opened(config_of(inputs)) as seen:
        assert {seen.known.cameras[name].params[0] for name in seen.names} == {123.0}

"""The hub: asked once and not for long, and every way in which it fails is one line."""

import errno
import socket
import threading

import pytest
from fake_hub import COMMIT, DINOV3

from dinosar.errors import ResourceError, WeightsError
from dinosar.weights import hub
from dinosar.weights.disk import hub_cache, locate

OTHER = "beef" + "0" * 36


@pytest.mark.parametrize("value", ["1", "true", "YES", "on"])
@pytest.mark.parametrize("name", ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
def test_a_variable_that_forbids_asking_is_obeyed_at_once(name, value, online, monkeypatch):
    monkeypatch.setenv(name, value)
    assert not hub.hub_answers()
    assert "HF_HUB_OFFLINE" in hub.hub_problem()
    with pytest.raises(WeightsError, match="HF_HUB_OFFLINE is set; unset it"):
        hub.fetch_from_hub(DINOV3, None, progress=False)
    assert online.asked == []


def test_the_hub_answers_when_it_would_give_the_file_and_is_asked_once(online):
    online.offer(DINOV3, b"weights")
    assert [hub.hub_answers() for _ in range(3)] == [True, True, True]
    assert online.asked == [f"HEAD /{DINOV3.repo}/resolve/main/model.safetensors"]


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503])
def test_a_hub_that_refuses_does_not_answer(status, online):
    online.status = status
    assert not hub.hub_answers()
    assert f"answered {status}" in hub.hub_problem()
    assert len(online.asked) == 1


def test_a_page_that_wants_a_login_is_not_the_hub(online):
    online.offer(DINOV3, b"<html>welcome, guest</html>")
    online.commit = ""
    assert not hub.hub_answers()
    assert "not as the hub does" in hub.hub_problem()


def test_an_address_that_is_none_is_told(online, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "file:///etc/hostname")
    assert "not the address of a web server" in hub.hub_problem()


def test_a_closed_door_is_told(online, monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{taken.getsockname()[1]}")
        assert "cannot be reached" in hub.hub_problem()


def test_a_name_that_takes_forever_to_look_up_is_given_up(online, monkeypatch):
    done = threading.Event()

    def forever(*_, **__):
        done.wait(60)
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    monkeypatch.setattr(socket, "getaddrinfo", forever)
    monkeypatch.setenv("HF_ENDPOINT", "http://nowhere.invalid")
    try:
        assert hub.hub_problem(0.05) == "http://nowhere.invalid does not answer within 0.05 s"
    finally:
        done.set()


def test_an_answer_holds_for_a_minute_and_then_is_asked_for_again(online, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(hub.time, "monotonic", lambda: now[0])
    assert not hub.hub_answers()
    online.offer(DINOV3, b"weights")
    now[0] += hub.HOLDS - 1
    assert not hub.hub_answers()
    now[0] += 2
    assert hub.hub_answers()


def test_a_proxy_of_the_environment_is_used(online, monkeypatch):
    monkeypatch.setenv("http_proxy", online.url)
    monkeypatch.setenv("HF_ENDPOINT", "http://hub.invalid")
    online.files[f"http://hub.invalid/{DINOV3.repo}/resolve/main/model.safetensors"] = b"weights"
    assert hub.hub_answers()
    assert online.asked[0].startswith("HEAD http://hub.invalid/")


def test_a_file_is_fetched_into_the_hubs_own_cache_at_the_commit_the_hub_names(online):
    online.offer(DINOV3, b"weights")
    found = hub.fetch_from_hub(DINOV3, None, progress=False)
    assert found.path.read_bytes() == b"weights"
    assert found.revision == COMMIT
    assert locate(DINOV3) == found
    assert hub_cache() in found.path.parents


def test_a_pinned_revision_is_what_is_asked_for(online):
    online.commit = OTHER
    online.offer(DINOV3, b"older", revision=OTHER)
    assert hub.fetch_from_hub(DINOV3, OTHER, progress=False).revision == OTHER
    assert all(OTHER in each for each in online.asked)


@pytest.mark.parametrize(
    ("status", "error", "says"),
    [(401, "GatedRepo", "asks for a login"), (403, "GatedRepo", "hf auth login"), (401, "", "the hub answered 401"),
     (403, "", "the hub answered 403"), (404, "RepoNotFound", "no repository 'timm/vit_small"),
     (404, "EntryNotFound", "no file 'model.safetensors'"), (404, "RevisionNotFound", "no revision 'main'")],
)  # fmt: skip
def test_a_refusal_is_one_line_that_says_why_and_where(status, error, says, online):
    online.status, online.error = status, error
    with pytest.raises(WeightsError, match=says) as caught:
        hub.fetch_from_hub(DINOV3, None, progress=False)
    assert f"{online.url}/{DINOV3.repo}/resolve/main/model.safetensors" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert locate(DINOV3) is None


def test_a_page_instead_of_weights_is_refused(online):
    online.offer(DINOV3, b"<html>welcome, guest</html>")
    online.commit = ""
    with pytest.raises(WeightsError, match="not the hub; a network that wants a login"):
        hub.fetch_from_hub(DINOV3, None, progress=False)


def test_a_silent_hub_is_told_at_once(online, monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{taken.getsockname()[1]}")
        monkeypatch.setattr(hub, "_download", lambda *_: pytest.fail("it would try for half a minute"))
        with pytest.raises(WeightsError, match="cannot be reached"):
            hub.fetch_from_hub(DINOV3, None, progress=False)


def test_a_cut_connection_leaves_no_file(online, monkeypatch, capsys):
    monkeypatch.setattr("huggingface_hub.file_download.time.sleep", lambda _: None)
    online.offer(DINOV3, b"weights" * 9000)
    online.cut = True
    with pytest.raises(WeightsError, match="closed connection"):
        hub.fetch_from_hub(DINOV3, None, progress=False)
    assert locate(DINOV3) is None
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_disk_that_gives_out_is_named(number, online, monkeypatch):
    def full(*_, **__):
        raise RuntimeError("while writing") from OSError(number, "no", "/the/blob")

    monkeypatch.setattr("huggingface_hub.hf_hub_download", full)
    with pytest.raises(ResourceError, match="cannot write '/the/blob': no; free some space"):
        hub.fetch_from_hub(DINOV3, None, progress=False)


@pytest.mark.parametrize("problem", [RuntimeError("odd\nthing"), ValueError(), SystemExit(3)])
def test_whatever_else_the_library_raises_is_one_line(problem, online, monkeypatch):
    def odd(*_, **__):
        raise problem

    monkeypatch.setattr("huggingface_hub.hf_hub_download", odd)
    with pytest.raises(WeightsError, match=type(problem).__name__) as caught:
        hub.fetch_from_hub(DINOV3, None, progress=False)
    assert "\n" not in str(caught.value)

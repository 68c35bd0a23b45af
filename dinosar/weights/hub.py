"""The Hugging Face hub: whether it answers, and a file from it, with every failure told in one line."""

import errno
import logging
import os
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dinosar.errors import DinosarError, PluginError, WeightsError, shown
from dinosar.registry import strangers_code
from dinosar.weights.arriving import no_room
from dinosar.weights.catalogue import HUB, Model, default
from dinosar.weights.disk import Located, hub_cache

HOLDS = 60.0
"""Seconds for which an answer holds: longer than a run takes to begin, shorter than a person's patience."""
PATIENCE = 10.0
"""Seconds that somebody who asked for a download waits for the first sign of life."""
DISK = {
    errno.ENOSPC,
    getattr(errno, "EDQUOT", errno.ENOSPC),
    errno.EROFS,
    errno.EACCES,
    errno.EPERM,
    errno.ENOTDIR,
    errno.EMFILE,
}
OFFLINE = "the hub is not asked, because HF_HUB_OFFLINE is set"
_answers: dict[tuple[str, float], tuple[float, str]] = {}


def hub_answers(seconds: float = 3.0) -> bool:
    """Whether the hub would give a file now. One try that takes no longer than `seconds`, looking up names included."""
    return not hub_problem(seconds)


def hub_problem(seconds: float = 3.0) -> str:
    """Why the hub does not answer, in words; empty when it does. Asked at most once a minute."""
    if offline():
        return OFFLINE
    url = address(default("dinov3"))
    when, known = _answers.get((url, seconds), (-HOLDS, ""))
    if time.monotonic() - when < HOLDS:
        return known
    problem = _tried(url, seconds).problem
    _answers[url, seconds] = time.monotonic(), problem
    return problem


def offline() -> bool:
    """Whether a variable of the environment forbids asking the hub."""
    said = os.environ.get("HF_HUB_OFFLINE") or os.environ.get("TRANSFORMERS_OFFLINE") or ""
    return said.upper() in ("1", "ON", "YES", "TRUE")


def endpoint() -> str:
    """The hub, or the mirror of it that HF_ENDPOINT names."""
    return (os.environ.get("HF_ENDPOINT") or HUB).rstrip("/")


def address(model: Model, revision: str | None = None) -> str:
    """Where a file is fetched from."""
    if not model.on_hub:
        return model.url
    return f"{endpoint()}/{model.repo}/resolve/{revision or 'main'}/{model.file}"


def fetch_from_hub(model: Model, revision: str | None, progress: bool) -> Located:
    """Have huggingface_hub fetch a file into its own cache, where every other program finds it, too."""
    if offline():
        raise WeightsError(f"weights of '{model.name}' cannot be fetched: {OFFLINE}; unset it")
    folder = hub_cache()
    answer = _tried(address(model, revision), PATIENCE)
    if answer.silent and not any(os.environ.get(name) for name in ("ALL_PROXY", "all_proxy")):
        # huggingface_hub would try for half a minute; only a proxy for everything is known to it and not to us
        raise _failed(model, revision, answer.problem)
    try:
        with strangers_code("the hub"):
            path = Path(_download(model, revision, folder, progress))
    except PluginError as problem:
        raise _explained(model, revision, problem.__cause__ or problem) from problem.__cause__
    return Located(path, path.parent.name, "hub")


def _download(model: Model, revision: str | None, folder: Path, progress: bool) -> str:
    from huggingface_hub import hf_hub_download
    from huggingface_hub.utils.tqdm import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars

    log = logging.getLogger("huggingface_hub")
    level = log.level
    log.setLevel(logging.ERROR)  # it would tell of each of its tries
    quiet = not (progress and sys.stderr.isatty()) and not are_progress_bars_disabled()
    if quiet:
        disable_progress_bars()
    try:
        return str(hf_hub_download(model.repo, model.file, revision=revision, cache_dir=folder, endpoint=endpoint()))
    finally:
        log.setLevel(level)
        if quiet:
            enable_progress_bars()


@dataclass(frozen=True)
class _Answer:
    """What came of asking: nothing wrong, a wrong answer, or none at all."""

    problem: str = ""
    silent: bool = False


def _tried(url: str, seconds: float) -> _Answer:
    """Ask in a thread, for looking up a name can take half a minute and cannot be interrupted."""
    answers: list[_Answer] = []
    thread = threading.Thread(target=lambda: answers.append(_head(url, seconds)), daemon=True)
    thread.start()
    thread.join(seconds)
    return answers[0] if answers else _Answer(f"{endpoint()} does not answer within {seconds:g} s", silent=True)


def _head(url: str, seconds: float) -> _Answer:
    """What is wrong with the answer for a file; a page that invites to log in to a network is not the hub."""
    from urllib.error import HTTPError

    from dinosar.weights.web import PROBLEMS, ask, told

    try:
        with ask(url, "HEAD", follow=False, seconds=seconds) as answer:
            headers = answer.headers
    except HTTPError as problem:
        words = told(problem)
        if problem.code >= 400:
            return _Answer(f"{endpoint()} {words}")
        headers = problem.headers
    except PROBLEMS as problem:
        return _Answer(f"{endpoint()} {told(problem)}", silent=True)
    return _Answer() if headers.get("X-Repo-Commit") else _Answer(f"{endpoint()} answers, but not as the hub does")


def _explained(model: Model, revision: str | None, problem: BaseException) -> DinosarError:
    """One line for whatever huggingface_hub raised."""
    chain = list(_causes(problem))
    for each in chain:
        if isinstance(each, OSError) and each.errno in DISK and not hasattr(each, "response"):
            return no_room(each.filename or hub_cache(), each)
    why = next((found for each in chain if (found := _reason(model, revision, each))), "")
    if not why:
        last = chain[-1]
        why = f"{type(last).__name__}: {str(last).splitlines()[0] if str(last) else 'no reason given'}"
    return _failed(model, revision, why)


def _failed(model: Model, revision: str | None, why: str) -> WeightsError:
    return WeightsError(f"weights of '{model.name}' cannot be fetched from {address(model, revision)}: {shown(why)}")


def _reason(model: Model, revision: str | None, problem: Any) -> str:
    """What one exception means, or nothing if it is not one of the hub's."""
    name = type(problem).__name__
    status = getattr(getattr(problem, "response", None), "status_code", None)
    if name == "GatedRepoError":
        return "the repository asks for a login; accept its licence on its page, then run: hf auth login"
    if name == "RevisionNotFoundError":
        return f"there is no revision '{revision or 'main'}'"
    if name == "RepositoryNotFoundError":
        return f"there is no repository '{model.repo}' that may be read without a login (answer {status})"
    if name in ("EntryNotFoundError", "RemoteEntryNotFoundError"):
        return f"there is no file '{model.file}' in that repository"
    if name == "FileMetadataError":
        return "what answers there is not the hub; a network that wants a login first?"
    return f"the hub answered {status}" if status else ""


def _causes(problem: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = problem
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__

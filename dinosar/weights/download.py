"""Getting a published file of weights here: from disk where it is, else from its publisher, else a line that helps."""

from dinosar.errors import WeightsError, shown
from dinosar.notices import note, warn
from dinosar.weights.catalogue import Model
from dinosar.weights.disk import Located, locate, target
from dinosar.weights.first_sight import check, remember
from dinosar.weights.hub import address, fetch_from_hub, hub_problem


def obtain(model: Model, revision: str | None = None) -> Located:
    """The file: on disk, else fetched if the hub answers. It is the one that was first seen, or WeightsError."""
    found = locate(model, revision)
    if found is None:
        problem = hub_problem() if model.on_hub else ""
        if problem:
            raise missing(model, problem, revision)
        return fetch(model, revision)
    check(model, found)
    return found


def fetch(model: Model, revision: str | None = None, progress: bool = True) -> Located:
    """Fetch a file from its publisher and remember its hash; only bytes that are not here yet are fetched."""
    here = locate(model, revision)
    if here and not model.on_hub:
        check(model, here)
        return here
    note(f"fetching {model.name}, {model.about}, licence: {model.licence}")
    if not model.on_hub:
        from dinosar.weights.releases import fetch_release

        found, digest = fetch_release(model, progress)
        remember(model, found, digest)
        return found
    try:
        found = fetch_from_hub(model, revision, progress)
    except WeightsError as problem:
        if here is None:
            raise
        warn(f"{problem}; what is here already stays in use")
        found = here
    check(model, found)
    return found


def missing(model: Model, why: str, revision: str | None = None) -> WeightsError:
    """What to say when a model is not on this machine and cannot come here by itself."""
    at = f" at revision {shown(revision)}" if revision else ""
    own = "masker.model_path" if model.part == "rembg" else "--checkpoint"
    return WeightsError(
        f"weights of '{model.name}' ({model.id}{at}, {model.about}) are not on this machine, and {why}; with a network "
        f"run: dinosar models fetch {model.name}; without one bring {address(model, revision)} here and run: "
        f"dinosar models import {target(model).name} --as {model.name}; or name a file of your own with {own}"
    )

"""Where photographs lie: in the folder that is named, in that of a data set, or where a run saw them."""

from pathlib import Path

from dinosar.errors import UsageError


def collection(photos: Path | None, dataset: str | None) -> Path:
    """The root of a collection."""
    if photos is not None:
        return photos
    if dataset is None:
        raise UsageError("name the folder of your photos, or --dataset NAME with a folder for it in data_dirs.yaml")
    from dinosar.datasets.places import folder_of

    return folder_of(dataset)


def seen_by_run(pairs: Path) -> dict[str, str]:
    """The library and the folder of queries of the run that wrote a list of pairs, by its record beside it."""
    from dinosar.folders import RECORD, mapping

    inputs = mapping(pairs.parent / RECORD).get("inputs")
    if not isinstance(inputs, dict):
        return {}
    here = {key: pairs.parent / str(inputs[key]) for key in ("store", "queries") if inputs.get(key)}
    found = {"store": str(here["store"])} if "store" in here and here["store"].is_dir() else {}
    queries = here.get("queries")
    if queries is not None and queries.exists():
        found["images"] = str(queries if queries.is_dir() else queries.parent)
    return found

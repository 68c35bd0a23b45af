"""Where photographs lie: in the folder that is named, in that of a data set, or where a run saw them."""

from pathlib import Path

from dinosar.errors import InputError, UsageError, shown


def collection(photos: Path | None, dataset: str | None) -> Path:
    """The root of a collection; a data set that nobody knows is told before anything else."""
    from dinosar.datasets.opening import check_name

    if dataset is not None:
        check_name(dataset)
    if photos is not None:
        return photos
    if dataset is None:
        raise UsageError("name the folder of your photos, or --dataset NAME with a folder for it in data_dirs.yaml")
    return of_dataset(dataset)


def of_dataset(dataset: str) -> Path:
    """The folder that the file of places has for a data set."""
    from dinosar.datasets.opening import check_name
    from dinosar.datasets.places import FILE, folder_of

    check_name(dataset)
    folder = folder_of(dataset)
    if not folder.exists():
        raise InputError(
            f"{FILE} says that dataset '{shown(dataset)}' lies in '{shown(folder)}', which is not there; correct that "
            "line, or name the folder"
        )
    return folder


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

"""Which folder a collection lies in: the one that is named, or that of the data set in data_dirs.yaml."""

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

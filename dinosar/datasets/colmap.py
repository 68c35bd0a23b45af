"""A model of COLMAP and the photographs it was made of.

    images/**                  or dense/images/**
    sparse/0/ or sparse/       {cameras,images,points3D}.{bin,txt}

A photograph is called what the model calls it: its path below the folder of photographs. `intrinsics.txt`, `query.txt`
and `database.txt` may stand beside, as in a plain folder.
"""

from pathlib import Path

from dinosar.datasets.colmap_models import Registered, is_model, registered
from dinosar.datasets.listed import Dataset, Listed, Role
from dinosar.datasets.photo_files import check_folder, photos_below, tell_missing, wrong_tree
from dinosar.datasets.plain import DATABASE, QUERY, told_cameras, told_roles
from dinosar.datasets.upright import settled
from dinosar.errors import InputError, shown
from dinosar.regular_files import called

MODELS = (".", "sparse", "dense/sparse", "dense")
PHOTOS = ("images", "dense/images", "../images", "../../images")


class Colmap(Dataset):
    """The folder of a model, or one that holds it under `sparse`. What is not in the model only asks.

    Where there are lists of who asks and who answers, they hold.
    """

    def photographs(self) -> list[Listed]:
        """Every photograph below the folder of photographs, by name."""
        check_folder(self.root)
        model, folder = self.model, self.folder
        files = photos_below(folder, folder)
        known = {image.name: image for image in registered(model)}
        tell_missing([name for name in known if name not in files], model, len(set(known) & set(files)))
        cameras, roles = told_cameras(self.root, files), self._roles(files, known)
        listed = []
        for name, path in files.items():
            image = known.get(name)
            camera = cameras.get(name) or (image.camera if image else None)
            if name in roles:
                listed.append(Listed(name, path, roles[name], "", camera, image.pose if image else None))
        return settled(listed)

    def _roles(self, files: dict[str, Path], known: dict[str, Registered]) -> dict[str, Role]:
        if any((self.root / each).exists() for each in (QUERY, DATABASE)):
            return told_roles(self.root, files)
        return {name: "both" if name in known else "query" for name in files}

    @property
    def model(self) -> Path:
        """The folder of the model; an InputError where there is none, or more than one."""
        for folder in (self.root / each for each in MODELS):
            if is_model(folder):
                return folder
            numbered = sorted((each for each in folder.glob("[0-9]*") if is_model(each)), key=lambda each: each.name)
            if len(numbered) > 1:
                held = ", ".join(f"'{shown(each.name, 20)}'" for each in numbered[:5])
                raise InputError(f"{called(folder)} holds {len(numbered)} models ({held}); name the folder of one")
            if numbered:
                return numbered[0]
        raise wrong_tree(self.root, "COLMAP", "images/ and sparse/0/")

    @property
    def folder(self) -> Path:
        """The folder of photographs, to which their names are relative."""
        for folder in (self.root / each for each in PHOTOS):
            if folder.is_dir():
                return folder
        raise wrong_tree(self.root, "COLMAP", "images/, the photographs of the model,")

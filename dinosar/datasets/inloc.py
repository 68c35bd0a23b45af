"""InLoc: questions by telephone, answered by cutouts of panoramas from two buildings.

query/iphone7/*
database/cutouts/{DUC1,DUC2}/<scan>/*.jpg
"""

from dinosar.datasets.listed import Dataset, Listed
from dinosar.datasets.photo_files import check_folder, photos_below, wrong_tree

QUERIES = "query/iphone7"
CUTOUTS = "database/cutouts"
BUILDINGS = ("DUC1", "DUC2")


class InLoc(Dataset):
    """The tree in which InLoc is published. `scene` is the building of a cutout; that of a question is not told."""

    def photographs(self) -> list[Listed]:
        """Queries and cutouts, by name. Intrinsics and poses are not among what is published with them."""
        check_folder(self.root)
        wanted = f"{QUERIES}/ and {CUTOUTS}/{{{','.join(BUILDINGS)}}}/"
        asked = self.root / QUERIES
        answering = {each: self.root / CUTOUTS / each for each in BUILDINGS if (self.root / CUTOUTS / each).is_dir()}
        if not asked.is_dir() or not answering:
            raise wrong_tree(self.root, "InLoc", wanted)
        found = [Listed(name, path, "query") for name, path in photos_below(asked, self.root).items()]
        cutouts = [
            Listed(name, path, "database", building)
            for building, folder in answering.items()
            for name, path in photos_below(folder, self.root).items()
        ]
        if not found or not cutouts:
            raise wrong_tree(self.root, "InLoc", f"photographs in {wanted}")
        return sorted(found + cutouts, key=lambda photo: photo.name)

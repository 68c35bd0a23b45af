"""ETH3D, high resolution, many views: scenes of undistorted photographs with cameras and poses.

    <scene>/images/dslr_images_undistorted/*
    <scene>/dslr_calibration_undistorted/{cameras,images,points3D}.txt

The calibration is a model of COLMAP of the undistorted photographs, and each has the camera that it names there. Their
numbers in `dslr_calibration_jpg` are those of the distorted cameras, and mean nothing here.
"""

from pathlib import Path

from dinosar.datasets.colmap_models import is_model, registered
from dinosar.datasets.listed import Dataset, Listed
from dinosar.datasets.photo_files import check_folder, name_of, photos_below, tell_missing, wrong_tree
from dinosar.datasets.upright import settled

PHOTOS = "images/dslr_images_undistorted"
CALIBRATION = "dslr_calibration_undistorted"


class ETH3D(Dataset):
    """All scenes below the folder."""

    def photographs(self) -> list[Listed]:
        """The undistorted photographs of all scenes, by name."""
        check_folder(self.root)
        scenes = [each for each in sorted(self.root.iterdir()) if (each / PHOTOS).is_dir()]
        if not any(is_model(scene / CALIBRATION) for scene in scenes):
            raise wrong_tree(self.root, "ETH3D", f"<scene>/{PHOTOS}/ and <scene>/{CALIBRATION}/")
        return sorted((each for scene in scenes for each in self._of(scene)), key=lambda photo: photo.name)

    def _of(self, scene: Path) -> list[Listed]:
        """The photographs of one scene; one that the calibration does not know has neither camera nor pose."""
        files = photos_below(scene / PHOTOS, self.root)
        known = {name_of(scene / "images" / each.name, self.root): each for each in registered(scene / CALIBRATION)}
        tell_missing([name for name in known if name not in files], scene / CALIBRATION, len(set(known) & set(files)))
        label = name_of(scene, self.root)
        return settled([
            Listed(name, path, "both", label, known[name].camera, known[name].pose)
            if name in known else Listed(name, path, "both", label)
            for name, path in files.items()
        ])  # fmt: skip

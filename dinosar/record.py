"""What ran, on what, with which parts: a config with every default filled in, and how it came out, as plain YAML.

A `run.yaml` is itself a config. What is not config stands under `record`, and is ignored when it is read as one.
"""

import hashlib
import os
import platform
import sys
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from dinosar import __version__
from dinosar.config import JobConfig
from dinosar.contracts import Plugin
from dinosar.data import Photo
from dinosar.errors import InputError, shown
from dinosar.publishing import sha256_of
from dinosar.registry import origin_of
from dinosar.retrieval.index import INDEX, Index
from dinosar.settings import file_options, input_files
from dinosar.yaml_files import write_yaml

HEADER = "# A record of one run of dinosar. To run it again and compare: dinosar rerun {name}\n"
LIBRARIES = {
    "numpy": ("numpy",), "cv2": ("opencv-python-headless", "opencv-python", "opencv-contrib-python"),
    "PIL": ("Pillow",), "matplotlib": ("matplotlib",), "scipy": ("scipy",), "skimage": ("scikit-image",),
    "pycocotools": ("pycocotools",), "torch": ("torch",), "torchvision": ("torchvision",), "timm": ("timm",),
    "rembg": ("rembg",), "onnxruntime": ("onnxruntime",), "tifffile": ("tifffile",), "pillow_heif": ("pillow-heif",),
    "h5py": ("h5py",), "poselib": ("poselib",), "pycolmap": ("pycolmap",), "faiss": ("faiss-cpu",),
    "distributed": ("distributed",),
}  # fmt: skip
"""Module -> the distributions that may provide it. A record names those that were in use."""


def photo_facts(photo: Photo, given: str) -> dict[str, Any]:
    """An input as the record keeps it."""
    return {
        "given": given,
        "absolute": str(photo.path.resolve()) if photo.path else None,
        "sha256": photo.sha256,
        "width": photo.size[0],
        "height": photo.size[1],
        "notes": list(photo.notes),
    }


def file_facts(given: str) -> dict[str, Any]:
    """Another file that was read, as the record keeps it."""
    path = Path(given)
    if not path.exists():
        raise InputError(f"'{shown(given)}' is not there; check the path")
    if (path / INDEX).is_file():
        digest = Index(path).sum()
        return {"given": given, "absolute": str(path.resolve()), "sha256": digest, "sha256_is": "of its index"}
    of = {"sha256_is": "of names and sizes"} if path.is_dir() and not any(path.glob("*.mrk.json")) else {}
    return {"given": given, "absolute": str(path.resolve()), "sha256": _sum_of_folder(path) or sha256_of(path), **of}


def _sum_of_folder(path: Path) -> str:
    """One sum for a folder of landmark files, one for each photo; of any other folder one of names and sizes.

    Empty for a file.
    """
    if not path.is_dir():
        return ""
    known: dict[str, Any] = {each.name: sha256_of(each) for each in sorted(path.glob("*.mrk.json"))}
    if not known:
        files = (Path(folder) / name for folder, _, names in os.walk(path) for name in names)
        known = {each.relative_to(path).as_posix(): each.stat().st_size for each in sorted(files) if each.is_file()}
    return hashlib.sha256(repr(known).encode()).hexdigest()


def part_facts(plugin: Plugin) -> dict[str, Any]:
    """A part as the record keeps it: where it came from, and what it says of itself."""
    return {"use": plugin.name, **origin_of(plugin), **plugin.facts()}


def computed_on(parts: dict[str, Plugin]) -> dict[str, str]:
    """Device and precision of the backbone; one that says nothing of them is NumPy on the CPU."""
    facts = parts["backbone"].facts() if "backbone" in parts else {}
    return {"device": facts.get("device", "cpu"), "dtype": facts.get("dtype", "float32")}


def pinned(config: dict[str, Any], parts: dict[str, Plugin]) -> dict[str, Any]:
    """A config as plain data, with what its parts left open when they were named filled in as it came out."""
    return config | {slot: config[slot] | part.pinned() for slot, part in parts.items() if slot in config}


def environment() -> dict[str, Any]:
    """The machine and the libraries in use."""
    libraries: dict[str, str] = {}
    for module, distributions in LIBRARIES.items():
        for distribution in distributions if sys.modules.get(module) else ():
            try:
                libraries[distribution] = version(distribution)
            except PackageNotFoundError:
                continue
    facts: dict[str, Any] = {
        "dinosar": __version__,
        "code": package_code(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": processor(),
        "processors": os.cpu_count(),
        "libraries": libraries,
    }
    torch, opencv = sys.modules.get("torch"), sys.modules.get("cv2")
    if torch:
        facts["torch_threads"] = torch.get_num_threads()
    if opencv:
        facts["opencv_threads"] = opencv.getNumThreads()
    return facts


@lru_cache(maxsize=1)
def package_code() -> str:
    """A short hash of the package's own files: between two releases the version says too little."""
    files = sorted(Path(__file__).parent.rglob("*.py"))
    return hashlib.sha256(b"".join(each.read_bytes() for each in files)).hexdigest()[:12]


def processor() -> str:
    """The kind of processor: its instruction set can change the last bits of a sum."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.processor()
    )


def relocated(config: JobConfig, folder: Path) -> dict[str, Any]:
    """The config as plain data, the files it names given relative to where the record will lie."""
    plain: dict[str, Any] = config.model_dump(mode="json")
    for _, inputs, key in input_files(plain["inputs"]):
        inputs[key] = _relative(inputs[key], folder)
    for _, options, key in file_options(plain):
        options[key] = _relative(options[key], folder)
    return plain


def _relative(name: str, folder: Path) -> str:
    path = Path(name)
    try:
        return Path(os.path.relpath(path.absolute(), folder.absolute())).as_posix()
    except ValueError:  # another drive on Windows
        return str(path.absolute())


def named_files(config: JobConfig) -> dict[str, str]:
    """Where the files lie that options name, for a rerun after the record has moved away from them."""
    plain = config.model_dump(mode="json")
    return {f"{kind}.{key}": str(Path(options[key]).absolute()) for kind, options, key in file_options(plain)}


def record_text(config: dict[str, Any], status: str, facts: dict[str, Any], name: str) -> str:
    """A whole record as text."""
    return HEADER.format(name=name) + write_yaml({**config, "status": status, "record": facts})

"""What a whole comparison costs: the three command lines of DINOSAR's README, in fresh processes with an empty home.

    python benchmarks/pair.py [--rounds 3] [--u2net FILE] [--photos A B] [-- MORE WORDS FOR ALL]

Each command runs three times in a home of its own: the first time; once more, when everything it needs is kept; and
with only the store emptied, as for new photos. The weights of DINOv3 are random. Unless --u2net names the real file,
rembg's network is one of two layers that takes what is dark, so its share of the time is missing. The yardstick is one
float32 forward of the same network at 512 x 512 px on one thread; the commands use the threads that they would.
"""

import argparse
import importlib
import json
import os
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
PHOTOS = [ROOT / "toy_data" / f"fulgora-alba_i{n}_p1.jpg" for n in (1, 2)]
SHARED = """compare data/A.jpg data/B.jpg --dinov3-local-ckpt F.pth --dinov3-arch vits16 --layers -3 -2 -1
--layer-agg median --fg-mode rembg --align-stage none --score-mode foreground --attn-fg-thresh 0.15
--attn-layers 9 10 11 --mask-erode-px 2 --border-patches 2 --matching-mode similarity --output-dir outputs/run"""
COMMANDS = {
    "A": SHARED,
    "B": f"{SHARED} --match-flavor demo --demo-mutual --demo-ratio 0.92 --demo-topn 200 --demo-verify "
    "--demo-ransac-reproj 3.0",
    "C": SHARED.replace("--matching-mode similarity", "--matching-mode both") + " --keypoints-json K.json "
    "--tps-grid-snap --tps-grid-cell-size 16 --tps-pad-cells 0",
}  # fmt: skip
FORWARD = """
import statistics, sys, time
from pathlib import Path
import torch
from dinosar import weights
from dinosar.backbones.dino.loading import load
from dinosar.backbones.dino.network import run
from dinosar.weights.recognition import recognise

torch.set_num_threads(1)
path = Path(sys.argv[1])
known = recognise(weights.shapes(path), path.name)
state, image = load(path, known), torch.rand(3, 512, 512, generator=torch.Generator().manual_seed(0))
times = []
for _ in range(6):
    start = time.process_time()
    with torch.inference_mode():
        run(state, known.shape, image, [known.shape.depth - 1], [])
    times.append(time.process_time() - start)
sys.stdout.write(str(statistics.median(times[1:])))
"""
RUNS = ("first, empty home", "again, all kept", "store emptied")


@dataclass(frozen=True)
class Cost:
    """What one process took, and what it left."""

    cpu: float
    wall: float
    peak_mib: float
    files: int
    torch: bool
    patches: int


@dataclass(frozen=True)
class Desk:
    """A folder with photos and weights, from which commands are called."""

    place: Path
    more: list[str]

    def environment(self, home: Path) -> dict[str, str]:
        """Variables of a person who has never run dinosar, but has rembg's network."""
        cleaned: dict[str, str] = importlib.import_module("command_line").environment(
            home, U2NET_HOME=str(self.place / "u2net")
        )
        return cleaned

    def run(self, command: str, home: Path) -> Cost:
        """One command in a process of its own."""
        words = [sys.executable, "-m", "dinosar", *shlex.split(command), "--overwrite", *self.more]
        with (self.place / "log").open("wb") as log:
            start = time.perf_counter()
            process = subprocess.Popen(
                words, cwd=self.place, env=self.environment(home), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
            _, status, used = os.wait4(process.pid, 0)
            wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit((self.place / "log").read_text(encoding="utf-8"))
        unit = 2**20 if sys.platform == "darwin" else 2**10
        return Cost(used.ru_utime + used.ru_stime, wall, used.ru_maxrss / unit, *left(self.place / "outputs" / "run"))

    def thrice(self, command: str) -> list[Cost]:
        """The runs of one command, in the order of RUNS, in a new home."""
        home = Path(tempfile.mkdtemp(dir=self.place))
        costs = [self.run(command, home), self.run(command, home)]
        (store,) = home.rglob("features-v2")  # the rest of the cache stays: what is known of files and of the machine
        shutil.rmtree(store)
        costs.append(self.run(command, home))
        shutil.rmtree(home)
        shutil.rmtree(self.place / "outputs")
        return costs

    def forward(self) -> float:
        """Processor seconds of one plain float32 forward."""
        home = self.place / "yardstick"
        done = subprocess.run(
            [sys.executable, "-c", FORWARD, "F.pth"], cwd=self.place, env=self.environment(home),
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        return float(done.stdout)


def left(folder: Path) -> tuple[int, bool, int]:
    """Files of a run, whether torch was imported (a record names only libraries that were), patches of both grids."""
    record: dict[str, Any] = yaml.safe_load((folder / "run.yaml").read_text(encoding="utf-8"))["record"]
    grids = record["result"]["patches"].values()
    files = sum(path.is_file() for path in folder.rglob("*"))
    return files, "torch" in record["environment"]["libraries"], sum(each["rows"] * each["columns"] for each in grids)


def set_up(place: Path, photos: list[Path], u2net: Path | None) -> None:
    """Photos, their landmarks, random weights and rembg's network; torch stays out of this process.

    On Linux the peak of a child counts what its parent held when it was started, so the parent must stay small.
    """
    (place / "data").mkdir()
    (place / "u2net").mkdir()
    for path, name in zip(photos, "AB", strict=True):
        shutil.copy(path, place / "data" / f"{name}.jpg")
    boxes = {name: image_size(place / "data" / f"{name}.jpg") for name in "AB"}
    (place / "K.json").write_text(json.dumps(landmarks(boxes)), encoding="utf-8")
    script = ROOT / "toy_data" / "weights.py"
    subprocess.run([sys.executable, script, "vits16", place / "F.pth"], check=True)
    network = u2net.read_bytes() if u2net else importlib.import_module("maskers.tiny_onnx").tiny_onnx()
    (place / "u2net" / "u2net.onnx").write_bytes(network)


def image_size(path: Path) -> tuple[int, int]:
    """(width, height) of a photo."""
    from PIL import Image

    with Image.open(path) as image:
        return image.size


def landmarks(sizes: dict[str, tuple[int, int]]) -> dict[str, Any]:
    """A COCO file with nine landmarks on each photo, spread over its middle: cells cost the same wherever they lie."""
    places = [(x, y) for y in (0.3, 0.45, 0.6) for x in (0.25, 0.5, 0.75)]
    images, annotations = [], []
    for number, (name, (width, height)) in enumerate(sizes.items(), 1):
        images.append({"id": number, "file_name": f"{name}.jpg", "width": width, "height": height})
        points = [part for i, (x, y) in enumerate(places) for part in (x * width + 3 * number * (i % 2), y * height, 2)]
        annotations.append({"id": number, "image_id": number, "category_id": 1, "keypoints": points})
    category = {"id": 1, "name": "specimen", "keypoints": [f"m{i}" for i in range(len(places))]}
    return {"images": images, "annotations": annotations, "categories": [category]}


def rows(costs: dict[str, list[list[Cost]]], forwards: list[float]) -> list[list[str]]:
    """The table: medians over rounds, and how far processor time goes."""
    yardstick = statistics.median(forwards)
    table = [["command", "run", "CPU s", "all rounds", "forwards", "wall s", "peak MiB", "files", "torch"]]
    for command, rounds in costs.items():
        for name, found in zip(RUNS, zip(*rounds, strict=True), strict=True):
            cpu, wall, peak = (statistics.median(getattr(c, key) for c in found) for key in ("cpu", "wall", "peak_mib"))
            reach = spread([cost.cpu for cost in found])
            numbers = [f"{cpu:.2f}", reach, f"{cpu / yardstick:.1f}", f"{wall:.1f}", f"{peak:.0f}"]
            table.append([command, name, *numbers, str(found[0].files), "yes" if found[0].torch else "no"])
    return [*table, ["", "one float32 forward", f"{yardstick:.2f}", spread(forwards), "1.0", "", "", "", ""]]


def spread(values: list[float]) -> str:
    """Smallest to largest."""
    return f"{min(values):.2f} to {max(values):.2f}"


def main() -> None:
    """Run the commands in turn, so that a drift of the machine meets all alike, and print medians."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--u2net", type=Path, metavar="FILE", help="rembg's own u2net.onnx instead of a tiny network")
    parser.add_argument("--photos", type=Path, nargs=2, metavar=("A", "B"), default=PHOTOS, help="JPEG files")
    parser.add_argument("more", nargs="*", help="words added to all commands, after --")
    given = parser.parse_args()
    sys.path.insert(0, str(ROOT / "tests"))
    costs: dict[str, list[list[Cost]]] = {command: [] for command in COMMANDS}
    forwards = []
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder), given.more)
        set_up(desk.place, given.photos, given.u2net)
        for _ in range(given.rounds):
            for command, words in COMMANDS.items():
                costs[command].append(desk.thrice(words))
            forwards.append(desk.forward())
    table = rows(costs, forwards)
    wide = [max(map(len, column)) for column in zip(*table, strict=True)]
    patches = costs["A"][0][0].patches
    sys.stdout.write(
        f"Medians of {given.rounds} rounds; rembg's network is {'as given' if given.u2net else 'a tiny one'}; "
        f"{patches} patches in both photos together; `forwards` is CPU s in units of the yardstick.\n\n"
    )
    for row in table:
        cells = [cell.ljust(wide[i]) if i < 2 else cell.rjust(wide[i]) for i, cell in enumerate(row)]
        sys.stdout.write(f"  {'  '.join(cells).rstrip()}\n")


if __name__ == "__main__":
    main()

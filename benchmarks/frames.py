"""What `mismatch` and `distance` cost: batches beside single calls, resuming, stage by stage, and the matching alone.

    python benchmarks/frames.py [--quick] [--json numbers.json]

Commands run in processes of their own, on one thread, in a new home unless it says `again`. Batches: 100 pairs of 20
frames, seen by `classic`; a variant of it counts how often it is shown a picture. Resuming: 20 pairs, and one of which
a picture is missing; then the same command again. Stages: seconds of run.yaml in units of one float32 forward of
ViT-B/14 at 518 px on one thread; its weights are random. Matching: both ways, beside a matrix product and its largest
entries, in CPU seconds of this process. --quick makes everything small, and only shows that it runs.
"""

import argparse
import importlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from dinosar import Encoding, Features, Grid
from dinosar.backbones.classic import Classic
from dinosar.features import halved, unit
from dinosar.frames import correspond

ROOT = Path(__file__).resolve().parent.parent
Row = dict[str, Any]
Tokens = NDArray[np.float32]
Answers = tuple[NDArray[np.int64], NDArray[np.int64]]
Way = Callable[[Tokens, Tokens], Answers]
NEARLY = "nearly plain"
"""Every patch nearer to every other than float32 can tell: all distances are computed exactly."""
FORWARD = """
import statistics, sys, time
from pathlib import Path
import torch
from dinosar import weights
from dinosar.backbones.dino.loading import load
from dinosar.backbones.dino.network import run
from dinosar.weights.recognition import recognise

torch.set_num_threads(1)
path, size = Path(sys.argv[1]), int(sys.argv[2])
known = recognise(weights.shapes(path), path.name)
state, image = load(path, known), torch.rand(3, size, size, generator=torch.Generator().manual_seed(0))
clock = []
with torch.inference_mode():
    for _ in range(4):
        clock.append(-time.process_time())
        run(state, known.shape, image, [known.shape.depth - 1], [])
        clock[-1] += time.process_time()
sys.stdout.write(str(statistics.median(clock[1:])))
"""


class Counted(Classic):
    """`classic`, which leaves a byte behind for every picture that it is shown."""

    def encode(self, image: NDArray[np.uint8]) -> Encoding:
        """As it does, and a byte."""
        with Path(os.environ["COUNTED"]).open("ab") as file:
            file.write(b".")
        return super().encode(image)


@dataclass(frozen=True)
class Sizes:
    """How much is measured."""

    frames: int
    network: str
    side: int
    grids: tuple[int, ...]


FULL, QUICK = Sizes(20, "vitb14", 518, (37, 74)), Sizes(6, "vits14", 112, (8, 12))
STEPS = (1, 2, 3, 4, 5)  # each frame is held against those that lie so many further on


@dataclass(frozen=True)
class Desk:
    """A folder with frames, lists and weights, from which commands are called."""

    place: Path
    sizes: Sizes

    def environment(self, home: str) -> dict[str, str]:
        """Variables of a person with that home, on one thread, who can name the counted backbone."""
        (self.place / home).mkdir(exist_ok=True)
        threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        own = {"PYTHONPATH": str(Path(__file__).parent), "COUNTED": str(self.place / "counted")}
        return dict(importlib.import_module("command_line").environment(self.place / home, **threads, **own))

    def run(self, home: str, *words: str) -> Row:
        """One command: what it took, and how many pictures the counted backbone was shown."""
        count = self.place / "counted"
        count.write_bytes(b"")
        with (self.place / "log").open("wb") as log:
            start = time.perf_counter()
            process = subprocess.Popen(
                [sys.executable, "-m", "dinosar", *words, "-q"], cwd=self.place, env=self.environment(home),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
            _, status, used = os.wait4(process.pid, 0)
            wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in (0, 4):
            sys.exit((self.place / "log").read_text(encoding="utf-8"))
        return {"cpu s": used.ru_utime + used.ru_stime, "wall s": wall, "encodings": count.stat().st_size,
                "peak MiB": used.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)}  # fmt: skip

    def forward(self) -> float:
        """Processor seconds of one plain float32 forward."""
        words = [sys.executable, "-c", FORWARD, "F.safetensors", str(self.sizes.side)]
        done = subprocess.run(words, cwd=self.place, env=self.environment("yardstick"), capture_output=True, check=True)
        return float(done.stdout)

    def record(self, run: str) -> Row:
        """What the record of a run says."""
        return dict(yaml.safe_load((self.place / run / "run.yaml").read_text(encoding="utf-8"))["record"])

    def pairs(self) -> list[tuple[str, str]]:
        """Frames held against those a little further on."""
        count = self.sizes.frames
        names = [f"frames/true/frame_{i:03d}.png" for i in range(count)]
        return [(names[i], names[(i + step) % count]) for i in range(count) for step in STEPS]

    def listed(self, name: str, pairs: list[tuple[str, str]]) -> None:
        """A list of pairs as a file."""
        (self.place / name).write_text(json.dumps([{"image_a": a, "image_b": b} for a, b in pairs]), encoding="utf-8")


def set_up(desk: Desk) -> None:
    """Frames and random weights. Torch and the drawing stay out of this process: a child's peak may count its own."""
    film = ("frames.py", "--out", desk.place / "frames", "--frames", desk.sizes.frames, "--torn", "")
    for script, *words in film, ("weights.py", desk.sizes.network, desk.place / "F.safetensors"):
        subprocess.run([sys.executable, str(ROOT / "toy_data" / str(script)), *map(str, words)], check=True)


def batches(desk: Desk) -> Iterator[Row]:
    """One run of all pairs beside a call for each."""
    pairs = desk.pairs()
    what = ("distance", "--backbone", "frames:Counted")
    desk.listed("all.json", pairs)
    batch = desk.run("batch", *what, "--pairs", "all.json", "--out", "all")
    single = [desk.run("single", *what, *pair) for pair in pairs]
    few = pairs[:: max(1, len(pairs) // 10)]
    bare = desk.run("bare", *what, "--no-store", "--pairs", "all.json", "--out", "bare")
    alone = [desk.run("bare", *what, "--no-store", *pair) for pair in few]
    for words, runs, of in (
        ("one batch", [batch], pairs), ("a call for each", single, pairs),
        ("one batch, --no-store", [bare], pairs), ("a call for each, --no-store", alone, few),
    ):  # fmt: skip
        total = {key: sum(run[key] for run in runs) for key in ("encodings", "cpu s", "wall s")}
        a_pair, in_batch = (1000 * cpu / n for cpu, n in ((total["cpu s"], len(of)), (batch["cpu s"], len(pairs))))
        yield {"way": words, "pairs": len(of), **total, "cpu ms a pair": a_pair, "ratio": a_pair / in_batch,
               "peak MiB": max(run["peak MiB"] for run in runs)}  # fmt: skip


def resuming(desk: Desk) -> Iterator[Row]:
    """Both commands over a list of which one picture is missing, and the same again."""
    pairs = [*desk.pairs()[:: len(STEPS)], ("frames/true/frame_000.png", "not_there.png")]
    desk.listed("broken.json", pairs)
    for command in ("distance", "mismatch"):
        first = None
        for turn in ("first", "again"):
            words = (command, "--backbone", "frames:Counted", "--pairs", "broken.json", "--out", f"b-{command}")
            took = desk.run(f"resumed-{command}", *words)
            first = first or took
            kept, ratio = desk.record(f"b-{command}")["taken_over"], took["cpu s"] / first["cpu s"]
            yield {"command": f"{command}, {turn}", "pairs": len(pairs), **took, "ratio": ratio, "taken over": kept}


def stages(desk: Desk) -> Iterator[Row]:
    """Mismatch of one pair by `classic` and by a network, the first time and again, in float32 forwards."""
    yardstick = desk.forward()
    sides = [f"frames/{side}/frame_{min(9, desk.sizes.frames - 3):03d}.png" for side in ("true", "interpolated")]
    words = ("mismatch", "--ref", sides[0], "--proc", sides[1], "--size", str(desk.sizes.side), "--overwrite")
    network = ("--checkpoint", "F.safetensors")
    cases = {"classic": ("--backbone", "classic"), desk.sizes.network: network,
             f"{desk.sizes.network}, float32": (*network, "--dtype", "float32")}  # fmt: skip
    for name, own in cases.items():
        for turn in ("first", "again"):
            took = desk.run(f"stages-{name}", *words, *own, "--out", "M")
            known = {key: value for key, value in desk.record("M")["seconds"].items() if key != "total"}
            known["the rest"] = took["cpu s"] - sum(known.values())
            told = {key: value / yardstick for key, value in {**known, "all": took["cpu s"]}.items()}
            yield {"backbone": f"{name}, {turn}", **told, "wall s": took["wall s"], "peak MiB": took["peak MiB"]}
    yield {"backbone": "one float32 forward", "all": 1.0, "wall s": yardstick}


def pictures(side: int, depth: int = 768) -> dict[str, tuple[Tokens, Tokens]]:
    """Tokens (side, side, depth) of two pictures as features hold them, by what they are of."""
    random = np.random.default_rng(0)
    scene, plain = random.normal(size=(side, side, depth)), random.normal(size=depth)
    half = scene.copy()
    half[: side // 2] = plain

    def held(tokens: NDArray[np.float64], noise: float = 0) -> Tokens:
        return unit(halved(tokens + noise * random.normal(size=scene.shape)))

    return {
        "a scene and its like": (held(scene), held(scene, 0.3)),
        "a scene, half a plain sky": (held(half), held(half)),
        "all plain": (held(plain), held(plain)),
        NEARLY: (held(plain, 1e-3), held(plain, 1e-3)),
    }


def plain_way(a: Tokens, b: Tokens) -> Answers:
    """The largest entries of the rows and columns of the full matrix."""
    cosine = a.reshape(-1, a.shape[-1]) @ b.reshape(-1, b.shape[-1]).T
    return cosine.argmax(axis=1), cosine.argmax(axis=0)


def our_way(a: Tokens, b: Tokens) -> Answers:
    """As the commands do it."""
    side = a.shape[0] * 14
    grid = Grid(photo=(side, side), crop=(0, 0, side, side), network=(side, side), content=(0, 0, side, side), patch=14)
    there, back = correspond(Features(a, grid, "x"), Features(b, grid, "x"))
    return there.answer, back.answer


def matching(sizes: Sizes) -> Iterator[Row]:
    """Matching alone, for pictures that are hard in one way or another; the hardest on the smaller grid only."""
    for side in sizes.grids:
        for name, pair in pictures(side).items():
            if name == NEARLY and side > sizes.grids[0]:
                continue
            found = [once(way, pair) for _ in range(1 if name == NEARLY else 3) for way in (plain_way, our_way)]
            one, two = (1000 * statistics.median(seconds for seconds, _ in found[turn::2]) for turn in (0, 1))
            same = float(np.mean([x == y for x, y in zip(found[0][1], found[1][1], strict=True)]))
            yield {"patches": f"{side} x {side}", "pictures": name, "plain ms": one, "our ms": two, "ratio": two / one,
                   "plain MiB": peak(plain_way, pair), "our MiB": peak(our_way, pair), "same": same}  # fmt: skip


def once(way: Way, pair: tuple[Tokens, Tokens]) -> tuple[float, Answers]:
    """CPU seconds of one call, and what it answered."""
    start, found = time.process_time(), way(*pair)
    return time.process_time() - start, found


def peak(way: Way, pair: tuple[Tokens, Tokens]) -> float:
    """Largest memory of NumPy arrays during one call."""
    tracemalloc.start()
    way(*pair)
    size = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return size / 2**20


def told(rows: list[Row]) -> str:
    """Rows as a table, the first column to the left and the others to the right."""
    names = list(rows[0])
    cells = [names, *([_cell(name, row.get(name, "")) for name in names] for row in rows)]
    wide = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [[row[0].ljust(wide[0]), *(cell.rjust(wide[i]) for i, cell in enumerate(row) if i)] for row in cells]
    return "".join(f"  {'  '.join(line).rstrip()}\n" for line in lines)


def _cell(name: str, value: Any) -> str:
    if not isinstance(value, float):
        return str(value)
    return f"{value:.0f}" if name.endswith(("MiB", "pair")) else f"{value:.3f}" if name == "same" else f"{value:.2f}"


def main() -> None:
    """Measure, print table after table, and write the numbers as JSON when asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="tiny settings, to see that it runs")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers here, too")
    given = parser.parse_args()
    sys.path.insert(0, str(ROOT / "tests"))
    sizes, numbers = QUICK if given.quick else FULL, {}
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder), sizes)
        set_up(desk)
        for title, rows in (
            ("batches", batches(desk)), ("resuming", resuming(desk)),
            ("stages, in float32 forwards of the network", stages(desk)), ("matching, both ways", matching(sizes)),
        ):  # fmt: skip
            numbers[title] = list(rows)
            sys.stdout.write(f"{title}\n\n{told(numbers[title])}\n")
            sys.stdout.flush()
    if given.json:
        given.json.write_text(json.dumps(numbers, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

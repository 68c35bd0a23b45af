"""What a DINO network of ours costs: layers, attention, precision, timm's own beside it, and what comes before.

    python benchmarks/networks.py [--model vits16] [--size 512] [--rounds 7]

The weights are random, in the layout of Meta's files, so errors and agreements are indications: trained networks have
larger outliers. All times are processor time on one thread. Ratios are taken within each round, in which every way is
timed once, in one order and the next time in the other; `plain again` is the same work once more, and shows how far
ratios scatter. The claim to check: attention adds at most 12 % to a plain forward.
"""

import argparse
import importlib
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from PIL import Image, ImageOps

from dinosar import hardware, weights
from dinosar.backbones.dino.loading import State, load, placed
from dinosar.backbones.dino.network import MEAN, STD, Pass, run
from dinosar.weights.architecture import Architecture, expected
from dinosar.weights.layouts import LAYOUTS, ZEROS
from dinosar.weights.recognition import recognise, split

ROOT = Path(__file__).resolve().parent.parent
PHOTO = ROOT / "toy_data" / "fulgora-alba_i1_p1.jpg"
MODELS = ("vits16", "vitsplus16", "vitb16", "vitl16", "vith16plus")
CLAIM = 1.12
Way = Callable[[], Any]
Times = dict[str, list[float]]


@dataclass(frozen=True)
class Network:
    """Weights and an image, ready to run."""

    state: State
    shape: Architecture
    image: torch.Tensor
    half: bool

    def __call__(self, layers: Iterable[int], looks: Iterable[int] = ()) -> Pass:
        """One pass, as the backbone makes it."""
        with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.half):
            return run(self.state, self.shape, self.image, list(layers), list(looks))

    def written_out(self) -> list[torch.Tensor]:
        """The plain way to attention: the map of every pair of tokens of every block, kept (heads, tokens, tokens)."""
        maps: list[torch.Tensor] = []

        def attention(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
            maps.append((q @ k.transpose(-2, -1) * q.shape[-1] ** -0.5).softmax(dim=-1))
            return maps[-1].to(v.dtype) @ v

        with mock.patch.object(F, "scaled_dot_product_attention", attention):
            self([self.shape.depth - 1])
        if len(maps) != self.shape.depth:
            sys.exit("the network no longer calls scaled_dot_product_attention once a block: mend this benchmark")
        return maps


def photos(size: int) -> list[torch.Tensor]:
    """A square photo as networks take it, and the same a tenth larger, shifted and noisy."""
    with Image.open(PHOTO) as file:
        square = ImageOps.fit(file.convert("RGB"), (size, size))
    nearer = (0.9, 0, 0.06 * size, 0, 0.9, 0.03 * size)
    other = square.transform((size, size), Image.Transform.AFFINE, nearer, Image.Resampling.BICUBIC)
    noise = np.random.default_rng(0).normal(0, 4, (size, size, 3))
    both = np.array(square), np.clip(np.asarray(other) + noise, 0, 255).astype(np.uint8)
    return [torch.from_numpy(pixels).permute(2, 0, 1).float() / 255 for pixels in both]


def timm_network(model: str, net: Network) -> Callable[[bool], torch.Tensor]:
    """timm's own network with the same weights: tokens of the patches, for float32 or with autocast to bfloat16."""
    timm = importlib.import_module("timm")
    theirs = timm.create_model(weights.published(model).id, num_classes=0, dynamic_img_size=True).eval()
    theirs.load_state_dict(timm_state(net.state, net.shape))
    mean, std = (torch.tensor(v)[:, None, None] for v in (MEAN, STD))

    def forward(half: bool) -> torch.Tensor:
        with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
            out: torch.Tensor = theirs.forward_features(((net.image - mean) / std)[None])
        return out[0, 1 + net.shape.registers :]

    return forward


def timm_state(state: State, shape: Architecture) -> State:
    """The tensors under the names that timm gives them."""
    layout = next(each for each in LAYOUTS if each.title == "timm DINOv3")
    found: State = {}
    for official, size in expected(shape).items():
        own = layout.pieces(official)
        parts = state[official].split([part[0] for part in split(official, size, len(own))])
        found |= {name: part for name, part in zip(own, parts, strict=True) if name != ZEROS}
    return found


def ways(net: Network, theirs: Callable[[bool], torch.Tensor]) -> dict[str, Way]:
    """What is timed, the plain forward first. Four layers lie a quarter of the network apart."""
    last = net.shape.depth - 1
    quarters = [net.shape.depth * n // 4 - 1 for n in (1, 2, 3, 4)]
    return {
        "plain": lambda: net([last]),
        "plain again": lambda: net([last]),
        "four layers in one pass": lambda: net(quarters),
        "four layers in four passes": lambda: [net([layer]) for layer in quarters],
        "attention of the last block": lambda: net([last], [last]),
        "attention of the last 3 blocks": lambda: net([last], range(last - 2, last + 1)),
        "attention of all blocks": lambda: net([last], range(last + 1)),
        "full maps of all blocks": net.written_out,
        "timm's network": lambda: theirs(net.half),
    }


def interleaved(ways: dict[str, Way], rounds: int) -> Times:
    """Processor seconds of each way in each round, after one call of each that does not count."""
    times: Times = {name: [] for name in ways}
    for turn in range(rounds + 1):
        for name in list(ways) if turn % 2 else reversed(ways):
            start = time.process_time()
            ways[name]()
            if turn:
                times[name].append(time.process_time() - start)
    return times


def kept_mib(out: Any) -> str:
    """Memory of the attention that a way leaves behind."""
    maps = list(out.attention.values()) if isinstance(out, Pass) else out if isinstance(out, list) else []
    size = sum(each.nbytes for each in maps if isinstance(each, torch.Tensor))
    return f"{size / 2**20:.2f}" if size else ""


def beside(times: Times, name: str, base: str) -> list[str]:
    """Median milliseconds, median ratio to another way in the same round, and how far the ratio goes."""
    found = [one / other for one, other in zip(times[name], times[base], strict=True)]
    milliseconds = statistics.median(times[name]) * 1000
    return [f"{milliseconds:.1f}", f"{statistics.median(found):.3f}", f"{min(found):.2f} to {max(found):.2f}"]


def costs(dtype: str, times: Times, ways: dict[str, Way]) -> Iterator[list[str]]:
    """Rows of one precision."""
    for name in (name for name in ways if name.startswith(dtype)):
        row = beside(times, name, f"{dtype} plain")
        yield [name.removeprefix(f"{dtype} "), *row, kept_mib(ways[name]())]


def mutual(a: torch.Tensor, b: torch.Tensor) -> set[tuple[int, int]]:
    """Pairs of tokens that are each other's nearest by cosine, in double precision."""
    cosine = F.normalize(a.double(), dim=1) @ F.normalize(b.double(), dim=1).T
    forward, backward = cosine.argmax(dim=1).tolist(), cosine.argmax(dim=0).tolist()
    return {(i, j) for i, j in enumerate(forward) if backward[j] == i}


def agreement(full: Network, half: Network, times: Times) -> list[list[str]]:
    """What bfloat16 gives and takes."""
    last = full.shape.depth - 1
    images = photos(full.image.shape[1])
    tokens = [[replace(net, image=image)([last]).tokens[last].float() for image in images] for net in (full, half)]
    away = 1 - F.cosine_similarity(torch.cat(tokens[0]).double(), torch.cat(tokens[1]).double())
    ours, theirs = (mutual(a, b) for a, b in tokens)
    _, middle, reach = beside(times, "bfloat16 plain", "float32 plain")
    return [
        ["time of a plain forward, bfloat16 over float32", f"{middle} ({reach})"],
        ["1 - cosine of tokens, mean", f"{away.mean():.2e}"],
        ["1 - cosine of tokens, largest", f"{away.max():.2e}"],
        ["mutual nearest neighbours, float32 and bfloat16", f"{len(ours)} and {len(theirs)}"],
        ["Jaccard of the two sets", f"{len(ours & theirs) / len(ours | theirs):.3f}"],
    ]


def same_answers(nets: dict[str, Network], theirs: Callable[[bool], torch.Tensor]) -> Iterator[list[str]]:
    """Largest differences from timm's tokens, and of rows of attention from the maps written out."""
    for dtype, net in nets.items():
        last = net.shape.depth - 1
        out, maps = net([last], range(last + 1)), net.written_out()
        far = (out.tokens[last] - theirs(net.half)).abs().max()
        rows = torch.stack([each[0, :, 0, 1 + net.shape.registers :].float() for each in maps])
        off = (torch.stack([out.attention[i] for i in range(last + 1)]) - rows).abs().max()
        yield [dtype, f"{far:.1e}", f"{out.tokens[last].abs().max():.1f}", f"{off:.1e}"]


def fresh(code: str) -> float:
    """Processor seconds of a new Python that runs this code."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], env=os.environ | {"OMP_NUM_THREADS": "1"}, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def imports(rounds: int) -> list[list[str]]:
    """What importing costs."""
    codes = ("pass", "import torch", "import timm")
    found = [{code: fresh(code) for code in codes} for _ in range(rounds + 1)]
    times = {code: [each[code] for each in found[1:]] for code in codes}
    return [[code, *beside(times, code, "import torch")] for code in codes]


def loading(path: Path, net: Network, rounds: int) -> list[list[str]]:
    """What it takes until the weights are there."""
    known = recognise(weights.shapes(path), path.name)
    forward = "a plain float32 forward"
    ways: dict[str, Way] = {
        forward: lambda: net([net.shape.depth - 1]),
        "torch.load, and a copy of every tensor": lambda: [
            tensor.clone() for tensor in torch.load(path, weights_only=True, mmap=True).values()
        ],
        "load: torch.load, checks, official names": lambda: load(path, known),
        "its shapes and which network that is, cold": lambda: recognise(weights.shapes(touched(path)), path.name),
        "its SHA-256, cold": lambda: weights.sha256(touched(path)),
        "its SHA-256, remembered": lambda: weights.sha256(path),
    }
    times = interleaved(ways, rounds)
    return [[name, *beside(times, name, forward)] for name in ways]


def touched(path: Path) -> Path:
    """The file with a new time of change, so that nothing remembered of it counts."""
    os.utime(path)
    return path


def block(sentence: str, head: list[str], rows: Iterable[list[str]]) -> None:
    """A sentence and a table: the first column to the left, the others to the right."""
    table = [head, *rows]
    wide = [max(len(row[i]) for row in table) for i in range(len(head))]
    lines = [
        "  ".join([row[0].ljust(wide[0]), *(cell.rjust(width) for cell, width in zip(row[1:], wide[1:], strict=True))])
        for row in table
    ]
    sys.stdout.write(f"{sentence}\n\n" + "\n".join(f"  {line.rstrip()}" for line in lines) + "\n\n")
    sys.stdout.flush()


def report(model: str, size: int, rounds: int, folder: Path) -> None:
    """Measure and print, block after block."""
    path = folder / f"{model}.pth"
    torch.save(importlib.import_module("toy_data.weights").random_weights(model), path)
    known = recognise(weights.shapes(path), path.name)
    state, image = load(path, known), photos(size)[0]
    nets = {"float32": Network(placed(state, "cpu", False), known.shape, image, False)}
    if hardware.bfloat16("cpu"):
        nets["bfloat16"] = Network(placed(state, "cpu", True), known.shape, image, True)
    theirs = timm_network(model, nets["float32"])
    timed = {f"{dtype} {name}": way for dtype, net in nets.items() for name, way in ways(net, theirs).items()}
    times = interleaved(timed, rounds)
    what = f"{model}, {size} x {size} px, one thread, {rounds} rounds"
    for dtype in nets:
        block(
            f"{dtype} ({what}): each way beside a plain forward to the last layer; claim: attention at most x {CLAIM}.",
            ["way", "CPU ms", "ratio", "all rounds", "attention kept, MiB"], costs(dtype, times, timed),
        )  # fmt: skip
    if "bfloat16" in nets:
        block("bfloat16 beside float32: a photo and its like, a tenth larger, shifted and noisy; tokens of the last "
              "layer.", ["of what", "value"], agreement(nets["float32"], nets["bfloat16"], times))  # fmt: skip
    else:
        sys.stdout.write("bfloat16: skipped, this processor does not compute in it natively.\n\n")
    block("The same answers? Largest differences: our tokens from timm's, our rows of attention from the full maps.",
          ["precision", "tokens", "largest token", "rows"], same_answers(nets, theirs))  # fmt: skip
    block("Fresh processes, each importing one thing: processor time beside import torch.",
          ["process", "CPU ms", "ratio", "all rounds"], imports(rounds))  # fmt: skip
    block(f"Loading a .pth file of {path.stat().st_size / 1e6:.0f} MB; cold: nothing is remembered of it (the disk's "
          "own cache is warm).", ["step", "CPU ms", "ratio", "all rounds"],
          loading(path, nets["float32"], rounds))  # fmt: skip


def main() -> None:
    """Everything on one thread, with a cache of its own."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--model", choices=MODELS, default="vits16")
    parser.add_argument("--size", type=int, default=512, help="side of the image in pixels, a multiple of 16")
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    if given.size % 16 or given.size < 16 or given.rounds < 1:
        parser.error("--size must be a multiple of 16, --rounds at least 1")
    sys.path.insert(0, str(ROOT))
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, {"DINOSAR_CACHE": f"{folder}/cache"}):
        report(given.model, given.size, given.rounds, Path(folder))


if __name__ == "__main__":
    main()

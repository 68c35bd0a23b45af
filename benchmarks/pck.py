"""PCK on the drawn collection (toy_data/spair.py) under each protocol, at the sizes of the papers.

    python benchmarks/pck.py --seeds 0-3

`classic` beside SIFT's descriptors, raw pixels and an untrained network, which any backbone must beat. By keypoint, of
the box, in per cent. The collections say nothing about photographs: the numbers are for telling backbones apart.
"""

import argparse
import itertools
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from dinosar.config import SPairConfig
from dinosar.folders import RunFolder
from dinosar.jobs import carry_out
from dinosar.settings import Layers, settle

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "plugins" / "dinosar-pixels"))  # named by module:Class, so that it need not be installed
BACKBONES = {"classic": "classic", "sift": "sift", "pixels": "dinosar_pixels:Pixels", "random-test": "random-test"}
PROTOCOLS = ("sd_dino", "dift", "probe3d")
ALPHAS = ("0.05", "0.1", "0.2")


def evaluated(archive: Path, backbone: str, protocol: str, out: Path) -> dict[str, Any]:
    """The result of one evaluation."""
    given = {"inputs": {"collection": str(archive)}, "backbone": BACKBONES[backbone], "store": False,
             "search": {"protocol": protocol}, "figures": {"draw": False}}  # fmt: skip
    config = settle(SPairConfig, Layers().add(given, "benchmark"))
    return carry_out(config, RunFolder(out, {})).result


def row(seed: int, protocol: str, backbone: str, result: dict[str, Any], seconds: float) -> str:
    """A line of the table."""
    found = result["overall"]["pck"]["box"]
    shares = [f"{100 * found[alpha]['per_point']:.1f}" for alpha in ALPHAS]
    low, high = found["0.1"]["per_point_interval"]
    cells = [str(seed), protocol, backbone, *shares, f"{100 * low:.1f} to {100 * high:.1f}", f"{seconds:.0f}"]
    return f"| {' | '.join(cells)} |\n"


def drawn(seed: int, folder: Path) -> Path:
    """A collection as a zip."""
    path = folder / f"{seed}.zip"
    script = str(ROOT / "toy_data" / "spair.py")
    subprocess.run([sys.executable, script, "--seed", str(seed), "--zip", str(path)], check=True)
    return path


def main() -> None:
    """Print a row for each collection, protocol and backbone."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seeds", default="0-3", help="first-last (default: 0-3)")
    parser.add_argument("--backbones", nargs="+", default=list(BACKBONES), choices=list(BACKBONES))
    given = parser.parse_args()
    first, _, last = given.seeds.partition("-")
    header = ("seed", "protocol", "backbone", *(f"PCK@{alpha}" for alpha in ALPHAS), "95 % at 0.1", "s")
    sys.stdout.write(f"| {' | '.join(header)} |\n|{'---|' * len(header)}\n")
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(int(first), int(last or first) + 1):
            archive = drawn(seed, Path(folder))
            for protocol, backbone in itertools.product(PROTOCOLS, given.backbones):
                start = time.perf_counter()
                out = Path(folder) / f"{seed}_{protocol}_{backbone}"
                result = evaluated(archive, backbone, protocol, out)
                sys.stdout.write(row(seed, protocol, backbone, result, time.perf_counter() - start))
                sys.stdout.flush()


if __name__ == "__main__":
    main()

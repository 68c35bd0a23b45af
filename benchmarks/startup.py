"""What a command costs before it does anything, as a ratio to a bare typer app in the same run.

python benchmarks/startup.py
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BARE = """
import typer

app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def one() -> None:
    "One command."


@app.command()
def two() -> None:
    "Another."


app(prog_name="bare")
"""


def seconds(command: list[str]) -> float:
    """Wall time of one run."""
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def main() -> None:
    """Run the commands in turn, so that a drift of the machine meets all alike, and print medians."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rounds", type=int, default=25)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder) / "bare.py"
        bare.write_text(BARE)
        python = sys.executable
        commands = {
            "bare typer app, --help": [python, str(bare), "--help"],
            "bare typer app, a command": [python, str(bare), "one"],
            "dinosar --help": [python, "-m", "dinosar", "--help"],
            "dinosar plugins": [python, "-m", "dinosar", "plugins"],
        }
        times: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(rounds):
            for name, command in commands.items():
                times[name].append(seconds(command))
    base = statistics.median(times["bare typer app, --help"])
    for name, values in times.items():
        middle = statistics.median(values)
        sys.stdout.write(f"{name:<28} {middle * 1000:6.0f} ms   x {middle / base:.2f}\n")


if __name__ == "__main__":
    main()

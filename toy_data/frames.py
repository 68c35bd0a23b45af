"""Draw a short film of a specimen that moves over a stony ground, and what a poor interpolator makes of it.

    python toy_data/frames.py
    python toy_data/frames.py --out clip --frames 40 --size 320x240 --corrupt 3,7,9

`true/` is drawn frame by frame. In `interpolated/` every second frame is the true one; those between are made of their
two neighbours: mixed half and half, so that whatever moved is there twice, or torn. The pixels depend on the options
only; the bytes of the files also depend on the PNG library.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

# The script is run, and loaded, from its path; its parts are imported as the package of this folder.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from toy_data.forms import TEXELS
from toy_data.individual import Individual, paint_individual
from toy_data.pose import Pose, draw_pose

FRAMES, SIZE = 16, (256, 192)
TORN = (9, 11)
"""Frames of the shipped film whose lower part comes from the next frame, moved sideways."""
NAMES = ("true", "interpolated")
_POSE, _STONES, _NOISE = 6, 7, 8  # keys of the draws, after those of photographs
_SMALLER = 4  # the canvas is far finer than a frame; sampled as it is, it would glitter
_SAMPLES = 2  # samples per pixel and direction
_LEVELS = 22  # tones per channel: a folder of frames must stay small
_GROUND = np.array([0.34, 0.29, 0.22], np.float32)
_LAMP = np.array([-0.45, -0.55, 0.70], np.float32)  # to the lamp: x right, y down, z to the camera


@dataclass(frozen=True)
class Moment:
    """Where everything is in one frame: the specimen's middle in shares of the frame, its turn, and the zoom."""

    x: float
    y: float
    turn: float
    zoom: float


def sequence(
    seed: int = 0, frames: int = FRAMES, size: tuple[int, int] = SIZE, *, corrupt: Collection[int] = (),
    torn: Collection[int] = (),
) -> tuple[list[np.ndarray], list[np.ndarray]]:  # fmt: skip
    """The true frames and the processed ones, uint8 RGB (height, width, 3).

    `torn` frames are torn in two, if they lie between two others; frames in `corrupt` get a block of noise, and
    nothing else about the film changes by that. A frame that is not there is left out.
    """
    true = [_drawn(seed, moment, size) for moment in _course(frames)]
    made = [_between(true, i, i in torn) if i % 2 and i + 1 < frames else true[i].copy() for i in range(frames)]
    for i in sorted(set(corrupt) & set(range(frames))):
        _spoil(made[i], np.random.default_rng([seed, _NOISE, i]))
    return true, made


def _course(frames: int) -> list[Moment]:
    """The way of the specimen: from left to right with a swing, turning, while the camera draws slowly near."""
    found = []
    for u in np.linspace(0, 1, frames) if frames > 1 else np.zeros(1):
        eased = float(u * u * (3 - 2 * u))  # slow, fast, slow: errors of interpolation grow with the pace
        turn = np.deg2rad(-14 + 30 * eased)
        found.append(Moment(0.36 + 0.28 * eased, 0.52 - 0.09 * float(np.sin(np.pi * u)), turn, 1 + 0.12 * float(u)))
    return found


@functools.lru_cache(maxsize=4)
def _cast(seed: int) -> tuple[Individual, Pose, np.ndarray, np.ndarray]:
    """The specimen, how it is shaped, and its paint and surface at the fineness of a frame."""
    specimen = paint_individual(seed, 0, 0)
    pose = draw_pose(specimen.traits, np.random.default_rng([seed, _POSE]))
    small = [
        cv2.resize(field, None, fx=1 / _SMALLER, fy=1 / _SMALLER, interpolation=cv2.INTER_AREA)
        for field in (specimen.canvas.paint, specimen.canvas.surface)
    ]
    return specimen, pose, small[0], small[1]


def _drawn(seed: int, moment: Moment, size: tuple[int, int]) -> np.ndarray:
    """One true frame."""
    fine = (size[0] * _SAMPLES, size[1] * _SAMPLES)
    _, shape, paint, surface = _cast(seed)
    pose = _posed(shape, moment, fine)
    x, y = np.meshgrid(*(np.arange(n, dtype=np.float32) + np.float32(0.5) for n in fine))
    at = [place * np.float32(TEXELS / _SMALLER) - np.float32(0.5) for place in pose.canonical(x, y)]
    paint, surface = (cv2.remap(field, *at, cv2.INTER_LINEAR) for field in (paint, surface))
    picture = _ground(seed, moment, fine)
    picture *= 1 - _shadow(paint[..., 3])[..., None]
    picture = picture * (1 - paint[..., 3:]) + _lit(paint, surface, pose.rotation)
    display = np.clip(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), 0, 1) ** (1 / 2.2)
    return _toned(display * 255)


def _toned(values: np.ndarray) -> np.ndarray:
    """Values of 0 to 255 on the few tones that are used."""
    step = 255 / (_LEVELS - 1)
    return np.round(np.round(values / step) * step).astype(np.uint8)


def _posed(shape: Pose, moment: Moment, fine: tuple[int, int]) -> Pose:
    """The specimen's own shape, placed and turned as the moment says."""
    width, height = fine
    scale = 0.62 * moment.zoom * min(width / 985, height / 680)
    cos, sin = np.cos(moment.turn) * scale, np.sin(moment.turn) * scale
    away = np.array([[1, 0, -505.0], [0, 1, -345.0], [0, 0, 1]])
    place = np.array([[cos, -sin, moment.x * width], [sin, cos, moment.y * height], [0, 0, 1]])
    return replace(shape, width=width, height=height, to_photo=place @ away, rotation=moment.turn)


def _lit(paint: np.ndarray, surface: np.ndarray, rotation: float) -> np.ndarray:
    """Light that leaves the specimen, premultiplied with its opacity."""
    cos, sin = float(np.cos(rotation)), float(np.sin(rotation))
    slope_x = surface[..., 0] * cos - surface[..., 1] * sin
    slope_y = surface[..., 0] * sin + surface[..., 1] * cos
    facing = (_LAMP[2] - _LAMP[0] * slope_x - _LAMP[1] * slope_y) / np.sqrt(1 + slope_x**2 + slope_y**2)
    return paint[..., :3] * (0.45 + 1.15 * np.clip(facing, 0, None))[..., None]


def _shadow(cover: np.ndarray) -> np.ndarray:
    """How much light the specimen takes from the ground beneath it."""
    reach = 0.012 * cover.shape[1]
    moved = cv2.warpAffine(cover, np.array([[1, 0, reach], [0, 1, 1.4 * reach]]), cover.shape[::-1])
    return 0.5 * cv2.GaussianBlur(moved, (0, 0), 0.6 * reach)


@functools.lru_cache(maxsize=4)
def _stones(seed: int) -> np.ndarray:
    """A plain of flat stones, linear colour, larger than any frame shows of it."""
    rng = np.random.default_rng([seed, _STONES])
    plain = np.broadcast_to(_GROUND, (768, 1024, 3)).copy()
    for _ in range(210):
        centre, axes = rng.uniform([0, 0], [1024, 768]), rng.uniform(13, 47) * np.array([1, rng.uniform(0.55, 0.95)])
        tone = rng.uniform(0.10, 0.62) * np.array([1, rng.uniform(0.93, 1.0), rng.uniform(0.72, 0.98)])
        place = (*(round(16 * c) for c in centre), *(round(16 * a) for a in axes))
        angle = float(rng.uniform(0, 180))
        for shrink, light in ((1.0, 0.55), (0.86, 1.0)):
            size = (round(place[2] * shrink), round(place[3] * shrink))
            cv2.ellipse(plain, place[:2], size, angle, 0, 360, (tone * light).tolist(), -1, cv2.LINE_AA, 4)
    return plain


def _ground(seed: int, moment: Moment, fine: tuple[int, int]) -> np.ndarray:
    """The stones as the camera sees them, nearer and nearer."""
    plain = _stones(seed)
    scale = moment.zoom * 1.15 * max(fine[0] / plain.shape[1], fine[1] / plain.shape[0])
    shift = [(n - scale * m) / 2 for n, m in zip(fine, plain.shape[1::-1], strict=True)]
    place = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
    return cv2.warpAffine(plain, place, fine, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)


def _between(true: list[np.ndarray], i: int, torn: bool) -> np.ndarray:
    """A frame made of its neighbours: mixed, or the lower part of the next one moved sideways."""
    mixed = _toned((true[i - 1].astype(np.float64) + true[i + 1]) / 2)
    if torn:
        row, aside = int(0.55 * len(mixed)), round(0.06 * mixed.shape[1])
        mixed[row:] = np.roll(true[i + 1][row:], aside, axis=1)
    return mixed


def _spoil(frame: np.ndarray, rng: np.random.Generator) -> None:
    """Put a block of noise into a frame, a quarter of it wide and high."""
    rows, columns = frame.shape[0] // 4, frame.shape[1] // 4
    top, left = int(rng.integers(0, frame.shape[0] - rows + 1)), int(rng.integers(0, frame.shape[1] - columns + 1))
    frame[top : top + rows, left : left + columns] = _toned(rng.uniform(0, 255, (rows, columns, 3)))


def write(out: Path, films: tuple[list[np.ndarray], list[np.ndarray]]) -> None:
    """Write the true and the processed frames below `out`, and the sums of the files."""
    sums = []
    for name, film in sorted(zip(NAMES, films, strict=True)):
        (out / name).mkdir(parents=True, exist_ok=True)
        for file, frame in zip(_files(name, len(film)), film, strict=True):
            content = _encoded(frame)
            (out / file).write_bytes(content)
            sums.append(f"{hashlib.sha256(content).hexdigest()}  {file}\n")
    (out / "SHA256SUMS").write_text("".join(sums), encoding="utf-8")


def _files(name: str, frames: int) -> list[str]:
    """Where the frames of a film go, below the output folder."""
    return [f"{name}/frame_{i:03d}.png" for i in range(frames)]


def _encoded(frame: np.ndarray) -> bytes:
    """The bytes of a PNG; few tones pack best as they are, which older OpenCV cannot be told."""
    flags = [cv2.IMWRITE_PNG_COMPRESSION, 9]
    if hasattr(cv2, "IMWRITE_PNG_FILTER"):
        flags += [cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_NONE]
    done, buffer = cv2.imencode(".png", frame[..., ::-1], flags)
    if not done:
        raise RuntimeError(f"could not encode a frame of shape {frame.shape}")
    return buffer.tobytes()


def _numbers(text: str) -> tuple[int, ...]:
    """Frame numbers from 0, between commas."""
    return tuple(int(word) for word in text.split(",") if word.strip())


def _size(text: str) -> tuple[int, int]:
    """Width and height, as in 256x192."""
    width, height = (int(word) for word in text.lower().split("x"))
    if not (16 <= width <= 4096 and 16 <= height <= 4096):
        raise argparse.ArgumentTypeError(f"{text} is not between 16x16 and 4096x4096")
    return width, height


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Draw a short film, and what a poor interpolator makes of it.")
    parser.add_argument("--seed", type=int, default=0, help="which specimen and which stones to draw (default: 0)")
    parser.add_argument(
        "--out", type=Path, default=Path(__file__).resolve().parent / "frames", help="folder to write to"
    )
    parser.add_argument("--frames", type=int, default=FRAMES, help=f"how many frames (default: {FRAMES})")
    parser.add_argument("--size", type=_size, default=SIZE, help="width and height (default: 256x192)")
    parser.add_argument("--corrupt", type=_numbers, default=(), help="frames that get a block of noise, as in 3,7,9")
    parser.add_argument("--torn", type=_numbers, default=TORN, help="odd frames that are torn in two (default: 9,11)")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if not 1 <= options.frames <= 1000:
        parser.error(f"--frames {options.frames} is not between 1 and 1000")
    if wrong := sorted(set(options.corrupt) - set(range(options.frames))):
        parser.error(f"--corrupt {wrong[0]}: the film has frames 0 to {options.frames - 1}")
    wanted = {options.out / file for name in NAMES for file in _files(name, options.frames)}
    if left := sorted(set(options.out.glob("*/frame_*.png")) - wanted):
        parser.error(f"{left[0]} belongs to another film; name another folder with --out")
    films = sequence(options.seed, options.frames, options.size, corrupt=options.corrupt, torn=options.torn)
    write(options.out, films)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""`dinosar train overlap` as a job: a head that learns which patches show the same, its curve, and a record.

The state of the training lies in the folder of the run until it is done, so that the same command goes on where it was.
Of several processes the first writes; the others only compute.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dinosar.config.training import TrainConfig
from dinosar.contracts import Backbone
from dinosar.errors import InputError
from dinosar.folders import Output, RunFolder, signature, slug
from dinosar.hardware import device
from dinosar.jobs import Outcome
from dinosar.parts import backbone_in_words, build_backbone
from dinosar.publishing import sha256_of
from dinosar.record import file_facts, part_facts
from dinosar.retrieval.overlap_head import OverlapHead
from dinosar.retrieval.overlap_head_files import head_bytes
from dinosar.store import identity
from dinosar.timing import stage
from dinosar.training.curves import curve_csv
from dinosar.training.fleet import processes, rank
from dinosar.training.loop import Trained, fit
from dinosar.training.material import Material, material
from dinosar.training.options import FitOptions

STATE = "training_state.pt"
HEADS = "heads"
RUNS = Path("runs")
OPEN = {"store", "require_dino", "figures"}
"""Settings on which no weight depends."""
Files = Iterator[tuple[str, bytes]]


class Bystander:
    """The output of a process that only computes: it reads the state in the folder of the first, and writes nothing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.outputs: dict[str, str] = {}

    @property
    def record(self) -> Path:
        """Where the first process puts the record."""
        return self.path / "run.yaml"

    def check(self) -> None:
        """Nothing can stop what writes nothing."""

    def __enter__(self) -> "Bystander":
        return self

    def __exit__(self, *error: object) -> None:
        """Nothing is held."""

    def write(self, name: str, data: bytes) -> None:
        """The first process writes."""

    def adopt(self, files: dict[str, str]) -> None:
        """The first process has them."""

    def finish(self, record: str, *, resumable: bool = False) -> Path:
        """The first process finishes."""
        return self.record


def place(config: TrainConfig, out: Path | None, overwrite: bool) -> Output:
    """The folder named, or one under runs/ called after the photos and a hash of the options: the same ones go on."""
    options = config.model_dump(mode="json", exclude=OPEN)
    if out is None:
        out = RUNS / f"overlap_{slug(Path(config.inputs.images).name)}_{signature(options)[:8]}"
    return Bystander(out) if rank() else RunFolder(out, options, overwrite=overwrite)


def compute(config: TrainConfig) -> Outcome:
    """Choose the pairs, and prepare to learn from them."""
    backbone = build_backbone(config.backbone)
    with stage("pairs"):
        found = material(config, backbone)
        _check_depth(config, backbone, found)
    given = {key: value for key, value in config.inputs.model_dump().items() if value is not None}
    facts = {"inputs": {key: file_facts(value) for key, value in given.items()}, "processes": processes()}
    outcome = Outcome({}, facts=facts, parts={"backbone": backbone})

    def steps(output: Any) -> Files:
        with stage("learn"), _noted(output):
            trained = _learned(config, backbone, found, output)
        outcome.noun = trained
        outcome.result = result(trained, config, found, backbone)
        if not rank():
            yield from _files(trained, config, found, outcome.result)

    outcome.steps = steps
    return outcome


def _check_depth(config: TrainConfig, backbone: Backbone, found: Material) -> None:
    """Complain where the config speaks of tokens of another depth than the backbone gives."""
    wanted = config.model.matcher.input_dim
    depth = found.training.example(0, 0).a.tokens.shape[1]
    if wanted is not None and wanted != depth:
        raise InputError(
            f"model.matcher.input_dim is {wanted}, and tokens of {backbone.title} have depth {depth}; name the "
            "backbone of that depth, or leave input_dim out"
        )


def _learned(config: TrainConfig, backbone: Backbone, found: Material, output: Any) -> Trained:
    """The training itself; heads of the last epochs are kept on the way."""
    told = {
        "backbone": backbone.title, "seen": identity(backbone) or part_facts(backbone),
        "image": config.image.model_dump(mode="json"), "data": config.data.name, **found.counted,
        "epochs": config.train.epochs, "seed": config.train.seed,
    }  # fmt: skip
    keep = config.train.keep_last_checkpoints

    def after_epoch(epoch: int, head: OverlapHead) -> None:
        if keep and not rank():
            output.write(_head_name(epoch), head_bytes(head))
            _forget(output, _head_name(epoch - keep))

    return fit(found.training, fit_options(config), validation=found.validation, state=output.path / STATE, told=told,
               after_epoch=after_epoch)  # fmt: skip


def _head_name(epoch: int) -> str:
    return f"{HEADS}/epoch_{epoch:04d}.safetensors"


def _forget(output: Any, name: str) -> None:
    """Remove an output of this run."""
    (output.path / name).unlink(missing_ok=True)
    output.outputs.pop(name, None)


@contextlib.contextmanager
def _noted(output: Any) -> Iterator[None]:
    """While the training goes on its state belongs to the run, so that it can be tidied away; then it is not needed."""
    if rank():
        yield
        return
    kept = sorted((output.path / HEADS).glob("epoch_*.safetensors"))
    output.adopt({f"{HEADS}/{file.name}": sha256_of(file) for file in kept})
    if not (output.path / STATE).exists():
        output.write(STATE, b"")  # which says that nothing is learned yet
        output.outputs.pop(STATE, None)
    yield
    _forget(output, STATE)


def fit_options(config: TrainConfig) -> FitOptions:
    """What the loop is told, from the words of the config."""
    train, matcher = config.train, config.model.matcher
    return FitOptions(
        epochs=train.epochs, batch_size=config.data.batch_size, lr=train.lr,
        weight_decay=train.optimizer_options.weight_decay, full_epochs=train.lr_schedule.start,
        tenth_epochs=train.lr_schedule.exp_div_10 if train.lr_schedule.type else 0.0, clip_grad=train.clip_grad,
        seed=train.seed, descriptor_dim=matcher.descriptor_dim, dropout_prob=matcher.dropout_prob,
        position=matcher.position, add_cls_tokens=matcher.add_cls_tokens, whiten=train.whiten, loss=train.loss,
        n=matcher.n, temperature=train.temperature, mixed_precision=train.mixed_precision,
        device=device(train.device), threads=train.threads, log_every=train.log_every_iter,
        validate_every=train.eval_every_iter, save_every=train.save_every_iter,
    )  # fmt: skip


def result(trained: Trained, config: TrainConfig, found: Material, backbone: Backbone) -> dict[str, Any]:
    """What --json prints."""
    validated = [point for point in trained.points if point.kind == "validation"]
    return {
        "backbone": backbone_in_words(backbone), "head": trained.head.id, **found.counted,
        "epochs": config.train.epochs, "steps": trained.steps, "parameters": trained.head.options.parameters,
        "loss": config.train.loss,
        "validation": [point._asdict() for point in (*validated[:1], trained.best, *validated[-1:]) if point],
        "training": [point._asdict() for point in trained.points if point.kind == "training"][-1:],
        "chosen_by": "validation" if trained.best else "nothing: the last weights",
    }  # fmt: skip


def _files(trained: Trained, config: TrainConfig, found: Material, told: dict[str, Any]) -> Files:
    """Every file but the record and the heads of epochs."""
    yield "head.safetensors", head_bytes(trained.head)
    yield "losses.csv", curve_csv(trained.points)
    if config.figures.draw:
        from dinosar.render.training_curve import curve_picture
        from dinosar.render.training_labels import labels_picture
        from dinosar.render.training_provenance import example_of, footer

        end = config.figures.format
        yield f"losses.{end}", curve_picture(trained.points, config, footer(told, config))
        yield f"labels_example.{end}", labels_picture(example_of(found), config, footer(told, config))

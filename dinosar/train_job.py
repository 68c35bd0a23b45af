"""`dinosar train overlap` as a job: a head that learns which patches show the same, its curve, and a record.

The state of the training lies in the folder of the run until it is done, so that the same command goes on where it was.
Of several processes the first writes; the others only compute.
"""

import contextlib
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dinosar.config.training import TrainConfig
from dinosar.contracts import Backbone
from dinosar.errors import shown
from dinosar.folders import Output, signature, slug
from dinosar.hardware import device
from dinosar.jobs import Outcome
from dinosar.notices import warn
from dinosar.parts import backbone_in_words, build_backbone
from dinosar.publishing import csv_bytes
from dinosar.record import file_facts, part_facts
from dinosar.retrieval.overlap_head import OverlapHead
from dinosar.retrieval.overlap_head_files import head_bytes
from dinosar.store import identity
from dinosar.timing import stage
from dinosar.training.backbone_named import check_depth, check_network
from dinosar.training.checkpoints import StateFile
from dinosar.training.curves import curve_csv
from dinosar.training.fleet import processes, rank
from dinosar.training.inspection import Inspection
from dinosar.training.learning import check_precision
from dinosar.training.loop import DivergedError, Trained, fit
from dinosar.training.material import Material, material
from dinosar.training.options import FitOptions
from dinosar.training.places import HEADS, STATE, Bystander, Place, TrainingFolder

RUNS = Path("runs")
LISTED = 1000
"""Files that are listed in the record, at most, so that a rerun can tell which of them changed."""
OPEN = {"store", "require_dino", "figures"}
"""Settings on which no weight depends."""
Files = Iterator[tuple[str, bytes]]


def place(config: TrainConfig, out: Path | None, overwrite: bool) -> Output:
    """The folder named, or one under runs/ called after the photos and a hash of the options: the same ones go on."""
    options = config.model_dump(mode="json", exclude=OPEN)
    if out is None:
        out = RUNS / f"overlap_{slug(Path(config.inputs.images).name)}_{signature(options)[:8]}"
    return Bystander(out) if rank() else TrainingFolder(out, options, overwrite=overwrite)


def compute(config: TrainConfig) -> Outcome:
    """Look at what there is to learn from, choose the pairs, and prepare to learn from them."""
    check_precision(fit_options(config))
    backbone = build_backbone(config.backbone)
    check_network(config, backbone)
    with stage("pairs"):
        found = material(config, backbone)
        check_depth(config, backbone, found.training.example(0, 0).a.tokens.shape[1])
    given = {key: value for key, value in config.inputs.model_dump().items() if value is not None}
    facts = {"inputs": {key: file_facts(value) for key, value in given.items()}, "processes": processes(),
             **_learned_from(found.inspection)}  # fmt: skip
    outcome = Outcome({}, facts=facts, parts={"backbone": backbone})
    outcome.status = "partial" if found.inspection.broken else "done"

    def steps(output: Any) -> Files:
        with stage("learn"), _begun(output):
            trained = _learned(config, backbone, found, output)
        _tell(trained, found)
        outcome.noun = trained, found.inspection.broken
        outcome.result = result(trained, config, found, backbone)
        if not rank():
            yield from _files(trained, config, found, outcome.result)

    outcome.steps = steps
    return outcome


def _learned_from(seen: Inspection) -> dict[str, Any]:
    """How many files and facts were learned from, one sum of them all, and of not too many files each."""
    digest = hashlib.sha256(repr(sorted(seen.digests.items())).encode()).hexdigest()
    facts: dict[str, Any] = {"learned_from": {"count": len(seen.digests), "sha256": digest}}
    if len(seen.paths) <= LISTED:
        facts["pictures"] = {str(path.resolve()): seen.digests[name] for name, path in seen.paths.items()}
    return facts


def _learned(config: TrainConfig, backbone: Backbone, found: Material, output: Place) -> Trained:
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
            output.forget(_head_name(epoch - keep))

    state = StateFile(output.path / STATE, found.inspection.digests)
    return fit(found.training, fit_options(config), validation=found.validation, state=state, told=told,
               after_epoch=after_epoch)  # fmt: skip


def _head_name(epoch: int) -> str:
    return f"{HEADS}/epoch_{epoch:04d}.safetensors"


@contextlib.contextmanager
def _begun(output: Place) -> Iterator[None]:
    """While the training goes on its state belongs to the run, so that it can be tidied away; then it is not needed.

    A state that leads to numbers that are none is not worth going on from, unless heads came of it.
    """
    output.begin()
    try:
        yield
    except DivergedError as problem:
        if problem.epoch == 0:
            output.forget(STATE)
        raise
    output.forget(STATE)


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


def _tell(trained: Trained, found: Material) -> None:
    """Warn where nothing was learned, and where labels were missing."""
    found.tell_unlabelled()
    if not learned(trained):
        warn(
            "validation was never better than before the first step: nothing was learned, and head.safetensors is the "
            "head as it began; give more photographs or epochs, or another learning rate (train.lr)"
        )


def learned(trained: Trained) -> bool:
    """Whether the head that was chosen is another than the one it began with."""
    return trained.best is None or trained.best.step > 0


def result(trained: Trained, config: TrainConfig, found: Material, backbone: Backbone) -> dict[str, Any]:
    """What --json prints."""
    validated = [point for point in trained.points if point.kind == "validation"]
    return {
        "backbone": backbone_in_words(backbone), "head": trained.head.id, **found.counted,
        "pairs_without_labels": len(found.training.unlabelled),
        "epochs": config.train.epochs, "steps": trained.steps, "parameters": trained.head.options.parameters,
        "loss": config.train.loss,
        "validation": [point._asdict() for point in (*validated[:1], trained.best, *validated[-1:]) if point],
        "training": [point._asdict() for point in trained.points if point.kind == "training"][-1:],
        "chosen_by": "validation" if trained.best else "nothing: the last weights", "learned": learned(trained),
    }  # fmt: skip


def _files(trained: Trained, config: TrainConfig, found: Material, told: dict[str, Any]) -> Files:
    """Every file but the record and the heads of epochs."""
    yield "head.safetensors", head_bytes(trained.head)
    yield "losses.csv", curve_csv(trained.points)
    broken = found.inspection.broken
    if broken:
        yield "errors.csv", csv_bytes(("name", "error"), [(shown(name), why) for name, why in sorted(broken.items())])
    if config.figures.draw:
        from dinosar.render.training_curve import curve_picture
        from dinosar.render.training_labels import labels_picture
        from dinosar.render.training_provenance import example_of, footer

        end = config.figures.format
        yield f"losses.{end}", curve_picture(trained.points, config, footer(told, config))
        yield f"labels_example.{end}", labels_picture(example_of(found), config, footer(told, config))

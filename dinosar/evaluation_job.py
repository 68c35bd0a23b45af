"""What `evaluate spair` and `evaluate pairs` have in common as jobs: rounds over pairs, tables, pictures, a record."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from dinosar.config import PairsConfig, SPairConfig
from dinosar.evaluation.keypoint_pairs import KeypointPair
from dinosar.evaluation.reporting import alpha_shown, result, table_files, worst
from dinosar.evaluation.rounds import Round, truth_sum
from dinosar.evaluation.searching import Searcher
from dinosar.folders import RunFolder, signature
from dinosar.frames_job import OUTPUT
from dinosar.jobs import Outcome
from dinosar.notices import note
from dinosar.parts import backbone_in_words, build_backbone
from dinosar.record import package_code, part_facts
from dinosar.store import Store, identity

Config = SPairConfig | PairsConfig
Files = Iterator[tuple[str, bytes]]
Read = Callable[[str], KeypointPair]
OPEN = {"store", "require_dino", "figures", "measure"}
"""Sections on which no answer depends: a run may go on with others."""


def place(config: Config, out: Path | None, overwrite: bool) -> RunFolder:
    """The folder named, or ./output."""
    return RunFolder(out or OUTPUT, config.model_dump(mode="json", exclude=OPEN), overwrite=overwrite)


def outcome(config: Config, names: Sequence[str], read: Read, inputs: dict[str, Any]) -> Outcome:
    """An evaluation as a job: nothing is computed before its steps are asked for, one pair after the other."""
    backbone = build_backbone(config.backbone)
    searcher = Searcher(config.search, backbone, Store() if config.store else None)
    judge = {"judge": identity(backbone) or part_facts(backbone), "code": package_code()}
    work = Round(names, read, searcher.answers, signature(config.search.model_dump(mode="json") | judge))
    found = Outcome({}, facts={"inputs": inputs}, parts={"backbone": backbone}, noun=work)

    def steps(output: RunFolder) -> Files:
        work.run(output)
        if work.again:
            note(f"{work.again} of {len(names)} pairs were done before, with these pictures and options: taken over")
        found.result = result(work.rows, config, backbone_in_words(backbone), searcher.side)
        found.result["truth_sha256"] = truth_sum(work.done)
        yield from table_files(work.rows, found.result)
        if found.result["drawn"]:
            yield from _pictures(work, config, found.result, read)
        found.facts |= {"taken_over": work.again, "pictures": dict(sorted(work.pictures.items()))}
        found.status = "partial" if work.failed else "done"

    found.steps = steps
    return found


def _pictures(work: Round, config: Config, told: dict[str, Any], read: Read) -> Files:
    """The bar chart, and the worst pairs."""
    from dinosar.render.pck_pictures import chart, pair_picture

    end = config.figures.format
    yield f"pck.{end}", chart(told, config)
    badly = worst(work.rows, config.figures.worst, alpha_shown(told["alphas"]))
    for number, row in enumerate(badly, 1):
        yield f"worst_{number:02d}.{end}", pair_picture(read(row["id"]), row, told, config)

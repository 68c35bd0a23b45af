"""What `mismatch` and `distance` say on the screen, and with which exit code they end."""

from typing import Any

import typer

from dinosar.cli.frame_run import Measured
from dinosar.cli.running import print_json, table

WORST = 10
"""Pairs that are told of one by one."""


def report(found: Measured, as_json: bool) -> None:
    """The numbers, and where everything is."""
    if as_json:
        print_json(found.plain)
        return
    lines = _many(found) if found.rows is not None else _one(found.result)
    typer.echo("\n".join(lines))
    if found.folder:
        typer.echo(f"\n{found.folder.resolve()}")


def _one(result: dict[str, Any]) -> list[str]:
    """One pair."""
    from dinosar.frames.judging import told_apart

    a, b = told_apart(result)
    sizes = [" x ".join(map(str, result[f"shown_{side}"])) for side in "ab"]
    lines = [f"A {a}", f"B {b}",
             f"backbone {result['backbone']}, shown {' and '.join(dict.fromkeys(sizes))} px", ""]  # fmt: skip
    if "cosine_distance" in result:
        lines.append(f"cosine distance    {result['cosine_distance']:.6f}   ({result['band']}; higher = worse)")
        lines.append(f"cosine similarity  {result['cosine_similarity']:.6f}   of {result['embedding_dim']} numbers, "
                     f"pooled over {_pooled(result['pooling'])}")  # fmt: skip
    if "raw_mean" in result:
        numbers = f"mean {result['raw_mean']:.4f}, p95 {result['raw_p95']:.4f}"
        lines.append(f"mismatch of B      {numbers}   (1 - cosine; higher = worse)")
        lines.append(f"non-reciprocal     {result['non_reciprocal']:.1%} of {result['patches']} patches of B")
        if result["degenerate"]:
            lines.append("degenerate         the maps hold no pattern, and are drawn as nothing")
    return lines


def _pooled(how: str) -> str:
    return "all tokens, the summary's included" if how == "all" else "the patches"


def _many(found: Measured) -> list[str]:
    """A batch: in few numbers, and its worst pairs."""
    result, rows = found.result, found.rows or []
    name = result["measure"]
    done = sorted((row for row in rows if row["status"] == "done"), key=lambda row: -row[name])
    count = f"{result['pairs']} pair{'s' * (result['pairs'] != 1)}"
    lines = [f"{count}, {result['failed']} failed; backbone {result['backbone']}"]
    if done:
        mean, p95, most = (f"{result[key]:.4f}" for key in ("mean", "p95", "max"))
        lines += [f"{_called(name)}: mean {mean}, p95 {p95}, max {most} (higher = worse)", ""]
        lines += _sequence(result["sequence"]) if "sequence" in result else _worst(done, name)
    failed = [row for row in rows if row["status"] == "failed"]
    lines += [f"failed: {row['label']}: {row['error']}" for row in failed[:WORST]]
    if len(failed) > WORST:
        lines.append(f"failed: {len(failed) - WORST} more, see errors.csv")
    return lines


def _worst(done: list[dict[str, Any]], name: str) -> list[str]:
    """The pairs with the highest numbers."""
    cells = [["highest", "A", "B", _called(name)]]
    cells += [[row["label"], row["image_a"], row["image_b"], f"{row[name]:.4f}"] for row in done[:WORST]]
    return table(cells)


def _sequence(found: dict[str, Any]) -> list[str]:
    """What is told of frames in order: those that stand out, flicker, and the strongest tear."""
    worst, flicker, torn = found["worst"], found["flicker"], found["tearing"]["strongest"]
    named = ", ".join(worst[:WORST]) + (f" and {len(worst) - WORST} more" if len(worst) > WORST else "")
    limits = [f"{_called(name)} {limit:.4f}" for name, limit in found["thresholds"].items() if limit is not None]
    limit = f"   (above {' or '.join(limits)})" if limits else ""
    lines = [f"worst frames  {named or 'none'}{limit}"]
    if flicker["mean"] is not None:
        words = f"{flicker['mean']:+.4f} a step, over {flicker['steps']} steps"
        lines.append(f"flicker       {words} (above 0: B changes more)")
    if torn:
        place = f"{torn['label']}, at {torn['axis']} of pixels {torn['at']:g}"
        lines.append(f"tearing       {torn['value']:.4f} at most: {place}")
    return lines


def _called(name: str) -> str:
    return {"cosine_distance": "cosine distance", "raw_mean": "mismatch"}[name]


def conclude(found: Measured) -> None:
    """End with the exit code that the outcome deserves."""
    from dinosar.errors import ExpectationError, PartialError

    failed = found.result.get("failed", 0)
    limit = getattr(found.config, "fail_above", None)
    rows = [found.result] if found.rows is None else [row for row in found.rows if row["status"] == "done"]
    above = [] if limit is None else [row for row in rows if row["cosine_distance"] > limit]
    not_judged = f"; {failed} pairs could not be judged" if failed else ""
    if above:
        worst = max(row["cosine_distance"] for row in above)
        raise ExpectationError(
            f"{len(above)} of {len(rows)} distances above {limit:g}, the largest {worst:.4f}{not_judged}"
        )
    if failed:
        raise PartialError(
            f"{failed} of {found.result['pairs']} pairs failed: see errors.csv; the same command tries them again"
        )

"""The commands by name, each made when it is called: `dinosar --help` needs to know no option of any."""

import importlib
from typing import Any

import typer
from typer.core import TyperGroup

COMMANDS = {
    "compare": "Compare two photos of specimens.",
    "mismatch": "Show where a picture differs from its reference.",
    "distance": "Tell how far two pictures, or two sequences of frames, are apart.",
    "match": "Match two photos patch by patch, with SIFT beside it.",
    "retrieve": "Rank photos by how much of a scene they share, and check it.",
    "train": "Train the head that lets patches vote.",
    "features": "Write what a backbone sees in a photo.",
    "landmarks": "Files of landmarks: look them over, convert them, draw them, carry them on.",
    "evaluate": "What was found against what is true, where that is known.",
    "rerun": "Run a record again, and say what is identical.",
    "plugins": "The parts that can be named: backbones, maskers, matchers.",
    "store": "The features kept so that no photo meets a network twice.",
    "models": "The weights of networks: what there is, and what is here.",
    "doctor": "Look at this machine: what is here, what is missing.",
}
"""Name -> what the list of commands says of it. The module of that name puts it together."""


class Commands(TyperGroup):
    """The group of all commands."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Their names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """A command, made when it is asked for."""
        if cmd_name in COMMANDS and cmd_name not in self.commands:
            app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False)
            importlib.import_module(f"dinosar.cli.{cmd_name}").add_to(app)
            self.commands.update(typer.main.get_group(app).commands)
        return self.commands.get(cmd_name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that is called; where there is none of that name, all of them, so that a near one is named."""
        if args and args[0] not in COMMANDS:
            for name in COMMANDS:
                self.get_command(ctx, name)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the list of commands."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

"""Help in sections: the options of a command under headings, in the order of its table."""

from typing import Any

from typer.core import TyperCommand


class Sectioned(TyperCommand):
    """A command whose help shows each option under the heading that its row of the table names."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the arguments, then one list for each heading; options of the command's own come first."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is not None:
                named = "Arguments" if param.param_type_name == "argument" else "Options"
                sections.setdefault(getattr(param, "rich_help_panel", None) or named, []).append(record)
        for title, records in sections.items():
            with formatter.section(title):
                formatter.write_dl(records, col_max=30)

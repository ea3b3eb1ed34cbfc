"""The command line: a file for each family of commands.

They load their libraries when they run, so that help and a mistyped option do not wait for these.
"""

import logging
import warnings
from typing import Annotated

import typer

from sce2tm._version import __version__
from sce2tm.cli.about import demo, info
from sce2tm.cli.choosing import select_k
from sce2tm.cli.perturbing import perturb
from sce2tm.cli.reading import enrich, evaluate
from sce2tm.cli.reporting import report
from sce2tm.cli.training import fit, transform
from sce2tm.errors import SCE2TMError

logger = logging.getLogger("sce2tm")

app = typer.Typer(
    help="Interpretable single-cell embedding by topic modelling.\n\n"
    "Start with 'sce2tm demo', which trains on cells that come with the program.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _panel, _commands in {
    "Train": (fit, transform, select_k),
    "Read the results": (report, evaluate, enrich, perturb),
    "Look around": (demo, info),
}.items():
    for _command in _commands:
        app.command(rich_help_panel=_panel)(_command)


def _say_version(asked: bool) -> None:
    if asked:
        typer.echo(f"sce2tm {__version__}")
        raise typer.Exit


@app.callback()
def _before_commands(
    version: Annotated[
        bool,
        typer.Option("--version", help="Say the version.", is_eager=True, callback=_say_version),
    ] = False,
) -> None:
    pass


class _ShellWords(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return _in_shell_words(record.getMessage())


def _in_shell_words(message: str) -> str:
    """Say how to go on as it is said here."""
    return message.replace("fit(..., resume=True)", "the same command with --resume")


def main() -> int:
    """Run the command line; a known mistake becomes one line and the exit code 1.

    `app` ends by SystemExit, with 0 for success, 2 for wrong usage and 130 for Ctrl-C.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(_ShellWords())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logger.setLevel(logging.INFO)
    warnings.showwarning = lambda message, *_args, **_more: logger.warning("Warning: %s", message)
    warnings.simplefilter("ignore", FutureWarning)
    try:
        app()
    except (SCE2TMError, OSError) as error:
        typer.echo(f"Error: {_in_shell_words(str(error))}", err=True)
    return 1

"""``kvopt``: the commands, and what happens to their errors."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Annotated, Any

import typer

from kvopt.cli.adversary import adversary
from kvopt.cli.bound import bound
from kvopt.cli.checkout import claims, figures
from kvopt.cli.compare import compare
from kvopt.cli.compile import compile_
from kvopt.cli.game import game
from kvopt.cli.generate import generate
from kvopt.cli.play import play
from kvopt.cli.policies import policies
from kvopt.cli.report import report, view
from kvopt.cli.simulate import simulate
from kvopt.cli.solve import solve
from kvopt.cli.solvers import solvers
from kvopt.cli.staged import staged
from kvopt.cli.status import BAD_INPUT, FAILED, INTERRUPTED
from kvopt.cli.sweep import sweep
from kvopt.cli.terminal import cannot_write, print_note
from kvopt.cli.trace import trace
from kvopt.cli.verify import verify
from kvopt.cli.versions import print_version, versions
from kvopt.model import InputError, KvoptError
from kvopt.model.compilation import COMPILING, noting_compilation

__all__ = ["app", "run"]

# The base of typer's errors about wrong usage has no public name.
_UsageError: type[Exception] = typer.BadParameter.__bases__[0]

app = typer.Typer(
    name="kvopt",
    context_settings={"help_option_names": ["-h", "--help"]},
    help=(
        "LLM inference scheduling under a KV-cache memory limit.\n\n"
        "An INSTANCE is a kvopt-instance/1 file, or library:NAME for one "
        "that comes with kvopt. Exit status: 0 done, 1 a check failed, "
        "2 bad input, 3 optimality not re-derived, 130 interrupted "
        "(SIGTERM: 143, SIGHUP: 129)."
    ),
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def _front(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=print_version,
            is_eager=True,
            help="Show the version and exit.",
        ),
    ] = False,
) -> None:
    pass


for _command in (
    generate,
    solve,
    simulate,
    compare,
    staged,
    verify,
    bound,
    adversary,
    game,
    play,
    report,
    view,
    policies,
    solvers,
    versions,
):
    app.command()(_command)
app.command("compile")(compile_)
for _room in (claims, figures):
    # Their options are the rooms' own.
    app.command(
        context_settings={
            "allow_extra_args": True,
            "ignore_unknown_options": True,
            "help_option_names": [],
        }
    )(_room)
app.add_typer(sweep, name="sweep")
app.add_typer(trace, name="trace")


def run(arguments: Sequence[str] | None = None) -> int:
    """See :func:`kvopt.cli.main`."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    command = typer.main.get_command(app)
    for stream in (sys.stdout, sys.stderr):
        # What the terminal's encoding has no sign for is escaped.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        with noting_compilation(_once(lambda: print_note(COMPILING))):
            status = command.main(
                words or ["--help"], prog_name="kvopt", standalone_mode=False
            )
        # A reader such as head may have gone; find out before the end.
        if sys.stdout is not None:
            sys.stdout.flush()
    except InputError as error:
        return _refuse(str(error), BAD_INPUT)
    except KvoptError as error:
        return _refuse(str(error), FAILED)
    except _UsageError as error:
        return _refuse(_usage(error, words), BAD_INPUT)
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        cannot_write()
        return FAILED
    except OSError as error:  # a full disk
        cannot_write()
        of = f"{error.filename}: " if error.filename else ""
        return _refuse(f"{of}{error.strerror or error}", FAILED)
    except MemoryError:
        return _refuse("this does not fit into the memory", FAILED)
    return status if isinstance(status, int) else 0


def _once(say: Callable[[], None]) -> Callable[[], None]:
    """Return what does nothing but the first time that it is called."""
    left = [say]

    def first() -> None:
        while left:
            left.pop()()

    return first


def _usage(error: Any, words: Sequence[str]) -> str:
    """Say what is wrong with the words; typer leaves out the value."""
    message = error.format_message()
    names = getattr(getattr(error, "param", None), "opts", ())
    for word, following in pairwise([*words, ""]):
        name, equals, value = word.partition("=")
        if name in names:
            message = (
                f"{name} = {(value if equals else following)!r}: {message}"
            )
            break
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "kvopt"
    return f"{message.rstrip('.')}; see {path} --help"


def _refuse(message: str, status: int) -> int:
    """Say why in exactly one line on standard error."""
    print_note(" ".join(message.split()))
    return status

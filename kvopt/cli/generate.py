"""``kvopt generate``: an instance from a model, a trace or the library."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from kvopt.cli.files import check_outputs, read_instance
from kvopt.cli.options import (
    ArrivalsOption,
    ContiguousOption,
    DropOversizeOption,
    JsonOption,
    MemoryOption,
    OutOption,
    PromptOption,
    RateOption,
    RoundSecondsOption,
    SampleOption,
    SeedOption,
)
from kvopt.cli.terminal import print_facts, print_json, print_table
from kvopt.cli.traces import instance_from_trace, refuse_trace_options
from kvopt.model import InputError, Instance, save_instance

__all__ = ["generate", "read_parameters"]


def generate(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME",
            help="A generator (see --list), or library:NAME.",
            show_default=False,
        ),
    ] = None,
    param: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=VALUE",
            help="A parameter of the generator; repeat for more.",
            show_default=False,
        ),
    ] = None,
    trace: Annotated[
        str | None,
        typer.Option(
            metavar="FILE.csv",
            help="Make the instance of this trace.",
            show_default=False,
            rich_help_panel="Traces",
        ),
    ] = None,
    memory: MemoryOption = None,
    arrivals: ArrivalsOption = None,
    rate: RateOption = None,
    round_seconds: RoundSecondsOption = None,
    sample: SampleOption = None,
    contiguous: ContiguousOption = False,
    prompt: PromptOption = None,
    drop_oversize: DropOversizeOption = False,
    seed: SeedOption = 0,
    out: OutOption = None,
    show_list: Annotated[
        bool,
        typer.Option("--list", help="List the generators and the library."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Make an instance; --json prints it as a kvopt-instance/1 document."""
    if show_list:
        _list(as_json)
        return
    check_outputs(*([trace] if trace else []), out=out)
    options = {
        "memory": memory,
        "arrivals": arrivals,
        "rate": rate,
        "round_seconds": round_seconds,
        "sample": sample,
        "contiguous": contiguous,
        "prompt": prompt,
        "drop_oversize": drop_oversize,
    }
    if trace is not None:
        if name is not None or param:
            raise InputError(
                "excludes --trace", field="NAME", value=name or param
            )
        instance = instance_from_trace(trace, seed, options)
    else:
        refuse_trace_options(options, "--trace")
        instance = _by_name(name, param or [], seed)
    if out is not None:
        save_instance(instance, out)
    if as_json:
        print_json(instance.document())
        return
    facts = instance.summary()
    if out is not None:
        facts.append(("written", str(out)))
    print_facts(facts)


def _by_name(name: str | None, param: list[str], seed: int) -> Instance:
    from kvopt import workloads

    if name is None:
        raise InputError(
            "name a generator, or see kvopt generate --list",
            field="NAME",
            value=name,
        )
    values = read_parameters(param)
    if name.startswith("library:"):
        if values:
            raise InputError(
                "an example has no parameters", field="--param", value=param
            )
        return read_instance(name)
    return workloads.generate(name, values, seed)


def read_parameters(param: list[str]) -> dict[str, str]:
    """Return the parameters that were given as ``KEY=VALUE``."""
    values: dict[str, str] = {}
    for text in param:
        key, equals, value = text.partition("=")
        if not equals or key in values:
            raise InputError(
                "must be KEY=VALUE, each key once",
                field="--param",
                value=text,
            )
        values[key] = value
    return values


def _list(as_json: bool) -> None:
    from kvopt.workloads import GENERATORS, library

    if as_json:
        rows: list[dict[str, Any]] = [
            {
                "name": g.name,
                "summary": g.summary,
                "source": g.source,
                "parameters": [
                    {
                        "name": p.name,
                        "kind": p.kind.name,
                        "default": p.shown_default or None,
                        "help": p.help,
                    }
                    for p in g.parameters
                ],
            }
            for g in GENERATORS.values()
        ]
        print_json({"generators": rows, "library": list(library.names())})
        return
    print_table(
        ("generator", "what it makes", "parameters", "source"),
        [
            (
                g.name,
                g.summary,
                ", ".join(
                    f"{p.name}={p.shown_default}"
                    if p.shown_default
                    else p.name
                    for p in g.parameters
                ),
                g.source,
            )
            for g in GENERATORS.values()
        ],
    )
    print()
    print_table(
        ("example", "requests", "memory", "what it shows"),
        [
            (f"library:{name}", len(i), i.memory, i.source)
            for name in library.names()
            for i in [library.load(name)]
        ],
    )

"""Files to show: an instance with two schedules, and a witness."""

import pytest

from kvopt.model import (
    Instance,
    Schedule,
    Witness,
    save_instance,
    save_json,
    save_schedule,
)
from kvopt.simulation import simulate
from kvopt.workloads import generate

HOSTILE = "</script><script>document.title='taken'</script>\x1b[2J"


@pytest.fixture(scope="session")
def shown(tmp_path_factory):
    """Return a folder of files; names and claims in it are hostile."""
    folder = tmp_path_factory.mktemp("shown")
    instance = generate("lmsys-like", {"requests": "300"})
    save_instance(instance, folder / "many.json")
    for policy in ("mc-sf", "svf"):
        schedule = simulate(instance, policy).schedule
        save_schedule(schedule, instance, folder / f"{policy}.json")
    tiny = Instance.of(4, [(0, 1, 2), (0, 1, 2), (1, 0, 3)], name=HOSTILE)
    witness = Witness(
        HOSTILE,
        tiny,
        Schedule(
            [
                (0, 0, 2, True),
                (2, 2, 3, False),
                (1, 3, 5, True),
                (2, 5, 8, True),
            ]
        ),
        Schedule.from_starts(tiny, [0, 2, 4]),
        False,
        algorithm=HOSTILE,
    )
    save_json(witness.document(), folder / "witness.json")
    return folder

"""A connection to a Dask cluster, by the address of its scheduler.

Workers must see the same folders under the same names, as on a shared disk.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from dinosar.errors import ResourceError, UsageError, shown

if TYPE_CHECKING:
    from distributed import Client

PATIENCE = "20s"
"""How long a scheduler may take to answer."""


@contextmanager
def cluster(address: str) -> Iterator["Client"]:
    """A connection to a cluster; one sentence where there is none."""
    try:
        from distributed import Client
    except ImportError:
        raise UsageError("spreading work needs Dask; install it with: pip install 'dinosar[cluster]'") from None
    if not re.fullmatch(r"[a-z]+://[^\s:/]+(:\d+)?", address):
        raise UsageError(f"'{shown(address)}' is no address of a Dask scheduler; it looks like tcp://host:8786")
    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as problem:
        raise ResourceError(
            f"no Dask scheduler answers at '{shown(address)}' ({shown(problem, 80)}); start one there"
        ) from problem
    with client:
        if not client.scheduler_info()["workers"]:
            raise ResourceError(f"the Dask scheduler at '{shown(address)}' has no workers; start some")
        yield client

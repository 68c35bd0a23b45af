"""rembg's own sessions on files that we name: it does what comes before and after the network, and fetches nothing.

`import rembg` would also load its matting, which takes half a minute the first time and a second ever after, and ends
the program where onnxruntime is missing. The session classes need none of that, so they are loaded from the folder in
which they lie, under a name of our own; whoever imports rembg beside us still gets the whole of it.
"""

import contextlib
import importlib
import io
import os
import sys
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from threading import Lock
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.errors import UsageError, WeightsError, shown

OWN_NAME = "_rembg_sessions_of_dinosar"
_kept: dict[tuple[str, Path, str], Any] = {}
_lock = Lock()


def session(model: str, path: Path, sha256: str) -> Any:
    """The session of a model on a file with that content; made once, however many photos and parts ask for it."""
    with _lock:
        key = model, path, sha256
        if key not in _kept:
            _kept[key] = _made(model, path)
        return _kept[key]


def mattes(session: Any, pixels: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """What a session says of a photo: how much each pixel is foreground (0 to 255). Empty if no pixel stands out."""
    from PIL import Image

    image = Image.fromarray(pixels)
    with np.errstate(invalid="raise", over="ignore", under="ignore"):
        try:
            found = session.predict(image)
        except FloatingPointError:
            return []  # it scales what the network gives to 0..255, and all of that was one value
    return [np.asarray(matte, dtype=np.uint8) for matte in found]


class Network:
    """The network inside a session; what goes wrong with it is told with the name of its file."""

    def __init__(self, inner: Any, model: str, path: Path) -> None:
        self._inner, self._model, self._path = inner, model, path

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def run(self, *arguments: Any) -> list[NDArray[Any]]:
        """The outputs, the first of them a map."""
        try:
            outputs: list[NDArray[Any]] = self._inner.run(*arguments)
        except runtime_errors() as problem:
            raise self._unlike(_why(problem)) from problem
        if outputs[0].ndim != 4:
            raise self._unlike(f"it gives an array of shape {outputs[0].shape}")
        if not np.isfinite(outputs[0]).all():
            raise WeightsError(f"weights '{shown(self._path)}' give NaN or infinity; they are damaged")
        return outputs

    def _unlike(self, why: str) -> WeightsError:
        return WeightsError(
            f"weights '{shown(self._path)}' are not those of rembg's model '{self._model}' ({why}); "
            "set the option model to the one they belong to"
        )


def session_classes() -> dict[str, Any]:
    """rembg's session classes by the name of their model."""
    try:
        module = sys.modules.get(OWN_NAME) or _from_folder()
    except ImportError:  # a rembg whose sessions cannot stand alone, or no onnxruntime: the front door knows
        module = _by_the_front_door()
    return {each.name(): each for each in module.sessions_class}


def runtime_errors() -> tuple[type[Exception], ...]:
    """Everything that onnxruntime raises; its exceptions share no base of their own."""
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    return tuple(each for each in vars(state).values() if isinstance(each, type) and issubclass(each, Exception))


def _made(model: str, path: Path) -> Any:
    known = session_classes()
    if model not in known:
        raise UsageError(f"the rembg that is installed knows no model '{model}'; run: pip install --upgrade rembg")
    named = {"download_models": classmethod(lambda cls, *args, **kwargs: str(path))}
    local = type(known[model].__name__, (known[model],), named)
    try:
        # Always on the processor: a mask must not depend on which build of onnxruntime is installed.
        made: Any = local(model, _session_options(), providers=["CPUExecutionProvider"])
    except runtime_errors() as problem:
        raise WeightsError(
            f"weights '{shown(path)}' are damaged, or no ONNX model ({_why(problem)}); "
            f"take another file, or get the published one: dinosar models fetch {model}"
        ) from problem
    made.inner_session = Network(made.inner_session, model, path)
    return made


def _session_options() -> Any:
    """As rembg makes them: no chatter, and as many threads as OMP_NUM_THREADS allows."""
    import onnxruntime

    onnxruntime.set_default_logger_severity(3)  # on some machines it complains about devices nobody asked for
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    threads = os.environ.get("OMP_NUM_THREADS", "")
    if threads.isdecimal():
        options.intra_op_num_threads = options.inter_op_num_threads = int(threads)
    return options


def _from_folder() -> ModuleType:
    package = find_spec("rembg")
    for place in (package.submodule_search_locations or []) if package else []:
        folder = Path(place) / "sessions"
        spec = spec_from_file_location(OWN_NAME, folder / "__init__.py", submodule_search_locations=[str(folder)])
        if spec and spec.loader:
            module = module_from_spec(spec)
            with contextlib.ExitStack() as if_it_fails:
                sys.modules[OWN_NAME] = module
                if_it_fails.callback(sys.modules.pop, OWN_NAME)
                spec.loader.exec_module(module)
                if_it_fails.pop_all()
            return module
    raise ImportError("no module named rembg")


def _by_the_front_door() -> ModuleType:
    """`import rembg`, which says on stdout what it misses and then calls sys.exit."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            return importlib.import_module("rembg.sessions")
    except (ImportError, SystemExit) as problem:
        why = str(problem) if isinstance(problem, ImportError) else "it finds no onnxruntime"
        raise UsageError(
            f"masker 'rembg' needs the packages rembg and onnxruntime, which cannot be imported here ({shown(why)}); "
            "run: python -m pip install 'rembg[cpu]'"
        ) from problem


def _why(problem: Exception) -> str:
    """What onnxruntime says, without the codes in front and on one line."""
    return shown(" ".join(str(problem).rsplit(" : ", 1)[-1].split()), 160)

"""What backbones share that load a vision transformer: options, a file of weights, layers, device and precision."""

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pydantic import Field

from dinosar import Backbone, hardware, weights
from dinosar import Options as BaseOptions
from dinosar.backbones.adapting import (
    Fitted,
    Slot,
    by_value,
    check_config,
    check_options,
    facts_of,
    fitted,
    merged,
    twice,
    without_adapter,
)  # fmt: skip
from dinosar.backbones.fusion import Fusion, chosen
from dinosar.errors import shown
from dinosar.notices import note, warn
from dinosar.weights.leftovers import quoted


class TransformerOptions(BaseOptions):
    """Which file, which layers, on which device."""

    checkpoint: str | None = Field(
        None, min_length=1, description="A .pth or .safetensors file of yours instead of the hub: weights, or a LoRA "
        "adapter, which is merged.",
    )  # fmt: skip
    base_path: str | None = Field(
        None, min_length=1, description="The file of weights that an adapter belongs to; null is the model's own.",
    )  # fmt: skip
    lora_r: int | None = Field(
        None, ge=1, description="Rank that the adapter must have; null takes what the file has.",
    )  # fmt: skip
    lora_alpha: float | None = Field(
        None, gt=0, description="Strength of the adapter (times alpha / rank); null is what its file says, if it does.",
    )  # fmt: skip
    revision: str | None = Field(
        None, pattern="^[0-9a-f]{40}$", description="Of the model on the hub; null takes what is there, and the record "
        "says which it was.",
    )  # fmt: skip
    layers: list[int] = Field(
        [-1], min_length=1, description="Blocks whose tokens are used, from 0; -1 is the last. Each is brought to unit "
        "length before several become one.",
    )  # fmt: skip
    layer_agg: Fusion = Field("mean", description="How several layers become one; median forgives one odd layer.")
    attn_layers: list[int] = Field(
        [-1], description="Blocks whose attention is kept as a map each; the last one named weights the scores.",
    )  # fmt: skip
    device: hardware.Device = Field("auto", description="auto takes the fastest there is.")
    dtype: hardware.Precision = Field(
        "auto", description="auto is bfloat16 where the device computes in it natively, else float32.",
    )  # fmt: skip


class Transformer(Backbone):
    """A vision transformer with weights of a published model, or of a checkpoint."""

    class Options(TransformerOptions):
        """As for every transformer."""

    def find(self, model: weights.Model) -> Path:
        """The file of weights: the checkpoint that was named, else the model's, from disk or the hub."""
        self._model, self._revision, self._obtained = model, "", False
        self._adapter: weights.Adapter | None = None
        self._places: tuple[Fitted, ...] = ()
        self._others: dict[str, str] = {}
        given = self.options.checkpoint
        if given:
            self._tell_left_out("checkpoint", Path(given))
            self._adapter = weights.adapter(Path(given), self.options.lora_r, self.options.lora_alpha)
        check_options(self.options, self._adapter)
        whole = given and not (self._adapter and self._adapter.alone)
        base = self.options.base_path
        if base:
            self._tell_left_out("base_path", Path(base))
        self._file = Path(given) if whole else without_adapter(Path(base) if base else self._published())
        return self._file

    def _tell_left_out(self, option: str, file: Path) -> None:
        """Say what of a file is not used; networks among it are warned of, for one of them may have been meant."""
        others = weights.networks_left_out(file)
        self._others |= {"left_out": shown(", ".join(others), 80)} if others else {}
        either = f"; {quoted(others)} could be meant, too: save the one you mean in a file of its own" if others else ""
        for sentence in weights.left_out(file):
            (warn if others else note)(f"{option} '{shown(file)}': {sentence}{either}")

    def _published(self) -> Path:
        """The model's own file."""
        located = weights.obtain(self._model, self.options.revision)
        self._revision, self._obtained = located.revision, True
        return located.path

    def adapt(self, slots: Mapping[str, Slot], held: dict[str, str]) -> None:
        """Find the layers that the adapter changes, if there is one, in the network, which has the traits `held`."""
        if self._adapter:
            self._places = fitted(self._adapter, slots)
            check_config(self._adapter, held)
            if weights.recalled(self._adapter.file, self._doubt()):
                warn(twice(self._adapter))

    def merge(self, state: dict[str, Any]) -> dict[str, Any]:
        """Tensors of the network, with the adapter merged into them if there is one."""
        if not self._adapter:
            return state
        found, held = merged(state, self._adapter, self._places)
        if weights.remembered(self._adapter.file, self._doubt(), lambda: held):
            warn(twice(self._adapter))
        return found

    def _doubt(self) -> str:
        """Under which name is remembered that the weights seem to hold the adapter: a warm run does not merge."""
        scales = by_value(self._places, lambda target: f"{target.scale:.12g}")
        return f"held by {weights.sha256(self._file)} at {scales}"

    def settle(self, file: Path, depth: int, *, attends: bool = True) -> None:
        """Layers, device and precision as they come out for a network of that depth."""
        self._layers = chosen(self.options.layers, depth, "layers")
        self._looks = chosen(self.options.attn_layers, depth, "attn_layers") if attends else []
        self._device = hardware.device(self.options.device)
        self._dtype = hardware.precision(self.options.dtype, self._device)
        # Found out once: what figures call the backbone is asked for with every image.
        self._used = {
            "weights": file.name,
            "weights_sha256": weights.sha256(file),
            "layers": ", ".join(map(str, self._layers)),
            "attention_of": ", ".join(map(str, self._looks)),
            "device": self._device,
            "dtype": self._dtype,
            "torch": version("torch"),
            "licence": self._model.licence,
        }
        self._used |= self._others | (facts_of(self._adapter, self._places) if self._adapter else {})
        said = weights.declared(Path(self.options.checkpoint)) if self.options.checkpoint else {}
        self._used |= {"calibration": said["calibration"]} if "calibration" in said else {}

    def called(self, name: str) -> str:
        """A name with the checkpoint behind it: a file of that shape need not be the published one."""
        given = self.options.checkpoint
        return f"{name} ({shown(Path(given).name, 40)})" if given else name

    def facts(self) -> dict[str, str]:
        """The very file, on what and how it computed."""
        published = {"model": self._model.id, "revision": self._revision or "imported file"}
        return self._used | (published if self._obtained else {})

    def pinned(self) -> dict[str, Any]:
        """The precision, and the revision that the hub gave; not the device, which the next machine may not have.

        And the alpha of an adapter, which may be said in another file than the one that the config names.
        """
        alpha = self._adapter.alpha_for_all() if self._adapter else None
        strength = {} if alpha is None else {"lora_alpha": alpha}
        return {"dtype": self._dtype} | ({"revision": self._revision} if self._revision else {}) | strength

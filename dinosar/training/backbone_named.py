"""Whether the backbone is the one that a config speaks of: its network, its patches, the depth of its tokens."""

from dinosar.config.training import TrainConfig
from dinosar.contracts import Backbone
from dinosar.errors import InputError, UsageError, shown


def check_network(config: TrainConfig, backbone: Backbone) -> None:
    """Complain where a file of the original names another network than the backbone is."""
    extractor = config.model.extractor
    network, patch = extractor.descriptor.weights, extractor.detector.cell_size
    if network is not None and network.replace("_", "-", 1) != backbone.title:
        family, _, model = network.partition("_")
        raise UsageError(
            f"model.extractor.descriptor.weights is {shown(network, 60)}, and the backbone is {backbone.title}; say "
            f"--backbone {shown(family, 40)} --model {shown(model, 40)}, or where another is wanted: --set "
            "model.extractor.descriptor.weights=null"
        )
    if patch is not None and patch != backbone.patch:
        raise UsageError(
            f"model.extractor.detector.cell_size is {patch}, and patches of {backbone.title} have {backbone.patch} px; "
            "leave it out: the patch is that of the backbone"
        )


def check_depth(config: TrainConfig, backbone: Backbone, depth: int) -> None:
    """Complain where the config speaks of tokens of another depth than the backbone gives."""
    wanted = config.model.matcher.input_dim
    if wanted is not None and wanted != depth:
        raise InputError(
            f"model.matcher.input_dim is {wanted}, and tokens of {backbone.title} have depth {depth}; name the "
            "backbone of that depth, or leave input_dim out"
        )

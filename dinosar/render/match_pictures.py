"""Every picture of two matched photos, by file name, in the order a reader wants them."""

from collections.abc import Iterator

from dinosar.render.match_components import joint_picture
from dinosar.render.match_ground import ground_picture
from dinosar.render.match_links import links_picture
from dinosar.render.match_masks_local import local_masks_picture
from dinosar.render.match_methods import methods_picture
from dinosar.render.match_norms import norms_picture
from dinosar.render.match_scene import MatchLook, match_scene
from dinosar.sparse.matched import Matched


def match_pictures(matched: Matched, look: MatchLook) -> Iterator[tuple[str, bytes]]:
    """(file name, bytes) of every picture, drawn one at a time; of two methods there is one more."""
    scene, end = match_scene(matched, look), look.style.format
    for pairs in matched.methods:
        yield f"matches_{pairs.method}.{end}", links_picture(scene, pairs)
    if matched.sift is not None:
        yield f"methods.{end}", methods_picture(scene)
    yield f"fg_A.{end}", ground_picture(scene, "A")
    yield f"fg_B.{end}", ground_picture(scene, "B")
    yield f"pca_joint.{end}", joint_picture(scene)
    yield f"masks_local.{end}", local_masks_picture(scene)
    yield f"norms.{end}", norms_picture(scene)

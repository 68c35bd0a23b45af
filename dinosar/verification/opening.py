"""From a config to what pairs are looked at with: what is known of their photographs, and a source of matches."""

from collections import Counter
from collections.abc import Collection as Names
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from dinosar.config.verification import LocalizeConfig, VerifyConfig
from dinosar.errors import InputError, UsageError, shown
from dinosar.notices import warn
from dinosar.retrieval.hloc_files import MatchFiles, Pair, open_matches, read_pairs
from dinosar.retrieval.library import Library
from dinosar.retrieval.overlap_head import open_head
from dinosar.retrieval.shelf import check_head
from dinosar.verification.correspondences import HlocSource, PatchSource, SiftSource, Source
from dinosar.verification.ground_truth import Collection, collected, instructed
from dinosar.verification.idle import settled_matches, tell_idle
from dinosar.verification.photo_shelf import PhotoShelf

Config = VerifyConfig | LocalizeConfig


@dataclass(frozen=True)
class Opened:
    """Everything that pairs are looked at with."""

    pairs: list[Pair]
    known: Collection
    photos: PhotoShelf
    source: Source

    @property
    def names(self) -> list[str]:
        """The photographs of the pairs, each once."""
        return list(dict.fromkeys(name for pair in self.pairs for name in pair))


@contextmanager
def opened(config: Config) -> Iterator[Opened]:
    """Open it all, and complain before anything starts about a name in the pairs that nobody knows."""
    inputs = config.inputs
    tell_idle(config)
    library = None if inputs.store is None else Library.open(Path(inputs.store))
    known = collected(inputs.images, config.dataset, library)
    photos = PhotoShelf(known.files)
    with ExitStack() as stack:
        files = None
        if inputs.features is not None and inputs.match_file is not None and settled_matches(config) == "hloc":
            files = stack.enter_context(open_matches(Path(inputs.features), Path(inputs.match_file)))
        source = source_of(config, photos, library, files)
        pairs = once(read_pairs(Path(inputs.pairs), _names(known, library, source)), inputs.pairs)
        if not pairs:
            raise InputError(f"'{shown(inputs.pairs)}' lists no pair; write one with: dinosar retrieve query")
        found = Opened(pairs, known, photos, source)
        instructed(known, inputs.gt, inputs.intrinsics, found.names)
        yield found


def once(pairs: Sequence[Pair], path: str) -> list[Pair]:
    """The pairs in their order, each once; that some stand there again is said."""
    kept = list(dict.fromkeys(pairs))
    if len(kept) < len(pairs):
        twice = Counter(pairs).most_common(1)[0][0]
        warn(
            f"{len(pairs) - len(kept)} lines of '{shown(path)}' repeat a pair that stood there before, and do not "
            f"count ('{shown(' '.join(twice), 120)}')"
        )
    return kept


def source_of(config: Config, photos: PhotoShelf, library: Library | None, files: MatchFiles | None) -> Source:
    """Who matches the pairs."""
    how, inputs = config.matches, config.inputs
    by = settled_matches(config)
    if by == "hloc":
        if files is None:
            raise UsageError("--matches hloc takes hloc's files; name them with --features and --match-file")
        return HlocSource(files, f"hloc's {Path(str(inputs.match_file)).name}", photos)
    if not photos.files:
        raise UsageError("no photograph is known; name the root of the collection with --images, or a --store")
    sift = SiftSource(photos, how.size, how.ratio)
    if by == "sift":
        return sift
    if library is None:
        raise UsageError("--matches patches takes the patches of a library; name it with --store")
    head = open_head(inputs.head)
    head.expect(library.title, library.image)
    check_head(head, library, library.names)
    return PatchSource(library, head, sift if how.refine else None, how.reach)


def _names(known: Collection, library: Library | None, source: Source) -> Names[str] | None:
    """The names that pairs may hold; None where only the files of hloc could say."""
    if isinstance(source, PatchSource) and library is not None:
        return library.names
    return known.files or None

"""The one place where photographs are read: upright RGB in 8 bits, or one line that says why not."""

from dinosar.images.loading import LoadOptions, load_photo, photo_from_array, photo_of

__all__ = ["LoadOptions", "load_photo", "photo_from_array", "photo_of"]

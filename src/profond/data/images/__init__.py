"""Images in: folders of classes, tables of paths, arrays, IDX and .npz files."""

from profond.data.images._arrays import images_from_arrays
from profond.data.images._csv import images_from_csv
from profond.data.images._decoded import DecodedImages
from profond.data.images._folder import images_from_folder
from profond.data.images._guess import holds_images
from profond.data.images._idx import read_idx
from profond.data.images._image_set import ImageSet
from profond.data.images._known import known_images
from profond.data.images._npz import read_npz
from profond.data.images._open import open_images
from profond.data.images._preprocessor import ImagePreprocessor
from profond.data.images._repeats import first_places, repeat_warnings

__all__ = [
    "DecodedImages",
    "ImagePreprocessor",
    "ImageSet",
    "first_places",
    "holds_images",
    "images_from_arrays",
    "images_from_csv",
    "images_from_folder",
    "known_images",
    "open_images",
    "read_idx",
    "read_npz",
    "repeat_warnings",
]

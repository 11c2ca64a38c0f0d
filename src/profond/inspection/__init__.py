"""What a trained convolutional network looks at, and what it has learned, as arrays.

`profond.figures` draws them.
"""

from profond.inspection._activation_maps import class_activation_map, grad_cam
from profond.inspection._features import feature_maps, learned_filters

__all__ = ["class_activation_map", "feature_maps", "grad_cam", "learned_filters"]

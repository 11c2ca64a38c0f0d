"""Every layer with arguments, input shapes and what it is known to do."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

import profond


@dataclass
class Case:
    """A layer with arguments.

    Args:
        name: Name of the class, in `keras.layers` and `profond.layers`.
        shape: Shape of one sample; a list of them for layers of several inputs.
        arguments: Arguments of the constructor, for both libraries.
        integers: The inputs are integers below this number, if it is not 0.
        noisy: The output in training is random.
        differentiable: A gradient reaches the input.
    """

    name: str
    shape: Any
    arguments: dict[str, Any] = field(default_factory=dict)
    integers: int = 0
    noisy: bool = False
    differentiable: bool = True

    def __str__(self) -> str:
        arguments = ",".join(f"{k}={v}" for k, v in self.arguments.items())
        return f"{self.name}({arguments})".replace(" ", "")

    def make(self, library: Any = profond, **more: Any) -> Any:
        """The layer, of `library`."""
        return getattr(library.layers, self.name)(**self.arguments, **more)

    @property
    def several(self) -> bool:
        """Whether the layer takes a list."""
        return isinstance(self.shape, list)

    def data(self, batch: int = 4, dtype: str = "float32", seed: int = 0) -> Any:
        """Inputs, an array or a list of them; the last columns are codes where it has some."""
        rng = np.random.default_rng(seed)

        def one(shape: tuple[int, ...]) -> np.ndarray:
            if self.integers:
                return rng.integers(0, self.integers, (batch, *shape))
            drawn = rng.normal(size=(batch, *shape)).astype(dtype)
            for place, count in enumerate(reversed(self.arguments.get("codes", ())), start=1):
                drawn[:, -place] = rng.integers(0, count, batch)
            return drawn

        return [one(shape) for shape in self.shape] if self.several else one(self.shape)

    def inputs(self, library: Any = profond) -> Any:
        """Symbolic inputs."""
        dtype = "int32" if self.integers else None
        shapes = self.shape if self.several else [self.shape]
        made = [library.Input(shape, dtype=dtype) for shape in shapes]
        return made if self.several else made[0]


_SERIES, _IMAGE = (6, 4), (2, 3, 6)
_PICTURE = (5, 6, 3)
_PAIR = [(3, 4), (3, 4)]

# Layers of Keras, each with arguments that both libraries take.
CASES = [
    Case("AdditiveAttention", [(3, 4), (5, 4)]),
    Case("Attention", [(3, 4), (5, 4), (5, 4)], {"use_scale": True, "score_mode": "concat"}),
    Case("GRU", _SERIES, {"units": 3}),
    Case("GRU", _SERIES, {"units": 3, "reset_after": False, "return_sequences": True, "seed": 1}),
    Case("LSTM", _SERIES, {"units": 3, "unit_forget_bias": False}),
    Case("LSTM", _SERIES, {"units": 2, "return_sequences": True, "go_backwards": True}),
    Case("LSTM", _SERIES, {"units": 2, "dropout": 0.4, "recurrent_dropout": 0.2}, noisy=True),
    Case("SimpleRNN", _SERIES, {"units": 3, "activation": "relu", "use_bias": False}),
    Case("SimpleRNN", _SERIES, {"units": 3, "dropout": 0.4, "return_sequences": True}, noisy=True),
    Case("Activation", (5,), {"activation": "softmax"}),
    Case("Activation", (5,), {"activation": "tanh"}),
    Case("ActivityRegularization", (5,), {"l1": 0.1, "l2": 0.2}),
    Case("Add", [(3, 4), (3, 4), (1, 4)]),
    Case("AdaptiveAveragePooling1D", _SERIES, {"output_size": 4}),
    Case("AdaptiveAveragePooling2D", _IMAGE, {"output_size": (1, 2)}),
    Case("AdaptiveMaxPooling1D", _SERIES, {"output_size": 4}),
    Case("AdaptiveMaxPooling2D", _IMAGE, {"output_size": (2, 4)}),
    Case("AlphaDropout", (5,), {"rate": 0.4}, noisy=True),
    Case("AlphaDropout", _SERIES, {"rate": 0.4, "noise_shape": (None, 1, None)}, noisy=True),
    Case("Average", _PAIR),
    Case("AveragePooling1D", _SERIES, {"pool_size": 2}),
    Case("AveragePooling1D", _SERIES, {"pool_size": 3, "strides": 1, "padding": "same"}),
    Case("AveragePooling2D", _IMAGE, {"pool_size": (2, 1), "strides": 1}),
    Case("AveragePooling2D", _IMAGE, {"pool_size": 3, "strides": 1, "padding": "same"}),
    Case("BatchNormalization", (5,)),
    Case("BatchNormalization", _SERIES, {"axis": 1, "scale": False, "momentum": 0.5}),
    Case("BatchNormalization", _IMAGE, {"center": False, "epsilon": 0.1}),
    Case("BatchNormalization", (5,), {"renorm": True, "renorm_clipping": {"rmax": 2.0}}),
    Case("CategoryEncoding", (3,), {"num_tokens": 5}, integers=5, differentiable=False),
    Case("Concatenate", [(3, 4), (3, 2)]),
    Case("Concatenate", [(3, 4), (2, 4)], {"axis": 1}),
    Case("Conv1D", _SERIES, {"filters": 3, "kernel_size": 2}),
    Case(
        "Conv1D",
        _SERIES,
        {
            "filters": 4,
            "kernel_size": (3,),
            "padding": "causal",
            "dilation_rate": 2,
            "groups": 2,
            "activation": "tanh",
            "use_bias": False,
        },
    ),
    Case("Conv1DTranspose", _SERIES, {"filters": 3, "kernel_size": 2, "strides": 3}),
    Case("Conv2D", _PICTURE, {"filters": 3, "kernel_size": 3, "activation": "relu"}),
    Case(
        "Conv2D", _PICTURE, {"filters": 2, "kernel_size": (2, 3), "strides": 2, "padding": "SAME"}
    ),
    Case(
        "Conv2DTranspose",
        _PICTURE,
        {
            "filters": 3,
            "kernel_size": (3, 2),
            "strides": (2, 1),
            "padding": "same",
            "output_padding": (1, 0),
        },
    ),
    Case("CenterCrop", _PICTURE, {"height": 3, "width": 4}),
    Case("CenterCrop", _PICTURE, {"height": 3, "width": 9}),
    Case("Cropping1D", _SERIES, {"cropping": (1, 2)}),
    Case("Cropping2D", _IMAGE, {"cropping": ((1, 0), (0, 1))}),
    Case("Dense", (5,), {"units": 3, "activation": "softmax"}),
    Case("Dense", _SERIES, {"units": 3, "use_bias": False, "activation": "relu"}),
    Case("DepthwiseConv1D", _SERIES, {"kernel_size": 2, "depth_multiplier": 3}),
    Case("DepthwiseConv2D", _PICTURE, {"kernel_size": 3, "padding": "same", "activation": "relu"}),
    Case("Discretization", (3,), {"bin_boundaries": [-0.5, 0.5]}, differentiable=False),
    Case("Dot", [(3, 4), (4, 2)], {"axes": (2, 1)}),
    Case("Dot", [(4,), (4,)], {"axes": -1, "normalize": True}),
    Case("Dropout", (5,), {"rate": 0.4}, noisy=True),
    Case("Dropout", _SERIES, {"rate": 0.4, "noise_shape": (None, 1, None), "seed": 3}, noisy=True),
    Case("EinsumDense", _SERIES, {"equation": "...x,xy->...y", "output_shape": 3}),
    Case(
        "EinsumDense",
        _SERIES,
        {"equation": "abc,cde->abde", "output_shape": (None, 2, 3), "bias_axes": "de"},
    ),
    Case("ELU", (5,), {"alpha": 0.5}),
    Case("Embedding", (6,), {"input_dim": 7, "output_dim": 3}, integers=7, differentiable=False),
    Case(
        "Embedding",
        (6,),
        {"input_dim": 7, "output_dim": 3, "mask_zero": True},
        integers=7,
        differentiable=False,
    ),
    Case("Flatten", _SERIES),
    Case("GaussianDropout", (5,), {"rate": 0.4, "seed": 1}, noisy=True),
    Case("GaussianNoise", (5,), {"stddev": 0.4}, noisy=True),
    Case("GlobalAveragePooling1D", _SERIES, {"keepdims": True}),
    Case("GlobalAveragePooling2D", _IMAGE),
    Case("GlobalMaxPooling1D", _SERIES),
    Case("GlobalMaxPooling2D", _IMAGE, {"keepdims": True}),
    Case("GroupNormalization", _IMAGE, {"groups": 3}),
    Case("GroupNormalization", _SERIES, {"groups": -1, "axis": 1, "center": False}),
    Case("Identity", (5,)),
    Case("LayerNormalization", (5,)),
    Case("LayerNormalization", _IMAGE, {"axis": [-2, -1], "scale": False}),
    Case("LeakyReLU", (5,), {"negative_slope": 0.1}),
    Case("Masking", _SERIES, {"mask_value": 0.5}),
    Case("MaxPooling1D", _SERIES),
    Case("MaxPooling1D", _SERIES, {"pool_size": 4, "strides": 1, "padding": "same"}),
    Case("MaxPooling2D", _IMAGE),
    Case("MaxPooling2D", _IMAGE, {"pool_size": (2, 3), "strides": (1, 2), "padding": "same"}),
    Case("Maximum", _PAIR),
    Case("Minimum", _PAIR),
    Case("Multiply", _PAIR),
    Case("Normalization", (5,)),
    Case("Normalization", (2,), {"mean": [1.0, 2.0], "variance": [4.0, 9.0]}),
    Case("Permute", _IMAGE, {"dims": (3, 1, 2)}),
    Case("PReLU", _IMAGE, {"shared_axes": [1, 2], "alpha_initializer": "ones"}),
    Case("RepeatVector", (5,), {"n": 3}),
    Case("Rescaling", (5,), {"scale": 2.0, "offset": 1.0}),
    Case("Rescaling", (2,), {"scale": [2.0, 3.0], "offset": [0.0, 1.0]}),
    Case("Resizing", _PICTURE, {"height": 3, "width": 8}),
    Case("Resizing", _PICTURE, {"height": 4, "width": 4, "crop_to_aspect_ratio": True}),
    Case("Reshape", _SERIES, {"target_shape": (3, -1)}),
    Case("ReLU", (5,), {"max_value": 1.0, "negative_slope": 0.1, "threshold": 0.2}),
    Case("RMSNormalization", (5,)),
    Case("RMSNormalization", _IMAGE, {"axis": [2, 3]}),
    Case("SeparableConv1D", _SERIES, {"filters": 3, "kernel_size": 2, "depth_multiplier": 2}),
    Case("SeparableConv2D", _PICTURE, {"filters": 2, "kernel_size": 3, "padding": "same"}),
    Case("Softmax", (5,)),
    Case("Softmax", _SERIES, {"axis": [1, 2]}),
    Case("SpatialDropout1D", _SERIES, {"rate": 0.4}, noisy=True),
    Case("SpatialDropout2D", _IMAGE, {"rate": 0.4, "seed": 2}, noisy=True),
    Case("Subtract", _PAIR),
    Case("UnitNormalization", (5,)),
    Case("UnitNormalization", _IMAGE, {"axis": [1, 2]}),
    Case("UpSampling1D", _SERIES, {"size": 3}),
    Case("UpSampling2D", _IMAGE, {"size": (2, 3)}),
    Case("UpSampling2D", _IMAGE, {"interpolation": "bilinear"}),
    Case("ZeroPadding1D", _SERIES, {"padding": (2, 0)}),
    Case("ZeroPadding2D", _IMAGE, {"padding": ((1, 2), (0, 3))}),
]

_EDGES = [-1.0, -0.3, 0.2, 1.0]

# Layers that Keras does not have.
OWN_CASES = [
    Case("PositionEmbedding", _SERIES, {"sequence_length": 8}, differentiable=False),
    Case("RotaryEmbedding", _SERIES, {"scaling_factor": 2.0}),
    Case("SinePositionEncoding", _SERIES, {"max_wavelength": 100.0}, differentiable=False),
    Case(
        "TransformerEncoder", _SERIES, {"intermediate_dim": 5, "num_heads": 2, "activation": "gelu"}
    ),
    Case("AttentionPooling1D", _SERIES),
    Case("PaddingMask", _SERIES),
    Case("PerFeatureDense", (3, 4), {"units": 2, "activation": "tanh"}),
    Case("PerFeatureDense", (2, 3, 4), {"units": 2, "use_bias": False}),
    Case("PeriodicEmbedding", (3,), {"units": 2, "frequencies": 4, "activation": "tanh"}),
    Case(
        "PeriodicEmbedding",
        (2, 3),
        {
            "units": 4,
            "activation": None,
            "frequencies": 5,
            "frequency_scale": 0.1,
            "use_phase": True,
            "densenet": True,
        },
    ),
    Case("PeriodicEmbedding", (3,), {"units": 2, "lite": True, "densenet": True}),
    Case("PeriodicEmbedding", (3,), {"units": 2, "lite": True, "use_phase": True}),
    Case(
        "PiecewiseLinearEmbedding",
        (3,),
        {"units": 2, "activation": "tanh", "bin_boundaries": _EDGES},
    ),
    Case("PiecewiseLinearEmbedding", (2, 2), {"units": 2, "bin_boundaries": [_EDGES, [0, 1]]}),
    Case("PiecewiseLinearEncoding", (3,), {"bin_boundaries": _EDGES}),
    Case("PiecewiseLinearEncoding", (2, 1), {"bin_boundaries": [[0.0, 0.0, 1.0]]}),
    Case("Scale", (5,)),
    Case("TableEmbedding", (5,)),
    Case("TableEmbedding", (5,), {"numbers": 2}),
    Case(
        "TableEmbedding",
        (5,),
        {"numbers": 2, "codes": [3, 4], "code_units": 2},
        differentiable=False,  # a code is not
    ),
    Case("Scale", _SERIES, {"scale_initializer": "he_normal"}),
]

# Layers that change images in training, where those of Keras also do in a call by itself.
AUGMENTATIONS = [
    Case("MixUp", _PICTURE, {"alpha": 0.3}, noisy=True),
    Case(
        "RandomAffine", _PICTURE, {"rotation": 0.1, "zoom": 0.2, "flip": "horizontal"}, noisy=True
    ),
    Case("RandomBrightness", _PICTURE, {"factor": 0.2, "value_range": (-3, 3)}, noisy=True),
    Case("RandomContrast", _PICTURE, {"factor": 0.2, "value_range": [-3, 3]}, noisy=True),
    Case("RandomCrop", _PICTURE, {"height": 3, "width": 4}, noisy=True),
    Case("RandomErasing", _PICTURE, {"factor": (1.0, 1.0), "value_range": (-3, 3)}, noisy=True),
    Case("RandomFlip", _PICTURE, {"mode": "horizontal"}, noisy=True),
    Case("RandomRotation", _PICTURE, {"factor": 0.2, "fill_mode": "wrap"}, noisy=True),
    Case(
        "RandomTranslation",
        _PICTURE,
        {"height_factor": 0.2, "width_factor": (0.1, 0.3), "fill_mode": "constant"},
        noisy=True,
    ),
    Case("RandomZoom", _PICTURE, {"height_factor": 0.2, "seed": 3}, noisy=True),
]
ALL_CASES = [*CASES, *OWN_CASES, *AUGMENTATIONS]

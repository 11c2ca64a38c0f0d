"""Layers, under the names of `keras.layers`."""

from profond.layers._dense import Dense
from profond.layers._einsum_dense import EinsumDense
from profond.layers._embedding import Embedding
from profond.layers._identity import Identity
from profond.layers._input_layer import Input, InputLayer
from profond.layers._input_spec import InputSpec
from profond.layers._lambda import Lambda
from profond.layers._layer import Layer
from profond.layers._masking import Masking
from profond.layers._padding_mask import PaddingMask
from profond.layers._serialization import deserialize, serialize
from profond.layers._torch_module import TorchModuleWrapper
from profond.layers._wrapper import Wrapper
from profond.layers.activation._activation import Activation
from profond.layers.activation._rectifiers import ELU, LeakyReLU, PReLU, ReLU
from profond.layers.activation._softmax import Softmax
from profond.layers.attention._attention import AdditiveAttention, Attention
from profond.layers.attention._multi_head_attention import MultiHeadAttention
from profond.layers.attention._positions import (
    PositionEmbedding,
    RotaryEmbedding,
    SinePositionEncoding,
)
from profond.layers.attention._transformer import TransformerDecoder, TransformerEncoder
from profond.layers.convolution._conv import Conv1D, Conv2D, Convolution1D, Convolution2D
from profond.layers.convolution._conv_transpose import (
    Conv1DTranspose,
    Conv2DTranspose,
    Convolution1DTranspose,
    Convolution2DTranspose,
)
from profond.layers.convolution._depthwise_conv import DepthwiseConv1D, DepthwiseConv2D
from profond.layers.convolution._separable_conv import (
    SeparableConv1D,
    SeparableConv2D,
    SeparableConvolution1D,
    SeparableConvolution2D,
)
from profond.layers.merging._concatenate import Concatenate
from profond.layers.merging._dot import Dot
from profond.layers.merging._elementwise import Add, Average, Maximum, Minimum, Multiply, Subtract
from profond.layers.merging._functions import (
    add,
    average,
    concatenate,
    dot,
    maximum,
    minimum,
    multiply,
    subtract,
)
from profond.layers.normalization._batch_normalization import BatchNormalization
from profond.layers.normalization._group_normalization import GroupNormalization
from profond.layers.normalization._layer_normalization import LayerNormalization
from profond.layers.normalization._rms_normalization import RMSNormalization
from profond.layers.normalization._unit_normalization import UnitNormalization
from profond.layers.pooling._adaptive_pooling import (
    AdaptiveAveragePooling1D,
    AdaptiveAveragePooling2D,
    AdaptiveMaxPooling1D,
    AdaptiveMaxPooling2D,
)
from profond.layers.pooling._attention_pooling import AttentionPooling1D
from profond.layers.pooling._average_pooling import (
    AveragePooling1D,
    AveragePooling2D,
    AvgPool1D,
    AvgPool2D,
)
from profond.layers.pooling._global_pooling1d import (
    GlobalAveragePooling1D,
    GlobalAvgPool1D,
    GlobalMaxPool1D,
    GlobalMaxPooling1D,
)
from profond.layers.pooling._global_pooling2d import (
    GlobalAveragePooling2D,
    GlobalAvgPool2D,
    GlobalMaxPool2D,
    GlobalMaxPooling2D,
)
from profond.layers.pooling._max_pooling import (
    MaxPool1D,
    MaxPool2D,
    MaxPooling1D,
    MaxPooling2D,
)
from profond.layers.preprocessing._category_encoding import CategoryEncoding
from profond.layers.preprocessing._center_crop import CenterCrop
from profond.layers.preprocessing._discretization import Discretization
from profond.layers.preprocessing._mix_up import MixUp
from profond.layers.preprocessing._normalization import Normalization
from profond.layers.preprocessing._random_affine import RandomAffine
from profond.layers.preprocessing._random_brightness import RandomBrightness
from profond.layers.preprocessing._random_contrast import RandomContrast
from profond.layers.preprocessing._random_crop import RandomCrop
from profond.layers.preprocessing._random_erasing import RandomErasing
from profond.layers.preprocessing._random_flip import RandomFlip
from profond.layers.preprocessing._random_rotation import RandomRotation
from profond.layers.preprocessing._random_translation import RandomTranslation
from profond.layers.preprocessing._random_zoom import RandomZoom
from profond.layers.preprocessing._rescaling import Rescaling
from profond.layers.preprocessing._resizing import Resizing
from profond.layers.recurrent._bidirectional import Bidirectional
from profond.layers.recurrent._gru import GRU, GRUCell
from profond.layers.recurrent._lstm import LSTM, LSTMCell
from profond.layers.recurrent._rnn import RNN
from profond.layers.recurrent._simple_rnn import SimpleRNN, SimpleRNNCell
from profond.layers.recurrent._stacked_rnn_cells import StackedRNNCells
from profond.layers.recurrent._time_distributed import TimeDistributed
from profond.layers.regularization._activity_regularization import ActivityRegularization
from profond.layers.regularization._alpha_dropout import AlphaDropout
from profond.layers.regularization._dropout import Dropout, SpatialDropout1D, SpatialDropout2D
from profond.layers.regularization._gaussian import GaussianDropout, GaussianNoise
from profond.layers.reshaping._cropping import Cropping1D, Cropping2D
from profond.layers.reshaping._flatten import Flatten
from profond.layers.reshaping._permute import Permute
from profond.layers.reshaping._repeat_vector import RepeatVector
from profond.layers.reshaping._reshape import Reshape
from profond.layers.reshaping._up_sampling import UpSampling1D, UpSampling2D
from profond.layers.reshaping._zero_padding import ZeroPadding1D, ZeroPadding2D
from profond.layers.tabular._per_feature_dense import PerFeatureDense
from profond.layers.tabular._periodic_embedding import PeriodicEmbedding
from profond.layers.tabular._piecewise_linear_embedding import PiecewiseLinearEmbedding
from profond.layers.tabular._piecewise_linear_encoding import PiecewiseLinearEncoding
from profond.layers.tabular._scale import Scale
from profond.layers.tabular._table_embedding import TableEmbedding

__all__ = [
    "PositionEmbedding",
    "RotaryEmbedding",
    "SinePositionEncoding",
    "TransformerDecoder",
    "TransformerEncoder",
    "AdditiveAttention",
    "Attention",
    "MultiHeadAttention",
    "Bidirectional",
    "GRU",
    "GRUCell",
    "LSTM",
    "LSTMCell",
    "RNN",
    "SimpleRNN",
    "SimpleRNNCell",
    "StackedRNNCells",
    "TimeDistributed",
    "ELU",
    "Activation",
    "ActivityRegularization",
    "AdaptiveAveragePooling1D",
    "AdaptiveAveragePooling2D",
    "AdaptiveMaxPooling1D",
    "AdaptiveMaxPooling2D",
    "Add",
    "AlphaDropout",
    "AttentionPooling1D",
    "Average",
    "AveragePooling1D",
    "AveragePooling2D",
    "AvgPool1D",
    "AvgPool2D",
    "BatchNormalization",
    "CategoryEncoding",
    "CenterCrop",
    "Concatenate",
    "Conv1D",
    "Conv1DTranspose",
    "Conv2D",
    "Conv2DTranspose",
    "Convolution1D",
    "Convolution1DTranspose",
    "Convolution2D",
    "Convolution2DTranspose",
    "Cropping1D",
    "Cropping2D",
    "Dense",
    "DepthwiseConv1D",
    "DepthwiseConv2D",
    "Discretization",
    "Dot",
    "Dropout",
    "EinsumDense",
    "Embedding",
    "Flatten",
    "GaussianDropout",
    "GaussianNoise",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalAvgPool1D",
    "GlobalAvgPool2D",
    "GlobalMaxPool1D",
    "GlobalMaxPool2D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "GroupNormalization",
    "Identity",
    "Input",
    "InputLayer",
    "InputSpec",
    "Lambda",
    "Layer",
    "LayerNormalization",
    "LeakyReLU",
    "Masking",
    "MaxPool1D",
    "MaxPool2D",
    "MaxPooling1D",
    "MaxPooling2D",
    "Maximum",
    "Minimum",
    "MixUp",
    "Multiply",
    "Normalization",
    "PReLU",
    "PaddingMask",
    "PerFeatureDense",
    "PeriodicEmbedding",
    "Permute",
    "PiecewiseLinearEmbedding",
    "PiecewiseLinearEncoding",
    "RMSNormalization",
    "RandomAffine",
    "RandomBrightness",
    "RandomContrast",
    "RandomCrop",
    "RandomErasing",
    "RandomFlip",
    "RandomRotation",
    "RandomTranslation",
    "RandomZoom",
    "ReLU",
    "RepeatVector",
    "Rescaling",
    "Reshape",
    "Resizing",
    "Scale",
    "SeparableConv1D",
    "SeparableConv2D",
    "SeparableConvolution1D",
    "SeparableConvolution2D",
    "Softmax",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "Subtract",
    "TableEmbedding",
    "TorchModuleWrapper",
    "UnitNormalization",
    "UpSampling1D",
    "UpSampling2D",
    "Wrapper",
    "ZeroPadding1D",
    "ZeroPadding2D",
    "add",
    "average",
    "concatenate",
    "deserialize",
    "dot",
    "maximum",
    "minimum",
    "multiply",
    "serialize",
    "subtract",
]

"""Ready networks: what stands between the inputs and the outputs that the data dictate."""

from profond.architectures._encoder import encoder
from profond.architectures._fcn import fcn
from profond.architectures._inception_time import inception_time
from profond.architectures._lenet import lenet
from profond.architectures._mlp import mlp
from profond.architectures._recurrent import recurrent
from profond.architectures._residual_mlp import residual_mlp
from profond.architectures._resnet import resnet
from profond.architectures._resnet1d import resnet1d
from profond.architectures._resnet_sizes import resnet18, resnet20, resnet34
from profond.architectures._series_mlp import series_mlp
from profond.architectures._series_transformer import series_transformer
from profond.architectures._t_lenet import t_lenet
from profond.architectures._time_cnn import time_cnn

__all__ = [
    "encoder",
    "fcn",
    "inception_time",
    "lenet",
    "mlp",
    "recurrent",
    "residual_mlp",
    "resnet",
    "resnet18",
    "resnet1d",
    "resnet20",
    "resnet34",
    "series_mlp",
    "series_transformer",
    "t_lenet",
    "time_cnn",
]

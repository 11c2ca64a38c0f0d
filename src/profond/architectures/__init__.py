"""Ready networks: what stands between the inputs and the outputs that the data dictate."""

from profond.architectures._lenet import lenet
from profond.architectures._mlp import mlp
from profond.architectures._residual_mlp import residual_mlp
from profond.architectures._resnet import resnet
from profond.architectures._resnet_sizes import resnet18, resnet20, resnet34

__all__ = ["lenet", "mlp", "residual_mlp", "resnet", "resnet18", "resnet20", "resnet34"]

"""Ready networks: what stands between the inputs and the outputs that the data dictate."""

from profond.architectures._mlp import mlp
from profond.architectures._residual_mlp import residual_mlp

__all__ = ["mlp", "residual_mlp"]

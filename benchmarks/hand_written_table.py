"""The estimators' default network for tables, and the best loop that one would write for it.

Numbers become waves of learned frequencies and a dense layer that all of them share, and places
between quantiles with a dense layer for each of them; codes become vectors, and dense layers with
SiLU and dropout follow. The recipe (`_recipe.py`) has the sizes.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own habit


class CosSin(torch.autograd.Function):
    """Cosines and sines side by side, whose gradient takes both from the output."""

    @staticmethod
    def forward(ctx: Any, angles: Tensor) -> Tensor:
        """Shape (..., 2 n) from (..., n)."""
        out = torch.cat([angles.cos(), angles.sin()], -1)
        ctx.save_for_backward(out)
        return out

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        """The gradient by the angles."""
        to_cos, to_sin = gradients[0].chunk(2, -1)
        cos, sin = ctx.saved_tensors[0].chunk(2, -1)
        return torch.addcmul(to_sin * cos, to_cos, sin, value=-1)


class CheapDropout(nn.Module):
    """Dropout from 16 random bits for each place, a fifth of the time of Bernoulli numbers."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.least = round(rate * 2**16) - 2**15
        self.factor = 1 / (1 - rate)

    def forward(self, x: Tensor) -> Tensor:
        """The input, with zeros in training."""
        if not self.training:
            return x
        bits = torch.empty(-(-x.numel() // 4), dtype=torch.int64).random_(-(2**63), None)
        kept = bits.view(torch.int16)[: x.numel()] >= self.least
        return x * kept.to(x.dtype).mul_(self.factor).view(x.shape)


class TableNet(nn.Module):
    """The network of a recipe; gives the last sums, and a regression's output.

    Args:
        recipe: Sizes and starts.
        dropout: Makes a dropout layer of a rate.
    """

    def __init__(self, recipe: Mapping[str, Any], dropout: Any = CheapDropout) -> None:
        super().__init__()
        self.numbers, self.codes = recipe["numbers"], list(recipe["codes"])
        self.plain = recipe["width"] - len(self.codes)
        waves = 2 * recipe["frequencies"]
        scale = recipe["frequency_scale"]
        self.frequency = nn.Parameter(scale * torch.randn(self.numbers, recipe["frequencies"]))
        self.shared = nn.Linear(waves, recipe["units"] - 1)  # starts as ours does
        edges = torch.tensor(recipe["bin_edges"])  # (numbers, bins + 1)
        width = edges[:, 1:] - edges[:, :-1]
        slope = torch.where(width > 0, 1 / width, 0.0)
        self.bins = nn.Parameter(torch.empty(*slope.shape, recipe["bin_units"]))
        self.bins_bias = nn.Parameter(torch.empty(self.numbers, recipe["bin_units"], 1))
        for one in (self.bins, self.bins_bias):
            nn.init.uniform_(one, -(slope.shape[1] ** -0.5), slope.shape[1] ** -0.5)
        # The outer bins go on.
        self.register_buffer("slope", slope)
        self.register_buffer("left", edges[:, :-1])
        self.register_buffer("low", torch.where(edges[:, :-1] <= edges[:, :1], -torch.inf, 0.0))
        self.register_buffer("high", torch.where(edges[:, 1:] >= edges[:, -1:], torch.inf, 1.0))
        features = (
            self.numbers * (recipe["units"] + recipe["bin_units"]) + self.plain - self.numbers
        )
        if self.codes:
            self.embeddings = nn.Embedding(sum(self.codes), recipe["code_units"])
            firsts = [sum(self.codes[:place]) for place in range(len(self.codes))]
            self.firsts = torch.tensor(firsts)
            with torch.no_grad():
                self.embeddings.weight.normal_(std=0.5)
                self.embeddings.weight[firsts] = 0.0
            features += len(self.codes) * recipe["code_units"]
        stack: list[nn.Module] = []
        for units in recipe["hidden"]:
            stack += [glorot(features, units), nn.SiLU(), dropout(recipe["dropout"])]
            features = units
        last = glorot(features, recipe["outputs"])
        with torch.no_grad():
            last.bias.copy_(torch.tensor(recipe["output_bias"]))
        stack.append(last)
        if recipe["output_activation"] == "relu":
            stack.append(nn.ReLU())
        self.stack = nn.Sequential(*stack)

    def forward(self, x: Tensor) -> Tensor:
        """The last sums of encoded columns, shape (batch, outputs)."""
        numbers = x[:, : self.numbers, None]  # (batch, numbers, 1)
        waves = CosSin.apply(numbers * (2 * math.pi * self.frequency))
        vectors = torch.cat([F.relu(self.shared(waves)), numbers], -1)
        places = ((numbers - self.left) * self.slope).clamp(self.low, self.high)
        # (numbers, units, batch), the fastest way round for so small products
        of_bins = torch.baddbmm(self.bins_bias, self.bins.mT, places.permute(1, 2, 0))
        of_bins = F.relu(of_bins.permute(2, 0, 1).contiguous())
        parts = [vectors.flatten(1), of_bins.flatten(1)]
        if self.plain > self.numbers:
            parts.append(x[:, self.numbers : self.plain])
        if self.codes:
            codes = x[:, self.plain :].long() + self.firsts
            parts.append(self.embeddings(codes).flatten(1))
        return self.stack(torch.cat(parts, 1) if len(parts) > 1 else parts[0])

    @torch.no_grad()
    def take(self, weights: Sequence[Any]) -> None:
        """Take over the weights of a `profond` network, in its order."""
        values = iter(torch.as_tensor(one) for one in weights)
        if self.codes:  # those of the table itself come before those of the numbers
            self.embeddings.weight.copy_(next(values))
        self.frequency.copy_(next(values))
        for place, linear in enumerate(
            [self.shared, *(part for part in self.stack if isinstance(part, nn.Linear))]
        ):
            linear.weight.copy_(next(values).t())
            linear.bias.copy_(next(values))
            if place == 0:
                self.bins.copy_(next(values))
                self.bins_bias.copy_(next(values).unsqueeze(-1))
                next(values)  # the edges are the recipe's


def glorot(before: int, after: int) -> nn.Linear:
    """A linear layer with Glorot's weights, as in Keras."""
    linear = nn.Linear(before, after)
    nn.init.xavier_uniform_(linear.weight)
    nn.init.zeros_(linear.bias)
    return linear


def loss_of(recipe: Mapping[str, Any]) -> nn.Module:
    """The loss of what `TableNet` gives."""
    losses = {
        "mean_squared_error": nn.MSELoss,
        "binary_crossentropy": nn.BCEWithLogitsLoss,
        "sparse_categorical_crossentropy": nn.CrossEntropyLoss,
    }
    return losses[recipe["loss"]]()


def decayed(name: str) -> bool:
    """Whether a parameter of `TableNet` is decayed: the matrices of dense layers are."""
    return name == "bins" or name.endswith("weight") and not name.startswith("embeddings")


def fit_table(
    net: TableNet, x: Tensor, y: Tensor, recipe: Mapping[str, Any], *, epochs: int
) -> list[float]:
    """AdamW on rows by index, loss and accuracy read once an epoch; returns the losses."""
    groups: list[dict[str, Any]] = [
        {"params": [p for name, p in net.named_parameters() if decayed(name) is which]}
        for which in (True, False)
    ]
    groups[1]["weight_decay"] = 0.0
    rates = recipe["optimizer"]
    optimizer = torch.optim.AdamW(
        groups,
        lr=rates["learning_rate"],
        betas=(rates["beta_1"], rates["beta_2"]),
        eps=rates["epsilon"],
        weight_decay=rates["weight_decay"],
        fused=True,
    )
    parameters = list(net.parameters())
    loss_function, classes = loss_of(recipe), recipe["loss"] != "mean_squared_error"
    history = []
    net.train()
    for _ in range(epochs):
        total, right = torch.zeros(()), torch.zeros(())
        for rows in torch.randperm(len(x)).split(recipe["batch_size"]):
            targets = y[rows]
            sums = net(x[rows])
            loss = loss_function(sums, targets)
            for parameter in parameters:  # `zero_grad` does more than this
                parameter.grad = None
            loss.backward()
            optimizer.step()
            with torch.no_grad():
                total += loss.detach() * len(rows)
                if classes:
                    chosen = sums.argmax(-1) if sums.shape[1] > 1 else sums > 0
                    right += (chosen == targets).sum()
        history.append((total / len(x)).item())
        (right / len(x)).item()
    return history

"""The best training loops that one would write by hand in plain torch: what `fit` is held to.

The same weights, order of rows, loss and measurements as `fit`: rows gathered by index, the
fused optimizer, loss and accuracy summed on the device and read once per epoch.
"""

import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812 - torch's own habit


def mlp(sizes: list[int]) -> nn.Sequential:
    """Linear layers with ReLU between them, Glorot's weights as in Keras."""
    layers: list[nn.Module] = []
    for before, after in zip(sizes, sizes[1:], strict=False):
        linear = nn.Linear(before, after)
        nn.init.xavier_uniform_(linear.weight)
        nn.init.zeros_(linear.bias)
        layers += [linear, nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def fit_classifier(
    net: nn.Module, x: torch.Tensor, y: torch.Tensor, *, epochs: int, batch_size: int
) -> list[float]:
    """Adam on the cross-entropy of one-hot targets; returns the loss of each epoch."""
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3, eps=1e-7, fused=True)
    history = []
    net.train()
    for _ in range(epochs):
        total = torch.zeros(())
        correct = torch.zeros(())
        for rows in torch.randperm(len(x)).split(batch_size):
            targets = y[rows]
            logits = net(x[rows])
            loss = F.cross_entropy(logits, targets)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            with torch.no_grad():
                total += loss.detach() * len(rows)
                correct += (logits.argmax(-1) == targets.argmax(-1)).sum()
        history.append((total / len(x)).item())
        (correct / len(x)).item()
    return history


def fit_with_data_loader(
    net: nn.Module, x: torch.Tensor, y: torch.Tensor, *, epochs: int, batch_size: int
) -> list[float]:
    """The loop of torch's tutorials: a `DataLoader`, `.item()` at each step."""
    from torch.utils.data import DataLoader, TensorDataset

    loader = DataLoader(TensorDataset(x, y), batch_size=batch_size, shuffle=True)
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3, eps=1e-7)
    history = []
    net.train()
    for _ in range(epochs):
        total, correct = 0.0, 0
        for inputs, targets in loader:
            logits = net(inputs)
            loss = F.cross_entropy(logits, targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(inputs)
            correct += (logits.argmax(-1) == targets.argmax(-1)).sum().item()
        history.append(total / len(x))
    return history


def predict_in_chunks(net: nn.Module, x: torch.Tensor, rows: int = 4096) -> torch.Tensor:
    """The outputs, chunk by chunk."""
    net.eval()
    with torch.inference_mode():
        return torch.cat([net(chunk) for chunk in x.split(rows)])

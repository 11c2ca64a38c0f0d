"""The networks for series in Keras, layer by layer after the descriptions in the papers."""

from typing import Any


def keras_network(keras: Any, name: str, shape: tuple[int, int], outputs: int) -> Any:
    """A Keras model with the layers of the paper."""
    x = keras.Input(shape)
    y = {
        "fcn": _fcn,
        "resnet1d": _resnet,
        "inception_time": _inception,
        "series_mlp": _mlp,
        "t_lenet": _t_lenet,
        "time_cnn": _time_cnn,
        "encoder": _encoder,
    }[name](keras, x)
    return keras.Model(x, keras.layers.Dense(outputs)(y))


def _conv_bn(keras: Any, x: Any, filters: int, size: int, bias: bool = True) -> Any:
    x = keras.layers.Conv1D(filters, size, padding="same", use_bias=bias)(x)
    return keras.layers.BatchNormalization()(x)


def _relu(keras: Any, x: Any) -> Any:
    return keras.layers.Activation("relu")(x)


def _fcn(keras: Any, x: Any) -> Any:
    for filters, size in ((128, 8), (256, 5), (128, 3)):
        x = _relu(keras, _conv_bn(keras, x, filters, size))
    return keras.layers.GlobalAveragePooling1D()(x)


def _resnet(keras: Any, x: Any) -> Any:
    for place, filters in enumerate((64, 128, 128)):
        h = _relu(keras, _conv_bn(keras, x, filters, 8))
        h = _relu(keras, _conv_bn(keras, h, filters, 5))
        h = _conv_bn(keras, h, filters, 3)
        if place < 2:
            shortcut = _conv_bn(keras, x, filters, 1)
        else:
            shortcut = keras.layers.BatchNormalization()(x)
        x = _relu(keras, keras.layers.add([shortcut, h]))
    return keras.layers.GlobalAveragePooling1D()(x)


def _inception(keras: Any, x: Any) -> Any:
    conv, begin = keras.layers.Conv1D, x
    for place in range(6):
        reduced = x
        if x.shape[-1] > 1:
            reduced = conv(32, 1, padding="same", use_bias=False)(x)
        parts = [conv(32, k, padding="same", use_bias=False)(reduced) for k in (40, 20, 10)]
        pooled = keras.layers.MaxPooling1D(3, strides=1, padding="same")(x)
        parts.append(conv(32, 1, padding="same", use_bias=False)(pooled))
        x = keras.layers.Concatenate()(parts)
        x = _relu(keras, keras.layers.BatchNormalization()(x))
        if place % 3 == 2:
            shortcut = _conv_bn(keras, begin, 128, 1, bias=False)
            x = begin = _relu(keras, keras.layers.add([shortcut, x]))
    return keras.layers.GlobalAveragePooling1D()(x)


def _mlp(keras: Any, x: Any) -> Any:
    x = keras.layers.Flatten()(x)
    for rate in (0.1, 0.2, 0.2):
        x = keras.layers.Dense(500, activation="relu")(keras.layers.Dropout(rate)(x))
    return keras.layers.Dropout(0.3)(x)


def _t_lenet(keras: Any, x: Any) -> Any:
    for filters, pool in ((5, 2), (20, 4)):
        x = keras.layers.Conv1D(filters, 5, padding="same", activation="relu")(x)
        x = keras.layers.MaxPooling1D(pool)(x)
    return keras.layers.Dense(500, activation="relu")(keras.layers.Flatten()(x))


def _time_cnn(keras: Any, x: Any) -> Any:
    padding = "same" if x.shape[1] < 60 else "valid"
    for filters in (6, 12):
        x = keras.layers.Conv1D(filters, 7, padding=padding, activation="sigmoid")(x)
        x = keras.layers.AveragePooling1D(3)(x)
    return keras.layers.Flatten()(x)


def _encoder(keras: Any, x: Any) -> Any:
    for place, (filters, size) in enumerate(((128, 5), (256, 11), (512, 21))):
        if place:
            x = keras.layers.MaxPooling1D(2)(x)
        x = keras.layers.Conv1D(filters, size, padding="same")(x)
        x = keras.layers.GroupNormalization(-1)(x)
        x = keras.layers.Dropout(0.2)(keras.layers.PReLU(shared_axes=[1])(x))
    weights = keras.ops.softmax(x[:, :, 256:], axis=1)
    x = keras.ops.sum(x[:, :, :256] * weights, axis=1)
    return keras.layers.LayerNormalization()(keras.layers.Dense(256, activation="sigmoid")(x))

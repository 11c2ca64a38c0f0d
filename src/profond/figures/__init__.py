"""Every picture of the notes, from real computation, on one's own data and model.

With those of a trained model on its test rows (`confusion_matrix`, `roc_curve`, `calibration`,
`residuals`, `comparison`, ...), of what its columns matter (`permutation_importance`,
`partial_dependence`), and of a table before any model (`columns_at_a_glance`). They take plain
arrays, tables and functions.

Each function takes data (arrays, DataFrames, a `Sequential`) and returns a
`matplotlib.figure.Figure`; pass `ax=` to draw into a figure of yours, `lang="fr"` for French
words. What moves is an `Animation` of such figures. Nothing is shown by itself:
`figure.savefig("picture.png")`, or leave the figure as the last line of a notebook cell (after
`%matplotlib inline`). The numbers behind a picture come from `numbers(figure)`.
"""

from profond.figures._activation_map import activation_map
from profond.figures._activations import activation_derivatives, activations
from profond.figures._animation import Animation
from profond.figures._approximation import approximation, approximation_fits, depth_or_width
from profond.figures._blur import blur
from profond.figures._calibration import calibration
from profond.figures._canvas import numbers
from profond.figures._class_activation import class_activation
from profond.figures._comparison import comparison
from profond.figures._confident import most_confident_errors
from profond.figures._confusion import confusion_matrix
from profond.figures._contour import descent_contour
from profond.figures._conv_network import conv_network
from profond.figures._conv_or_dense import conv_or_dense
from profond.figures._convolution_steps import convolution_animation, convolution_step
from profond.figures._curves import compare_curves, learning_curves
from profond.figures._dependence import Dependence, partial_dependence_of
from profond.figures._depth import gradient_depth, gradient_norms
from profond.figures._descent import descent, descent_rates
from profond.figures._dropout import dropout
from profond.figures._early_stopping import early_stopping
from profond.figures._equivariance import equivariance, equivariance_animation
from profond.figures._errors import predicted_against_true, residuals
from profond.figures._features import feature_maps, learned_filters
from profond.figures._glance import columns_at_a_glance
from profond.figures._image_channels import image_channels
from profond.figures._image_examples import image_examples
from profond.figures._importance import permutation_importance
from profond.figures._landscape import loss_slice
from profond.figures._linearity import identity_depth, linearity
from profond.figures._losses import logistic_loss, squared_error
from profond.figures._networks import network
from profond.figures._optimizers import optimizer_losses, optimizer_paths
from profond.figures._partial import partial_dependence
from profond.figures._penalty import penalty
from profond.figures._perceptron import perceptron
from profond.figures._pooling_steps import pooling_animation, pooling_step
from profond.figures._preparation import standardisation
from profond.figures._rates import learning_rate_sweep, rates_and_scores
from profond.figures._regression import loss_curve, scatter
from profond.figures._risk import overfit_curve, risks
from profond.figures._search import search_history, search_slices
from profond.figures._series_examples import series_examples, series_in_panels
from profond.figures._shuffling import permutation_importance_of
from profond.figures._starts import many_starts, teacher_problem
from profond.figures._statistics import Estimate, mean_band, mean_interval, share_interval
from profond.figures._threshold import precision_recall_curve, roc_curve
from profond.figures._worst import worst_errors

__all__ = [
    "Animation",
    "Dependence",
    "Estimate",
    "activation_derivatives",
    "activation_map",
    "activations",
    "approximation",
    "approximation_fits",
    "blur",
    "calibration",
    "class_activation",
    "columns_at_a_glance",
    "compare_curves",
    "comparison",
    "confusion_matrix",
    "conv_network",
    "conv_or_dense",
    "convolution_animation",
    "convolution_step",
    "depth_or_width",
    "descent",
    "descent_contour",
    "descent_rates",
    "dropout",
    "early_stopping",
    "equivariance",
    "equivariance_animation",
    "feature_maps",
    "gradient_depth",
    "gradient_norms",
    "identity_depth",
    "image_channels",
    "image_examples",
    "learned_filters",
    "learning_curves",
    "learning_rate_sweep",
    "linearity",
    "logistic_loss",
    "loss_curve",
    "loss_slice",
    "many_starts",
    "mean_band",
    "mean_interval",
    "most_confident_errors",
    "network",
    "numbers",
    "optimizer_losses",
    "optimizer_paths",
    "overfit_curve",
    "partial_dependence",
    "partial_dependence_of",
    "penalty",
    "perceptron",
    "permutation_importance",
    "permutation_importance_of",
    "pooling_animation",
    "pooling_step",
    "precision_recall_curve",
    "predicted_against_true",
    "rates_and_scores",
    "residuals",
    "risks",
    "roc_curve",
    "scatter",
    "search_history",
    "search_slices",
    "series_examples",
    "series_in_panels",
    "share_interval",
    "squared_error",
    "standardisation",
    "teacher_problem",
    "worst_errors",
]

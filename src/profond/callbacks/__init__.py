"""Callbacks: what is done while a model is trained, evaluated or used."""

from profond.callbacks._anneal_on_plateau import AnnealOnPlateau
from profond.callbacks._backup_and_restore import BackupAndRestore
from profond.callbacks._callback import Callback
from profond.callbacks._callback_list import CallbackList
from profond.callbacks._csv_logger import CSVLogger
from profond.callbacks._early_stopping import EarlyStopping
from profond.callbacks._history import History
from profond.callbacks._lambda_callback import LambdaCallback
from profond.callbacks._learning_rate_scheduler import LearningRateScheduler
from profond.callbacks._model_checkpoint import ModelCheckpoint
from profond.callbacks._monitor import MonitorCallback
from profond.callbacks._progbar_logger import ProgbarLogger
from profond.callbacks._reduce_lr_on_plateau import ReduceLROnPlateau
from profond.callbacks._swap_ema_weights import SwapEMAWeights
from profond.callbacks._tensorboard import TensorBoard
from profond.callbacks._terminate_on_nan import TerminateOnNaN

__all__ = [
    "AnnealOnPlateau",
    "BackupAndRestore",
    "CSVLogger",
    "Callback",
    "CallbackList",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "LearningRateScheduler",
    "ModelCheckpoint",
    "MonitorCallback",
    "ProgbarLogger",
    "ReduceLROnPlateau",
    "SwapEMAWeights",
    "TensorBoard",
    "TerminateOnNaN",
]

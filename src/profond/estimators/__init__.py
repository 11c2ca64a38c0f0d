"""Estimators per kind of data: preprocessing, network and training together."""

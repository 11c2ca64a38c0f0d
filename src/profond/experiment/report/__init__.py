"""The report of a run: one HTML page without anything from outside."""

from profond.experiment.report._page import report_html

__all__ = ["report_html"]

"""Labelled cases and the scores of predictions against them."""

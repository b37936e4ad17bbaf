"""Frames around a part of a page: chosen by a click, or folded."""

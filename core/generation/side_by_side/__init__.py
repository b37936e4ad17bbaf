"""Adapters of several fine-tunes beside each other on one loaded base."""

"""Stands before the tests' own brotli: who only runs the casebook has none, and starts faster without."""

raise ImportError

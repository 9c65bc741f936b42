"""Benchmarks beside their yardsticks: `python -m benchmarks [--large]`. docs/benchmarks.md explains each figure."""

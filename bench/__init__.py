"""The benchmarks: `make bench` prints one table of one run."""

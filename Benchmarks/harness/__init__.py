"""The benchmark harness.

It runs contestants in turn on one core, with the load on another, and judges ratios, because absolute times mean
nothing on shared machines. It is not a profiler, and it builds and installs nothing (`Benchmarks/setup` builds).
Python's standard library only.

From the ground up: machine (the cores, and whether they are quiet), process (what is started, and its cost), load
(wrk), contest (rounds in turn), judge (bounds), suites (what is measured), soak, report, main.
"""

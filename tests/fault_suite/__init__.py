"""The fault suite: real processes, bad weather, recorded histories, and a checker.

``make faults``; what it proves and what not is in ``docs/guarantees.md``.
"""

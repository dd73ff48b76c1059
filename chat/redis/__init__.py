"""Redis between the processes: the doorbell's lines, and one place where things are counted.

All of it may be lost, or stop to answer, at any time. Nobody who posts waits for it.
"""

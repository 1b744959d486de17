"""What does a replay look like?

panels   what is drawn of one symbol: bars, levels, events, as values
ticks    which moments are named below it
labels   where words find room
picture  the drawing itself, and the only place that knows matplotlib
"""

"""What does a replay look like, and what a message?

panels    what is drawn of one symbol's replay: bars, levels, events, as values
ticks     which moments are named below it
labels    where words find room
picture   the drawing of a replay
glances   what is drawn in a message, as values, and its words
sessions  the drawing of a message's picture
canvas    by whose settings both are drawn
"""

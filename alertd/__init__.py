"""What is alertd?

A daemon that sends a message when a price crosses a level.
"""

__version__ = "0.1.0"

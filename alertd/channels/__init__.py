"""How the user is reached: one file a channel, all of the shape `ports.Channel`."""

"""How is the user reached? One file a channel, all of the shape `ports.Channel`."""

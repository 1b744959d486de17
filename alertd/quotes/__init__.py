"""Where do prices come from? One file a source, all of the shape `ports.QuoteSource`."""

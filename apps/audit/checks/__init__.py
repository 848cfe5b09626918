"""One folder an area, one file a check; a new file is a new check."""

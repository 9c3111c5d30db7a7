"""What is measured: the catalogue, contribution sets, panes, sketches, windows and readers."""

"""What the R package calls; a Python user needs nothing from here."""

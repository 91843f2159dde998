"""Many invented complaints at once, for measuring pages at the size of a large organisation."""

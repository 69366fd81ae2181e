"""Jobs move a recording from stage to stage; the catalogue remembers."""

"""Who may play what, and what a player is given for pressing play."""

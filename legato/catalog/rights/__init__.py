"""Who may hear what, where and when."""

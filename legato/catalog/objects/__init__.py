"""What is stored, who refers to it, and when nobody does."""

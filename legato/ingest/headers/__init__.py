"""What the headers of masters say of themselves, before anything is decoded."""

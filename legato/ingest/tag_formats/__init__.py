"""Tags as each container keeps them, into one neutral form; in a process apart."""

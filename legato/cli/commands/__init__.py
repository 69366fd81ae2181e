"""The commands, as they are typed; what they do stands beside this folder."""

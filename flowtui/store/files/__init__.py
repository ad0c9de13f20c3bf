"""The file of a history: which one it is, whether it may be there, how it is opened, made and set aside."""

"""The chat of the Channels tutorial, as its documentation has it, to be measured against."""

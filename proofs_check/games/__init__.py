"""Game files, and a stand-alone checker of them."""

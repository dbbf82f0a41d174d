"""What all figures share: the protocol, the commands, the main job."""

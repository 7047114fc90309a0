"""What people do in the room: one folder for each thing."""

"""What a rep's contacts and states say together: occupancy, concurrency, and which state a rep is shown in."""

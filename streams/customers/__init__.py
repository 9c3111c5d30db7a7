"""What one customer's contacts say together: re-contacts and first contact resolution."""

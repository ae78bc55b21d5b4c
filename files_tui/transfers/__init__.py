"""What is moving: uploads, downloads and deletes as jobs of one queue."""

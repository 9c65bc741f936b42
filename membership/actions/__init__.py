"""What changes the register, one module per noun."""

"""The pages of plugins: one module for administrators, one for a program's managers, one for what shows elsewhere."""

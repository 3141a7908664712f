"""The clock: does what the rooms' ticks say is due, in any number of processes."""

"""What every room stands on: the base of rows, time, the working calendar, errors, audit, and what pages share."""

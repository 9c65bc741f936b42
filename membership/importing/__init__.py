"""From a register file's rows to members' values. Pure: no database, no clock."""

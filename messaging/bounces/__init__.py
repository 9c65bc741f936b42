"""The return mailbox: what came back, what was complained of, what answers itself, and what members wrote."""

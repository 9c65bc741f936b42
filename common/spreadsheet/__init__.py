"""Spreadsheets in and out: xlsx, xls, ods and csv become plain rows, and rows become files.

This file stays empty of imports: the child process that reads hostile files imports the package without Django.
"""

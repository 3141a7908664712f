"""The doors to exports: the files of a program, and the PDF behind a shared link."""

"""The press: a program of its own (`python press.py`) that sets one document in type. The one importer of typst.

In: `{"files": {name: text}, "root": …, "fonts": …, "timestamp": …}` as JSON; out: the PDF/UA-1. Alone in its
process, a document can hold nobody up, and what memory it took is free again afterwards.
"""

import json
import os
import resource
import sys

import typst

MOST_MEMORY = 4 * 1024**3  # of addresses; the largest volume takes about a quarter of it


def main():
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    os.nice(5)  # pages come first
    job = json.load(sys.stdin.buffer)
    pdf = typst.compile(
        {name: text.encode() for name, text in job["files"].items()},
        root=job["root"],
        font_paths=typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=[job["fonts"]]
        ),
        ignore_system_fonts=True,
        format="pdf",
        pdf_standards=["ua-1"],
        timestamp=job["timestamp"],
    )
    sys.stdout.buffer.write(pdf)


if __name__ == "__main__":
    main()

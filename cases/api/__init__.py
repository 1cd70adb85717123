"""The API: the casebook for programs, under /api/v1/. Public HTTP, read-only.

`asking` and `operations` say what can be asked, `shapes` and `answers` what is answered; `openapi` tells both
to programs and `manual` to people; `views` is the door.
"""

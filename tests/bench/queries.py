"""How many database queries each page needs: `queries.py PATH…` → {path: number} as JSON, on $DATA_DIR.

Of the second answer: the first one of a process also builds the index.
"""

import json
import os
import sys
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).parents[2]))
os.environ["DJANGO_SETTINGS_MODULE"] = "casebook.settings"
django.setup()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

client = Client(headers={"host": "127.0.0.1"})
counted = {}
for path in sys.argv[1:]:
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(path)
    assert answer.status_code == 200, path
    counted[path] = len(queries)
print(json.dumps(counted))

"""The pictures of /help/, made from the site itself: `.venv/bin/python -m tests.browser.help_pictures`."""

import os
import tempfile
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.served import ROOT, serving

from .chromium import find

WIDTH = 1_000
MOST = 60_000  # bytes of a picture
# name → address, where the picture begins, its height
PICTURES = {
    "entrance": ("/", ".crosstab", 560),
    "finder": ("/cases/?field=ibasho&tier=city_lt50k", "main h1", 620),
    "near": ("/near/?from=422118", "main h1", 620),
    "case": ("/cases/toba-ibasho/", "main h1", 620),
    "compare": ("/compare/?ids=toba-ibasho,goto-sodan", ".compare-scroll", 560),
}


def main():
    program = find()
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder)) as site,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=program.executable, args=program.args, env={**os.environ, **program.env}
        )
        page = browser.new_page(viewport={"width": WIDTH, "height": 900}, java_script_enabled=False)
        for name, (address, start, height) in PICTURES.items():
            page.goto(site.url + address)
            top = page.locator(start).first.bounding_box()["y"] - 16
            clip = {"x": 0, "y": top, "width": WIDTH, "height": height}
            _keep(page.screenshot(clip=clip, full_page=True), ROOT / f"static/help/{name}.webp")
        browser.close()


def _keep(png, path):
    content = BytesIO()
    Image.open(BytesIO(png)).convert("RGB").save(content, "WEBP", quality=70, method=6)
    if content.tell() > MOST:
        raise SystemExit(f"{path.name}: {content.tell()} bytes")
    path.write_bytes(content.getvalue())


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Runs the images of images.json under qemu-system-x86_64 and compares exit status and output.

    qemu-check.py [NAME…]      all that have not "qemu": false, or those named

What the guests take for granted is checked here against a machine that is not ours. README.md describes the manifest.
"""
import json
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SMALLEST = ["-M", "pc", "-accel", "tcg", "-nodefaults", "-display", "none", "-no-reboot", "-serial", "stdio",
            "-device", "isa-debug-exit,iobase=0xf4,iosize=4"]


def command(image):
    words = ["qemu-system-x86_64", *SMALLEST, "-m", str(image.get("memory", 128)), "-smp", str(image.get("cpus", 1))]
    words += ["-bios" if image.get("firmware") else "-kernel", os.path.join(HERE, image["file"])]
    if image.get("append"):
        words += ["-append", image["append"]]
    if image.get("modules"):
        words += ["-initrd", ",".join(os.path.join(HERE, module) for module in image["modules"])]
    return words + [word.replace("{images}", HERE) for word in image.get("arguments", [])]


def run(image):
    """Returns what is wrong, or None."""
    try:
        done = subprocess.run(command(image), input=image.get("stdin", "").encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=image.get("timeoutSeconds", 60), check=False)
    except subprocess.TimeoutExpired:
        return "did not end in time"
    output = done.stdout.decode(errors="replace")
    wrong = [line for line in output.splitlines() if line.startswith("FAIL")]
    expected = image.get("expectStatus", 1)
    if done.returncode != expected:
        wrong.append(f"exit status {done.returncode}, expected {expected}")
    wrong += [f"no \"{text}\" in the output" for text in image.get("expectOutput", []) if text not in output]
    return "; ".join(wrong) or None


def main():
    with open(os.path.join(HERE, "images.json"), encoding="utf-8") as file:
        images = json.load(file)
    names = sys.argv[1:]
    unknown = set(names) - {image["name"] for image in images}
    if unknown:
        sys.exit(f"qemu-check: no such image: {', '.join(sorted(unknown))}")
    failed = 0
    for image in images:
        if names and image["name"] not in names:
            continue
        if not image.get("qemu", True):
            print(f"skip  {image['name']}: {image['qemuReason']}")
            continue
        begin = time.monotonic()
        wrong = run(image)
        failed += wrong is not None
        print(f"{'ok   ' if wrong is None else 'FAIL '} {image['name']} ({time.monotonic() - begin:.1f} s){'' if wrong is None else ': ' + wrong}",
              flush=True)
    sys.exit(1 if failed else 0)


main()

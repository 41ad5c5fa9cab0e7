#!/usr/bin/env python3
"""Does what a page of documentation says, and compares what it shows.

    documentation_test.py PAGE.md SOURCE_DIR BUILD_DIR

The page's blocks are taken in order, in one scratch folder that looks like a checkout whose build/release is BUILD_DIR:

  <!-- file: PATH -->   before a block: the block is written to PATH
  ```console            lines that start with "$ " are run by bash; the lines after one are what it must print: each line
                        in this order, where "..." stands for anything, within a line or, alone, for any lines; blanks count as one

Commands that would build or test the whole project again, or clone it, are not run: CI runs those itself.
"""
import os
import re
import subprocess
import sys
import tempfile

NOT_RUN = ("./dev", "git clone", "cd leeward", "sudo ", "ctest", "cmake --preset")


def blocks(page):
    """Yields (kind, target file or None, list of lines)."""
    target, kind, lines = None, None, []
    for line in page.read().splitlines():
        if kind is None:
            if match := re.match(r"<!-- file: (\S+) -->", line):
                target = match.group(1)
            elif line.startswith("```"):
                kind, lines = line[3:].strip(), []
            elif line.strip():
                target = None
        elif line.startswith("```"):
            yield kind, target, lines
            target, kind = None, None
        else:
            lines.append(line)


def commands(lines):
    """Yields (command, expected lines) of a console block; a trailing backslash continues a command."""
    command, expected = None, []
    for line in lines:
        if line.startswith("$ "):
            if command is not None:
                yield command, expected
            command, expected = line[2:], []
        elif command is not None and command.endswith("\\"):
            command = command[:-1] + line
        elif command is not None:
            expected.append(line)
    if command is not None:
        yield command, expected


def agrees(expected, printed):
    """None if the expected lines appear in order, else the first that does not."""
    at, printed = 0, [" ".join(line.split()) for line in printed]
    for line in expected:
        if line.strip() in ("", "..."):
            continue
        pattern = re.compile(".*".join(re.escape(" ".join(part.split())) for part in line.split("...")))
        while at < len(printed) and not pattern.search(printed[at]):
            at += 1
        if at == len(printed):
            return line
        at += 1
    return None


def scratch_checkout(source, build):
    scratch = tempfile.mkdtemp(prefix="leeward-docs-")
    for name in os.listdir(source):
        if name not in ("build", ".git"):
            os.symlink(os.path.join(source, name), os.path.join(scratch, name))
    os.mkdir(os.path.join(scratch, "build"))
    os.symlink(build, os.path.join(scratch, "build", "release"))
    return scratch


def main(page, source, build):
    scratch = scratch_checkout(source, build)
    environment = {**os.environ, "PATH": os.path.join(build, "bin") + ":" + os.environ["PATH"], "HOME": scratch,
                   "NO_COLOR": "1"}
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        environment.pop(name, None)
    ran = 0
    with open(page, encoding="utf-8") as text:
        for kind, target, lines in blocks(text):
            if target:
                path = os.path.join(scratch, target)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "w", encoding="utf-8") as out:
                    out.write("\n".join(lines) + "\n")
            if kind != "console":
                continue
            for command, expected in commands(lines):
                if command.startswith(NOT_RUN):
                    continue
                done = subprocess.run(["bash", "-c", command], cwd=scratch, env=environment, text=True, timeout=120,
                                      stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                missing = agrees(expected, done.stdout.splitlines())
                if missing is not None or (done.returncode != 0 and not expected):
                    print(f"{page}: {command}\nexit status {done.returncode}; not printed: {missing!r}; it printed:\n{done.stdout}")
                    return 1
                ran += 1
    print(f"{page}: {ran} commands did as they say")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))

"""Validates bills of materials against CycloneDX' own schema: check-sboms.py FILE..."""

import sys
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

validator = JsonStrictValidator(SchemaVersion.V1_6)
failed = False
for path in map(Path, sys.argv[1:]):
    error = validator.validate_str(path.read_text())
    if error:
        # It begins with the whole text that is wrong.
        print(f"FAILED  {path}: …{str(error)[-300:]}")
        failed = True
print("" if failed else f"ok      {len(sys.argv) - 1} bills of materials")
sys.exit(failed)

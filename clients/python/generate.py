"""Makes what the package has of other parts of the repository: the gRPC stubs of the services' contracts, src/superbatch/<service>/v1/, and the digits of the
PyTorch trainer, src/superbatch/torch/data/. Needs grpcio-tools."""

import shutil
import sys
from pathlib import Path

from grpc_tools import protoc

HERE = Path(__file__).resolve().parent
PROTO = HERE.parent.parent / "proto"


def main() -> int:
    out = HERE / "src"
    files = [str(path) for path in sorted(PROTO.glob("superbatch/*/v1/*.proto"))]
    data = out / "superbatch" / "torch" / "data"
    data.mkdir(exist_ok=True)
    shutil.copyfile(HERE.parent.parent / "libs" / "training" / "data" / "digits.csv.gz", data / "digits.csv.gz")
    wellknown = Path(protoc.__file__).resolve().parent / "_proto"
    return protoc.main(
        ["protoc", f"-I{PROTO}", f"-I{wellknown}", f"--python_out={out}", f"--pyi_out={out}", f"--grpc_python_out={out}", *files]
    )


if __name__ == "__main__":
    sys.exit(main())

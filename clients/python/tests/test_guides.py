import re
import subprocess
import sys

from conftest import ROOT, unique


def test_the_python_guide_does_what_it_says(optimizer, capsys):
    text = (ROOT / "docs" / "guides" / "python.md").read_text()
    blocks = re.findall(r"```python\n(.*?)```", text, re.S)
    assert len(blocks) == 4
    exec(compile("\n".join(blocks).replace("127.0.0.1:7601", optimizer), "python.md", "exec"), {})
    printed = capsys.readouterr().out
    assert "study.spec.space.parameters[0].float.max" in printed and "completed" in printed


def test_the_pytorch_guide_trains(capsys):
    text = (ROOT / "docs" / "guides" / "pytorch-fleet.md").read_text()
    [block] = re.findall(r"```python\n(.*?)```", text, re.S)
    exec(compile(block, "pytorch-fleet.md", "exec"), {})
    validation_error, test_error = map(float, capsys.readouterr().out.split()[:2])
    assert validation_error < 0.5 and test_error < 0.5


def test_the_example_of_a_fleet_creates_a_study_that_the_trainer_works_off(optimizer, capsys):
    name = unique("fleet")
    program = [sys.executable, str(ROOT / "examples" / "07-pytorch-fleet" / "study.py"), "--address", optimizer, "--dataset", "digits"]
    trainer = [sys.executable, "-m", "superbatch.torch", "--optimizer-address", optimizer, "--threads", "1", "--device", "cpu"]
    with subprocess.Popen(trainer) as fleet:
        shown = subprocess.run([*program, "--name", name, "--trials", "2"], check=True, capture_output=True, text=True, timeout=300).stdout
        fleet.terminate()
    assert "trial 1 by" in shown and "trial 2 by" in shown and "learning_rate" in shown

import re

from conftest import ROOT


def test_the_python_guide_does_what_it_says(optimizer, capsys):
    text = (ROOT / "docs" / "guides" / "python.md").read_text()
    blocks = re.findall(r"```python\n(.*?)```", text, re.S)
    assert len(blocks) == 4
    exec(compile("\n".join(blocks).replace("127.0.0.1:7601", optimizer), "python.md", "exec"), {})
    printed = capsys.readouterr().out
    assert "study.spec.space.parameters[0].float.max" in printed and "completed" in printed

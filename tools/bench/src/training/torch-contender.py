"""The same networks in PyTorch: torch-contender.py NETWORK BATCH THREADS LAYOUT. See protocol.ts."""

import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

network, batch, threads, layout = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
torch.set_num_threads(threads)
torch.manual_seed(0)


def convolution(inputs, outputs, stride=1):
    return nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)


class SmallCnn(nn.Module):
    """libs/training/src/architecture/small-cnn.ts"""

    def __init__(self):
        super().__init__()
        channels = [3, 32, 64, 128]
        self.convolutions = nn.ModuleList(convolution(a, b) for a, b in zip(channels, channels[1:]))
        self.norms = nn.ModuleList(nn.BatchNorm2d(c) for c in channels[1:])
        self.logits = nn.Linear(128, 10)

    def forward(self, x):
        for i, (convolve, norm) in enumerate(zip(self.convolutions, self.norms)):
            if i > 0:
                x = F.max_pool2d(x, 2)
            x = F.relu(norm(convolve(x)), inplace=True)
        return self.logits(x.mean((2, 3)))


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.first, self.second = convolution(inputs, outputs, stride), convolution(outputs, outputs)
        self.first_norm, self.second_norm = nn.BatchNorm2d(outputs), nn.BatchNorm2d(outputs)
        self.stride, self.missing = stride, outputs - inputs

    def forward(self, x):
        y = F.relu(self.first_norm(self.first(x)), inplace=True)
        y = self.second_norm(self.second(y))
        if self.stride > 1:
            x = F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.missing))
        return F.relu(y + x, inplace=True)


class Resnet(nn.Module):
    """libs/training/src/architecture/resnet.ts: shortcuts without parameters"""

    def __init__(self, depth):
        super().__init__()
        blocks, inputs, stages = (depth - 2) // 6, 16, []
        for outputs in (16, 32, 64):
            for _ in range(blocks):
                stages.append(Block(inputs, outputs, 1 if inputs == outputs else 2))
                inputs = outputs
        self.stem, self.norm = convolution(3, 16), nn.BatchNorm2d(16)
        self.stages, self.logits = nn.Sequential(*stages), nn.Linear(64, 10)

    def forward(self, x):
        x = self.stages(F.relu(self.norm(self.stem(x)), inplace=True))
        return self.logits(x.mean((2, 3)))


model = SmallCnn() if network == "small_cnn" else Resnet(int(network.removeprefix("resnet")))
images = torch.randn(batch, 3, 32, 32)
labels = torch.randint(0, 10, (batch,))
if layout == "channels_last":
    model = model.to(memory_format=torch.channels_last)
    images = images.to(memory_format=torch.channels_last)
optimizer = torch.optim.SGD(model.parameters(), 0.01, momentum=0.9, weight_decay=1e-4)


def step():
    optimizer.zero_grad()
    F.cross_entropy(model(images), labels).backward()
    optimizer.step()


for _ in range(3):
    step()
print("ready", flush=True)
for line in sys.stdin:
    if line.startswith("profile"):
        print("null", flush=True)
        continue
    seconds = float(line.split()[1])
    start = time.perf_counter()
    samples = 0
    while True:
        step()
        samples += batch
        elapsed = time.perf_counter() - start
        if elapsed >= seconds:
            break
    print(samples, elapsed, flush=True)

"""One epoch of the digits readout, and of the model trained whole, against PyTorch doing the same on the CPU.

Run from a clone where PyTorch is installed: ``python -m tests.benchmarks.compare_torch``. Both sides: double precision, S4D-Lin
with 64 states, last state, softmax, Adam, batches of 50, 1400 digits; ratios of the medians of alternating runs.
"""

import time

import numpy as np
import torch

import lssm
from lssm.training import LinearReadout, TrainedSSM

EPOCHS, BATCH = 10, 50
HALF, STEP = 32, 1 / 32


class TorchS4D(torch.nn.Module):
    """The same model: kernel of the last state, features ``√2 (Re x, Im x)``, linear readout."""

    def __init__(self):
        super().__init__()
        self.log_A_real = torch.nn.Parameter(torch.full((HALF,), np.log(0.5), dtype=torch.float64))
        self.A_imag = torch.nn.Parameter(torch.pi * torch.arange(HALF, dtype=torch.float64))
        self.log_dt = torch.nn.Parameter(torch.tensor(np.log(STEP)))
        self.B = torch.nn.Parameter(torch.ones(HALF, dtype=torch.complex128))
        self.readout = torch.nn.Linear(2 * HALF, 10, dtype=torch.float64)

    def features(self, u):
        """States at the last step, by one matrix product with the kernel."""
        a = -torch.exp(self.log_A_real) + 1j * self.A_imag
        log = a * torch.exp(self.log_dt)
        b = 2**0.5 * self.B * (torch.exp(log) - 1) / a
        delays = torch.arange(u.shape[1] - 1, -1, -1, dtype=torch.float64)
        table = torch.exp(delays[:, None] * log) * b
        return torch.cat([u @ table.real, u @ table.imag], 1)

    def forward(self, u):
        """Scores."""
        return self.readout(self.features(u))


def torch_epochs(u, z, *, trained):
    """As many epochs as the other side."""
    model = TorchS4D()
    parameters = model.parameters() if trained else model.readout.parameters()
    optimiser, loss = torch.optim.Adam(parameters, lr=1e-2), torch.nn.CrossEntropyLoss()
    with torch.no_grad():
        fixed = model.features(u)
    for _ in range(EPOCHS):
        order = torch.randperm(len(u))
        for start in range(0, len(u), BATCH):
            rows = order[start : start + BATCH]
            optimiser.zero_grad()
            scores = model(u[rows]) if trained else model.readout(fixed[rows])
            loss(scores, z[rows]).backward()
            optimiser.step()
        with torch.no_grad():
            loss(model(u) if trained else model.readout(fixed), z)


def our_epochs(u, z, *, trained):
    """Features, epochs, and the loss after each."""
    options = {"loss": "softmax", "batch": BATCH, "epochs": EPOCHS, "rng": 0}
    if trained:
        start = lssm.parameterisations.S4D(np.full(HALF, np.log(0.5)), np.pi * np.arange(HALF), np.log(STEP))
        return TrainedSSM(start, rates=1e-2, **options).fit(u, z)
    poles = lssm.spectra.s4d_lin(order=2 * HALF, step=STEP)
    return LinearReadout(poles, method="adam", penalty=0.0, rate=1e-2, **options).fit(u, z)


def seconds(run, *arguments, **options):
    """Time of one call."""
    start = time.perf_counter()
    run(*arguments, **options)
    return time.perf_counter() - start


if __name__ == "__main__":
    task = lssm.tasks.digits().taken(slice(1400))
    u, z = torch.tensor(task.u), torch.tensor(task.z)
    for threads in (1, torch.get_num_threads()):
        torch.set_num_threads(threads)
        for trained in (False, True):
            ours, theirs = [], []
            for _ in range(7):
                ours.append(seconds(our_epochs, task.u, task.z, trained=trained))
                theirs.append(seconds(torch_epochs, u, z, trained=trained))
            one, other = np.median(ours[1:]) / EPOCHS, np.median(theirs[1:]) / EPOCHS
            what = "trained whole" if trained else "readout"
            print(
                f"{what}, torch threads {threads}: {1e3 * one:.1f} ms an epoch, PyTorch {1e3 * other:.1f} ms, "
                f"ratio {other / one:.2f}"
            )
